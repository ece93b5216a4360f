/* Each kind but floods and destinations, with the trap that must not fool it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "postfix/log_line.h"
#include "watch/incidents/incidents_test_world.h"

static void none(const struct world *world, enum incident_kind kind)
{
	const struct incident *incident = world_find(world, kind);

	if (incident != NULL)
		fail_msg("%s: %s", incident_kind_name(kind), incident->title);
}

static void total(struct world *world, uint32_t received, uint32_t delivered, uint32_t deferred)
{
	world_count(world, RATE_TOTAL, "", received, delivered, deferred, 0);
	world_count(world, RATE_DOMAIN, "there.example", 0, delivered, 0, 0);
}

/* ---- Our reputation ---- */

static void test_two_providers_refuse_us(void **state)
{
	struct world *world = *state;

	world_provider(world, "bigmail.example", "blocklist-spamhaus", 20);
	world_provider(world, "outmail.example", "microsoft-blocked", 20);
	world_domain(world, "bigmail.example", "blocklist-spamhaus", 20);
	world_cause(world, "blocklist-spamhaus", 20, 1);
	world_cause(world, "microsoft-blocked", 20, 1);
	for (int i = 0; i < 3; i++) {
		world_count(world, RATE_CAUSE, "blocklist-spamhaus", 0, 0, 5, 0);
		world_count(world, RATE_DOMAIN, "bigmail.example", 0, 0, 5, 0);
		world_minute(world);
	}
	assert_string_equal(world_expect(world, INCIDENT_REPUTATION)->filter,
	    "(cause:=blocklist-spamhaus or cause:=microsoft-blocked)");
	assert_int_equal(world_expect(world, INCIDENT_REPUTATION)->messages, 40);
	/* The refusals are its symptoms. */
	assert_int_equal(world_expect(world, INCIDENT_DESTINATION)->caused_by,
	    world_expect(world, INCIDENT_REPUTATION)->id);
}

static void test_one_providers_limit_is_no_reputation(void **state)
{
	struct world *world = *state;

	world_provider(world, "bigmail.example", "google-rate", 200);
	world_provider(world, "outmail.example", "google-reputation", 50);
	world_provider(world, "small.example", "blocklist-other", 2);
	world_cause(world, "google-rate", 200, 1);
	world_cause(world, "google-reputation", 50, 1);
	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_CAUSE, "google-rate", 0, 0, 20, 0);
		world_count(world, RATE_CAUSE, "google-reputation", 0, 0, 20, 0);
		world_minute(world);
	}
	none(world, INCIDENT_REPUTATION);
}

/* ---- Name service ---- */

/* One refuses us for good, in such words; at two hundred others something else fails once. */
static void test_one_that_refuses_is_no_reputation(void **state)
{
	struct world *world = *state;
	char host[40];

	for (int i = 0; i < 200; i++) {
		snprintf(host, sizeof(host), "mx.other%d.example", i);
		world_count(world, RATE_REMOTE_HOST, host, 0, 0, 1, 0);
	}
	world_count(world, RATE_REMOTE_HOST, "mx.refuses.example", 0, 0, 0, 30);
	world_count(world, RATE_CAUSE, "blocklist-spamhaus", 0, 0, 0, 30);
	world_minutes(world, 3);
	none(world, INCIDENT_REPUTATION);
}

static void test_many_domains_at_once(void **state)
{
	struct world *world = *state;

	world_cause(world, "dns-timeout", 3, 3);
	total(world, 10, 10, 0);
	world_minutes(world, 5);
	none(world, INCIDENT_NAME_SERVICE);
	world_empty(world);
	world_cause(world, "dns-timeout", 60, 45);
	world_domain(world, "a.example", "dns-timeout", 10);
	for (int i = 0; i < 3; i++) {
		total(world, 10, 5, 20);
		world_count(world, RATE_CAUSE, "dns-timeout", 0, 0, 20, 0);
		world_count(world, RATE_DOMAIN, "a.example", 0, 0, 5, 0);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_NAME_SERVICE)->severity, INCIDENT_ACT);
	assert_int_equal(world_expect(world, INCIDENT_DESTINATION)->caused_by,
	    world_expect(world, INCIDENT_NAME_SERVICE)->id);
}

/* Domains that died one by one over weeks are tried all the time. */
static void test_dead_domains_are_no_name_service(void **state)
{
	struct world *world = *state;

	world_cause(world, "dns-timeout", 90, 45);
	for (int i = 0; i < 60; i++) {
		total(world, 10, 40, 10);
		world_count(world, RATE_CAUSE, "dns-timeout", 0, 0, 10, 0);
		world_minute(world);
	}
	none(world, INCIDENT_NAME_SERVICE);
}

/* ---- Own services ---- */

static void test_a_filter_that_is_down(void **state)
{
	struct world *world = *state;
	const struct incident *down;

	world_host(world, "127.0.0.1", "local-service-down", 12);
	world_cause(world, "local-service-down", 12, 7);
	for (int i = 0; i < 16; i++) {
		total(world, 10, 0, 10);
		world_count(world, RATE_CAUSE, "local-service-down", 0, 0, 10, 0);
		world_minute(world);
	}
	down = world_expect(world, INCIDENT_LOCAL_SERVICE);
	assert_string_equal(down->title, "A server of your own does not answer: 127.0.0.1");
	assert_int_equal(down->severity, INCIDENT_ACT);
	/* That nothing is delivered is its symptom. */
	world->facts.counts[QUEUE_DEFERRED] = 12;
	world_count(world, RATE_CAUSE, "local-service-down", 0, 0, 10, 0);
	world_minute(world);
	assert_int_equal(world_expect(world, INCIDENT_NOTHING_DELIVERED)->caused_by, down->id);
}

static void filter_minute(struct world *world, uint32_t messages)
{
	world_empty(world);
	world_host(world, "127.0.0.1", "local-service-down", messages);
	world_cause(world, "local-service-down", messages, 1);
	world_count(world, RATE_CAUSE, "local-service-down", 0, 0, messages, 0);
	world_minute(world);
}

/* Less keeps it open than opens it, and what is quiet is opened again by as much as the first time.
 */
static void test_a_filter_that_was_down(void **state)
{
	struct world *world = *state;

	filter_minute(world, 12);
	for (int i = 0; i < 12; i++)
		filter_minute(world, 1);
	assert_int_equal(world_expect(world, INCIDENT_LOCAL_SERVICE)->state, INCIDENT_OPEN);
	world_empty(world);
	world_minutes(world, 18);
	assert_int_equal(world_expect(world, INCIDENT_LOCAL_SERVICE)->state, INCIDENT_QUIET);
	filter_minute(world, 1);
	filter_minute(world, 1);
	assert_int_equal(world_expect(world, INCIDENT_LOCAL_SERVICE)->state, INCIDENT_QUIET);
	filter_minute(world, 3);
	assert_int_equal(world_expect(world, INCIDENT_LOCAL_SERVICE)->state, INCIDENT_OPEN);
}

static void test_a_filter_that_takes_others(void **state)
{
	struct world *world = *state;

	world_host(world, "127.0.0.1", "content-filter-error", 5);
	world_cause(world, "content-filter-error", 5, 5);
	for (int i = 0; i < 16; i++) {
		world_count(world, RATE_CAUSE, "content-filter-error", 0, 0, 1, 0);
		world_count(world, RATE_REMOTE_HOST, "127.0.0.1", 0, 20, 1, 0);
		world_minute(world);
	}
	none(world, INCIDENT_LOCAL_SERVICE);
}

static void test_deliveries_that_hang(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 12; i++) {
		total(world, 10, 0, 0);
		world->facts.counts[QUEUE_ACTIVE] = 10 * i;
		world_minute(world);
	}
	assert_string_equal(world_expect(world, INCIDENT_LOCAL_SERVICE)->filter, "queue:active");
}

static void test_a_flush_is_no_stall(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 12; i++) {
		total(world, 10, 0, 300);
		world->facts.counts[QUEUE_ACTIVE] = 1000 + 100 * i;
		world_minute(world);
	}
	none(world, INCIDENT_LOCAL_SERVICE);
}

/* ---- The spool ---- */

static void test_the_spool_runs_full(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 120 && world_find(world, INCIDENT_SPOOL_FULL) == NULL; i++) {
		world->facts.spool_bytes_free -= INT64_C(256) << 20;
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_SPOOL_FULL)->severity, INCIDENT_ACT);
	assert_true(world->facts.spool_bytes_free > INT64_C(10) << 30);
}

static void test_little_room_is_told_at_once(void **state)
{
	struct world *world = *state;

	world->facts.queue_minfree = 100 << 20;
	world->facts.spool_bytes_free = 150 << 20;
	world->facts.spool_inodes_free = 100;
	world_minute(world);
	assert_int_equal(world_open_count(world, INCIDENT_SPOOL_FULL), 2);
}

/* Logs fill a third of the disk in two hours, again and again. */
static void test_a_rotated_log_does_not_fill_the_spool(void **state)
{
	struct world *world = *state;

	world->facts.spool_bytes_free = INT64_C(40) << 30;
	for (int i = 0; i < 1440; i++) {
		world->facts.spool_bytes_free =
		    (INT64_C(40) << 30) - (i % 120) * (INT64_C(256) << 20);
		world_minute(world);
		/* The first tooth looks like an end; nobody can know better. */
		if (i > 240)
			none(world, INCIDENT_SPOOL_FULL);
	}
}

/* ---- Postfix ---- */

#define THROTTLED "warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling"

static void test_a_service_that_does_not_start(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 3; i++) {
		world_problem(world, "smtpd", LOG_FATAL_LINE,
		    "fatal: open database /etc/postfix/x.db: No such file or directory");
		world_problem(world, "master", LOG_WARNING_LINE, THROTTLED);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_POSTFIX), 2);
	for (size_t i = 0; i < incidents_count(world->incidents); i++) {
		const struct incident *incident = incidents_at(world->incidents, i);
		/* The table is why; that it is throttled, a symptom. */
		assert_int_equal(incident->caused_by != 0, strcmp(incident->key, "smtpd") == 0);
		assert_int_equal(incident->since, WORLD_START);
	}
	world_minutes(world, 11);
	assert_int_equal(world_open_count(world, INCIDENT_POSTFIX), 0);
}

static void test_one_bad_line_is_an_accident(void **state)
{
	struct world *world = *state;

	world_problem(world, "master", LOG_WARNING_LINE, THROTTLED);
	world_problem(world, "smtp", LOG_FATAL_LINE, "fatal: a test");
	/* What strangers put into headers is no complaint, whatever it says. */
	for (int i = 0; i < 5; i++)
		world_problem(world, "cleanup", LOG_WARNING_LINE,
		    "warning: header Subject: hash:/etc/aliases lookup error -- throttling");
	world_minutes(world, 3);
	none(world, INCIDENT_POSTFIX);
}

/* What we hold back ourselves is nobody's trouble: not its destination's, not a service's, also
 * when somebody flushes, and the queue manager warns of a transport that is not there. */
static void test_a_pause_is_no_incident(void **state)
{
	struct world *world = *state;

	world->facts.counts[QUEUE_DEFERRED] = world->facts.messages = 500;
	world_domain(world, "big.example", "paused", 500);
	world_host(world, "mx.big.example", "paused", 500);
	world_provider(world, "big.example", "paused", 500);
	world_cause(world, "paused", 500, 1);
	for (int i = 0; i < 30; i++) {
		total(world, 10, 0, 60);
		world_count(world, RATE_DOMAIN, "big.example", 10, 0, 60, 0);
		world_count(world, RATE_CAUSE, "deferred-by-configuration", 0, 0, 40, 0);
		world_count(world, RATE_CAUSE, "transport-unavailable", 0, 0, 20, 0);
		world_problem(world, "qmgr", LOG_WARNING_LINE,
		    "warning: connect to transport private/postroom-pause: No such file or "
		    "directory");
		world_minute(world);
		world->facts.problem_count = 0;
	}
	assert_int_equal(incidents_count(world->incidents), 0);
}

static void test_postfix_is_down(void **state)
{
	struct world *world = *state;

	world->facts.postfix_running = 0;
	world->facts.counts[QUEUE_MAILDROP] = 3;
	world->facts.oldest[QUEUE_MAILDROP] = WORLD_START;
	world_minutes(world, 7);
	assert_string_equal(world_expect(world, INCIDENT_POSTFIX)->title, "Postfix does not run");
	assert_int_equal(world_expect(world, INCIDENT_INCOMING_OLD)->caused_by,
	    world_expect(world, INCIDENT_POSTFIX)->id);
}

/* ---- Mail that should not be ---- */

static void test_a_loop(void **state)
{
	struct world *world = *state;

	world->repeats[0] = (struct incident_repeat){
	    SLICE("<1@host.example>"), SLICE("robot@host.example"), 40, true};
	world->facts.repeat_count = 1;
	world_minute(world);
	assert_string_equal(world_expect(world, INCIDENT_LOOP)->filter, "from:=robot@host.example");
}

/* Two programs that answer each other; alarms go one way only. */
static void test_a_pair_must_answer(void **state)
{
	struct world *world = *state;

	world->repeats[0] = (struct incident_repeat){
	    SLICE("a@x.example b@y.example"), SLICE("a@x.example"), 40, false};
	world->facts.repeat_count = 1;
	world_minute(world);
	none(world, INCIDENT_LOOP);
	world->repeats[1] = (struct incident_repeat){
	    SLICE("b@y.example a@x.example"), SLICE("b@y.example"), 40, false};
	world->facts.repeat_count = 2;
	world_minute(world);
	assert_string_equal(
	    world_expect(world, INCIDENT_LOOP)->filter, "from:=a@x.example or from:=b@y.example");
}

static void test_hop_counts_are_a_loop(void **state)
{
	struct world *world = *state;

	world_count(world, RATE_CAUSE, "mail-loop-there", 0, 0, 0, 4);
	world_minute(world);
	none(world, INCIDENT_LOOP);
	world_count(world, RATE_CAUSE, "mail-loop-there", 0, 0, 0, 4);
	world_minute(world);
	world_expect(world, INCIDENT_LOOP);
}

static void test_backscatter(void **state)
{
	struct world *world = *state;

	world->facts.null_sender_domains = 40;
	for (int i = 0; i < 10; i++) {
		total(world, 20, 15, 5);
		world_count(world, RATE_SENDER, "<>", 10, 5, 3, 2);
		world_minute(world);
	}
	assert_string_equal(world_expect(world, INCIDENT_BACKSCATTER)->filter, "from:<>");
}

/* Absence replies go to many, and arrive. */
static void test_holidays_are_no_backscatter(void **state)
{
	struct world *world = *state;

	world->facts.null_sender_domains = 40;
	for (int i = 0; i < 30; i++) {
		total(world, 20, 20, 1);
		world_count(world, RATE_SENDER, "<>", 12, 12, 1, 0);
		world_minute(world);
	}
	none(world, INCIDENT_BACKSCATTER);
}

/* Notices of an old flood are tried for days; what comes now arrives. */
static void test_old_notices_are_no_backscatter(void **state)
{
	struct world *world = *state;

	world->facts.null_sender_domains = 40;
	for (int i = 0; i < 30; i++) {
		total(world, 20, 20, 8);
		world_count(world, RATE_SENDER, "<>", 12, 12, 8, 0);
		world_minute(world);
	}
	none(world, INCIDENT_BACKSCATTER);
}

/* ---- Queues ---- */

static void test_much_is_about_to_expire(void **state)
{
	struct world *world = *state;

	world->facts.expiring = 15;
	world_minutes(world, 60);
	none(world, INCIDENT_EXPIRING);
	world->facts.expiring = 80;
	world_minute(world);
	assert_string_equal(world_expect(world, INCIDENT_EXPIRING)->title,
	    "80 messages will be returned within 6 h");
	world->facts.expiring = 3;
	world_minutes(world, 40);
	none(world, INCIDENT_EXPIRING);
}

static void test_nothing_is_delivered(void **state)
{
	struct world *world = *state;

	world->facts.counts[QUEUE_DEFERRED] = 50;
	for (int i = 0; i < 16; i++) {
		total(world, 1, 0, 3);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_NOTHING_DELIVERED)->severity, INCIDENT_ACT);
	total(world, 1, 1, 3);
	world_minutes(world, 8);
	assert_int_equal(world_expect(world, INCIDENT_NOTHING_DELIVERED)->state, INCIDENT_QUIET);
}

/* At night the few dead domains are tried again, and nobody writes. */
/* A night in which all that is tried is refused because of our address. */
static void test_nothing_is_delivered_on_a_blocklist(void **state)
{
	struct world *world = *state;

	world->facts.counts[QUEUE_DEFERRED] = 50;
	for (int i = 0; i < 16; i++) {
		total(world, 1, 0, 8);
		world_count(world, RATE_CAUSE, "blocklist-spamhaus", 0, 0, 4, 0);
		world_count(world, RATE_CAUSE, "microsoft-blocked", 0, 0, 3, 0);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_NOTHING_DELIVERED)->caused_by,
	    world_expect(world, INCIDENT_REPUTATION)->id);
}

static void test_a_quiet_night_is_no_trouble(void **state)
{
	struct world *world = *state;

	world->facts.counts[QUEUE_DEFERRED] = 50;
	for (int i = 0; i < 120; i++) {
		total(world, 0, 0, i % 4);
		world_count(world, RATE_DOMAIN, "dead.example", 0, 0, i % 4, 0);
		world_minute(world);
	}
	none(world, INCIDENT_NOTHING_DELIVERED);
}

static void test_incoming_is_not_taken(void **state)
{
	struct world *world = *state;

	/* A re-queued message is old, and taken at once. */
	for (int i = 0; i < 10; i++) {
		world->facts.counts[QUEUE_INCOMING] = 4;
		world->facts.oldest[QUEUE_INCOMING] = WORLD_START - 86400 + i;
		world_minute(world);
	}
	none(world, INCIDENT_INCOMING_OLD);
	world_minutes(world, 6);
	assert_string_equal(world_expect(world, INCIDENT_INCOMING_OLD)->filter, "queue:incoming");
	/* A full active queue is why. */
	world->facts.counts[QUEUE_ACTIVE] = 19900;
	total(world, 10, 10, 10);
	world_minute(world);
	assert_int_equal(world_expect(world, INCIDENT_INCOMING_OLD)->caused_by,
	    world_expect(world, INCIDENT_ACTIVE_FULL)->id);
}

static void test_held_and_forgotten(void **state)
{
	struct world *world = *state;

	world->facts.held_long = 3;
	world_minute(world);
	assert_int_equal(world_expect(world, INCIDENT_HELD_FORGOTTEN)->severity, INCIDENT_NOTE);
	/* A source that fails does not release anything. */
	world->facts.queue_known = false;
	world->facts.held_long = -1;
	world_minutes(world, 60);
	assert_int_equal(world_expect(world, INCIDENT_HELD_FORGOTTEN)->state, INCIDENT_OPEN);
	assert_string_equal(world_expect(world, INCIDENT_BLIND)->key, "queue");
}

/* ---- Blind ---- */

static void test_blind(void **state)
{
	struct world *world = *state;

	world->notices[0] = (struct incident_notice){SLICE("helper_unavailable"), SLICE("error"),
	    SLICE("The helper does not run."), SLICE("systemctl restart postroom"), WORLD_START};
	world->facts.notice_count = 1;
	world->facts.queue_known = false;
	world_minute(world);
	assert_int_equal(world_open_count(world, INCIDENT_BLIND), 1);
	assert_string_equal(world_expect(world, INCIDENT_BLIND)->text,
	    "The helper does not run. systemctl restart postroom");
}

/* One that hangs, and one that ends as often as it is started: at first it may be a restart. */
static void test_a_part_that_does_not_run(void **state)
{
	static const struct {
		const char *code;
		enum incident_severity severity;
	} parts[] = {
	    {"reader_unavailable", INCIDENT_ACT}, {"logreader_unavailable", INCIDENT_WATCH}};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		world_close(world);
		world_open(world);
		world->notices[0] = (struct incident_notice){.code = slice_of(parts[i].code),
		    .severity = SLICE("warning"),
		    .text = SLICE("It does not answer."),
		    .since = world->now - 10};
		world->facts.notice_count = 1;
		world->facts.now = world->now;
		incidents_turn(world->incidents, &world->facts);
		none(world, INCIDENT_BLIND);
		world_minute(world);
		assert_string_equal(world_expect(world, INCIDENT_BLIND)->key, parts[i].code);
		assert_int_equal(world_expect(world, INCIDENT_BLIND)->severity, parts[i].severity);
	}
}

static void test_a_restart_is_not_blindness(void **state)
{
	struct world *world = *state;

	world->facts.queue_known = world->facts.log_known = false;
	world->now += 40;
	world_minute(world);
	none(world, INCIDENT_BLIND);
	world->facts.queue_known = world->facts.log_known = true;
	world_minute(world);
	/* Lines of tomorrow: somebody's clock is wrong. */
	world->facts.log_newest = world->now + 86400;
	world->facts.now = world->now;
	incidents_turn(world->incidents, &world->facts);
	assert_string_equal(world_expect(world, INCIDENT_BLIND)->key, "clock");
}

/* A large log takes its time; what is read is not unread. */
static void test_counting_is_not_blindness(void **state)
{
	struct world *world = *state;

	world->facts.log_known = false;
	world->facts.log_counting = true;
	for (int i = 0; i < 5; i++)
		world_minute(world);
	none(world, INCIDENT_BLIND);
	world->facts.log_counting = false;
	for (int i = 0; i < 5; i++)
		world_minute(world);
	assert_string_equal(world_expect(world, INCIDENT_BLIND)->key, "log");
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(test_two_providers_refuse_us),
	    IN_WORLD(test_one_providers_limit_is_no_reputation),
	    IN_WORLD(test_one_that_refuses_is_no_reputation),
	    IN_WORLD(test_many_domains_at_once),
	    IN_WORLD(test_dead_domains_are_no_name_service),
	    IN_WORLD(test_a_filter_that_is_down),
	    IN_WORLD(test_a_filter_that_was_down),
	    IN_WORLD(test_a_filter_that_takes_others),
	    IN_WORLD(test_deliveries_that_hang),
	    IN_WORLD(test_a_flush_is_no_stall),
	    IN_WORLD(test_the_spool_runs_full),
	    IN_WORLD(test_little_room_is_told_at_once),
	    IN_WORLD(test_a_rotated_log_does_not_fill_the_spool),
	    IN_WORLD(test_a_service_that_does_not_start),
	    IN_WORLD(test_one_bad_line_is_an_accident),
	    IN_WORLD(test_a_pause_is_no_incident),
	    IN_WORLD(test_postfix_is_down),
	    IN_WORLD(test_a_loop),
	    IN_WORLD(test_a_pair_must_answer),
	    IN_WORLD(test_hop_counts_are_a_loop),
	    IN_WORLD(test_backscatter),
	    IN_WORLD(test_holidays_are_no_backscatter),
	    IN_WORLD(test_old_notices_are_no_backscatter),
	    IN_WORLD(test_much_is_about_to_expire),
	    IN_WORLD(test_nothing_is_delivered),
	    IN_WORLD(test_nothing_is_delivered_on_a_blocklist),
	    IN_WORLD(test_a_quiet_night_is_no_trouble),
	    IN_WORLD(test_incoming_is_not_taken),
	    IN_WORLD(test_held_and_forgotten),
	    IN_WORLD(test_blind),
	    IN_WORLD(test_a_part_that_does_not_run),
	    IN_WORLD(test_counting_is_not_blindness),
	    IN_WORLD(test_a_restart_is_not_blindness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
