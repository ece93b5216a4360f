#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "filter/filter.h"
#include "watch/incidents/incidents_test_world.h"

static void is_filter(const char *text)
{
	struct filter_error err;
	struct filter *filter = filter_parse(slice_of(text), &err);

	assert_non_null(filter);
	filter_free(filter);
}

/* Two days of somebody who sends `each` a minute for ten minutes of each hour by day. */
static void learn_days(struct world *world, enum rate_kind kind, const char *key, uint32_t each)
{
	for (int64_t m = WORLD_START - 2 * 86400; m < WORLD_START - 3600; m += 60)
		if (m / 60 % 60 < 10)
			incidents_learn(world->incidents, m, kind, slice_of(key),
			    &(struct rate_counts){.n = {each, each, 0, 0, 0}});
}

/* ---- Floods ---- */

static void test_a_hijacked_login_is_told(void **state)
{
	struct world *world = *state;
	const struct incident *flood;

	learn_days(world, RATE_LOGIN, "info@office.example", 2);
	world->counted = 40;
	for (int i = 0; i < 3; i++) {
		world_count(world, RATE_LOGIN, "info@office.example", 12, 6, 3, 1);
		world_count(world, RATE_CLIENT, "203.0.113.77", 12, 6, 3, 1);
		world_count(world, RATE_SENDER, "info@office.example", 12, 6, 3, 1);
		world_minute(world);
	}
	/* 36 in ten minutes: less than twice its 20. */
	assert_null(world_find(world, INCIDENT_FLOOD));
	for (int i = 0; i < 4; i++) {
		world_count(world, RATE_LOGIN, "info@office.example", 12, 6, 3, 1);
		world_count(world, RATE_CLIENT, "203.0.113.77", 12, 6, 3, 1);
		world_count(world, RATE_SENDER, "info@office.example", 12, 6, 3, 1);
		world_minute(world);
	}
	flood = world_expect(world, INCIDENT_FLOOD);
	assert_int_equal(flood->severity, INCIDENT_ACT);
	assert_int_equal(flood->subject, INCIDENT_OF_LOGIN);
	assert_string_equal(flood->key, "info@office.example");
	assert_string_equal(flood->filter, "login:=info@office.example");
	assert_int_equal(flood->since, WORLD_START);
	assert_int_equal(flood->messages, 40);
	assert_true(flood->actions & INCIDENT_DO_HOLD);
	assert_true(flood->actions & INCIDENT_DO_PAUSE);
	assert_non_null(flood->baseline);
	/* One incident: the client and the sender are the login's own. */
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 1);
}

/* Mail that was given in on this host is not picked up, for hours: a login does not come from
 * there. */
static void test_a_flood_while_pickup_hangs(void **state)
{
	struct world *world = *state;

	learn_days(world, RATE_LOGIN, "info@office.example", 2);
	world->facts.counts[QUEUE_MAILDROP] = 4;
	world->facts.oldest[QUEUE_MAILDROP] = WORLD_START;
	world_minutes(world, 10);
	assert_string_equal(world_expect(world, INCIDENT_INCOMING_OLD)->key, "maildrop");
	for (int i = 0; i < 7; i++) {
		world_count(world, RATE_LOGIN, "info@office.example", 12, 6, 3, 1);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->severity, INCIDENT_ACT);
}

static void test_a_newsletter_is_no_flood(void **state)
{
	struct world *world = *state;

	learn_days(world, RATE_LOGIN, "news", 100);
	for (int i = 0; i < 20; i++) {
		world_count(world, RATE_LOGIN, "news", 180, 176, 3, 1);
		world_minute(world);
	}
	assert_null(world_find(world, INCIDENT_FLOOD));
	/* Ten times as much as ever, and it arrives: look, but nobody is woken. */
	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "news", 1000, 990, 8, 2);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->severity, INCIDENT_WATCH);
}

/* Of a good list one in twelve is unknown; its first minute may have a few more by chance. */
static void test_chance_is_no_evidence(void **state)
{
	struct world *world = *state;

	learn_days(world, RATE_LOGIN, "club", 2);
	world_count(world, RATE_LOGIN, "club", 90, 77, 0, 13);
	world_minute(world);
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->severity, INCIDENT_WATCH);
	/* As large a part of more is no chance. */
	for (int i = 0; i < 3; i++) {
		world_count(world, RATE_LOGIN, "club", 90, 77, 0, 13);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->severity, INCIDENT_ACT);
}

/* A first-time list to half a town: greylisted, and the queue says so. */
static void test_greylisting_is_no_evidence(void **state)
{
	struct world *world = *state;

	world->counted = 30; /* of each count: all that waits is greylisted */
	world_cause(world, "greylisted", 30, 20);
	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "club", 30, 24, 6, 0);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 0);
}

/* A newsletter while our address is on a blocklist: what is thought of the address says nothing of
 * who sends from it. */
static void test_a_blocklist_is_no_evidence(void **state)
{
	struct world *world = *state;

	world->counted = 30; /* of each count: all that waits is refused for our address */
	world_cause(world, "blocklist-spamhaus", 30, 20);
	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "news", 30, 18, 12, 0);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 0);
}

/* The lists say it in different words, and each has a part of the mail that waits. */
static void test_several_blocklists_are_no_evidence(void **state)
{
	struct world *world = *state;

	world->counted = 30;
	world->counted_by_cause = 10;
	world_cause(world, "blocklist-spamhaus", 30, 20);
	world_cause(world, "blocklist-other", 30, 20);
	world_cause(world, "over-quota", 10, 5);
	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "news", 30, 18, 12, 0);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 0);
}

/* A table of ours that cannot be read puts off everybody's mail. */
static void test_own_trouble_is_no_evidence(void **state)
{
	struct world *world = *state;

	world->counted = 30; /* of each count: all that waits, waits for the table */
	world_cause(world, "address-resolver", 30, 20);
	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "billing", 30, 14, 16, 0);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 0);
}

/* One that is watched for its volume does not become an alarm because it is greylisted. */
static void test_greylisting_raises_no_watch(void **state)
{
	struct world *world = *state;

	learn_days(world, RATE_LOGIN, "club", 2);
	for (int i = 0; i < 20; i++) {
		world_count(world, RATE_LOGIN, "club", 40, 30, 8, 0);
		world_count(world, RATE_CAUSE, "greylisted", 0, 0, 8, 0);
		world_count(world, RATE_TOTAL, "", 40, 30, 8, 0);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->severity, INCIDENT_WATCH);
}

static void test_what_fails_for_all_is_no_evidence(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "club", 30, 20, 10, 0);
		world_count(world, RATE_TOTAL, "", 130, 80, 50, 0);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 0);
}

/* At night nearly all that is tried is old mail without hope: a stolen account must stand out of
 * it. */
static void test_hopeless_mail_hides_no_flood(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "ann", 30, 15, 15, 0);
		world_count(world, RATE_TOTAL, "", 34, 18, 65, 0);
		world_minute(world);
	}
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->severity, INCIDENT_ACT);
}

/* Loopback and own networks are no culprits; the sender behind them is. */
static void test_own_clients_are_named_by_the_sender(void **state)
{
	struct world *world = *state;
	const struct incident *flood;

	for (int i = 0; i < 5; i++) {
		world_count(world, RATE_CLIENT, "127.0.0.1", 100, 50, 50, 0);
		world_count(world, RATE_SENDER, "www-data@host.example", 100, 50, 50, 0);
		world_minute(world);
	}
	flood = world_expect(world, INCIDENT_FLOOD);
	assert_int_equal(flood->subject, INCIDENT_OF_SENDER);
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 1);
}

/* Flooded hours are not learned: the second night is as loud as the first. */
static void test_a_flood_is_not_learned(void **state)
{
	struct world *world = *state;

	for (int night = 0; night < 2; night++) {
		for (int i = 0; i < 120; i++) {
			world_count(world, RATE_LOGIN, "info", 40, 10, 20, 10);
			world_minute(world);
		}
		assert_int_equal(world_expect(world, INCIDENT_FLOOD)->severity, INCIDENT_ACT);
		world_minutes(world, 200);
		assert_null(world_find(world, INCIDENT_FLOOD));
	}
}

/* ---- The life of an incident ---- */

static void test_an_incident_goes_quiet_and_ends(void **state)
{
	struct world *world = *state;
	uint64_t id;

	for (int i = 0; i < 6; i++) {
		world_count(world, RATE_LOGIN, "info", 40, 10, 20, 10);
		world_minute(world);
	}
	id = world_expect(world, INCIDENT_FLOOD)->id;
	world_minutes(world, 16);
	assert_int_equal(incidents_find(world->incidents, id)->state, INCIDENT_QUIET);
	/* It comes again: the same incident. */
	for (int i = 0; i < 3; i++) {
		world_count(world, RATE_LOGIN, "info", 40, 10, 20, 10);
		world_minute(world);
	}
	assert_int_equal(incidents_find(world->incidents, id)->state, INCIDENT_OPEN);
	world_minutes(world, 60);
	assert_null(incidents_find(world->incidents, id));
	assert_int_equal(incidents_count(world->incidents), 0);
}

/* What cannot be seen is not gone. */
static void test_without_a_log_nothing_ends(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 6; i++) {
		world_count(world, RATE_LOGIN, "info", 40, 10, 20, 10);
		world_minute(world);
	}
	world->facts.log_known = false;
	world_minutes(world, 120);
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->state, INCIDENT_OPEN);
	assert_string_equal(world_expect(world, INCIDENT_BLIND)->key, "log");
}

static void test_it_survives_a_restart(void **state)
{
	struct world *world = *state;
	BUFFER_AUTO struct buffer saved = {0};
	struct incident before;

	learn_days(world, RATE_LOGIN, "news", 100);
	for (int i = 0; i < 6; i++) {
		world_count(world, RATE_LOGIN, "in\"fo (x)", 40, 10, 20, 10);
		world_minute(world);
	}
	before = *world_expect(world, INCIDENT_FLOOD);
	is_filter(before.filter);
	incidents_save(world->incidents, &saved);
	assert_true(saved.len <= INCIDENTS_STATE_MAX);
	incidents_free(world->incidents);
	world->incidents = incidents_create(1);
	assert_true(incidents_restore(world->incidents, buffer_slice(&saved)));
	world_minute(world);
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->id, 1);
	assert_int_equal(world_expect(world, INCIDENT_FLOOD)->noticed, WORLD_START);
	/* Peaks too: the newsletter is still usual. */
	for (int i = 0; i < 10; i++) {
		world_count(world, RATE_LOGIN, "news", 180, 140, 40, 0);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 1);
	/* Cut anywhere, it is as if the rest had never been. */
	for (size_t cut = 0; cut < saved.len; cut += 7) {
		struct incidents *half = incidents_create(1);
		assert_false(incidents_restore(half, slice_first(buffer_slice(&saved), cut)));
		incidents_free(half);
	}
}

static void test_a_clock_that_was_wrong(void **state)
{
	struct world *world = *state;

	world_minutes(world, 2);
	world->now += 400 * 86400;
	world_minutes(world, 2);
	world->now = WORLD_START + 600;
	rates_free(world->rates);
	world->facts.rates = world->rates = rates_create();
	rates_begin(world->rates, world->now);
	for (int i = 0; i < 6; i++) {
		world_count(world, RATE_LOGIN, "info", 40, 10, 20, 10);
		world_minute(world);
	}
	assert_true(world_expect(world, INCIDENT_FLOOD)->since <= world->now);
}

/* Ten thousand new senders a minute push out each other and not the regular. */
static void test_peaks_are_bounded(void **state)
{
	struct world *world = *state;
	BUFFER_AUTO struct buffer saved = {0};
	char key[32];

	learn_days(world, RATE_SENDER, "news@shop.example", 300);
	for (int m = 0; m < 5; m++)
		for (int i = 0; i < 10000; i++) {
			snprintf(key, sizeof(key), "x%d@spam.example", m * 10000 + i);
			incidents_learn(world->incidents, WORLD_START - 600 + m * 60, RATE_SENDER,
			    slice_of(key), &(struct rate_counts){.n = {1, 1, 0, 0, 0}});
		}
	incidents_save(world->incidents, &saved);
	assert_true(saved.len < (512 << 10));
	for (int i = 0; i < 5; i++) {
		world_count(world, RATE_SENDER, "news@shop.example", 300, 200, 100, 0);
		world_minute(world);
	}
	assert_int_equal(world_open_count(world, INCIDENT_FLOOD), 0);
}

/* ---- Destinations ---- */

static void attempts(struct world *world, const char *domain, uint32_t delivered, uint32_t deferred)
{
	world_count(world, RATE_DOMAIN, domain, 0, delivered, deferred, 0);
	world_count(world, RATE_CAUSE, "connection-refused", 0, 0, deferred, 0);
	world_count(world, RATE_CAUSE, "google-rate", 0, 0, deferred, 0);
}

static void test_a_dead_destination_is_told(void **state)
{
	struct world *world = *state;
	const struct incident *dead;

	for (int i = 0; i < 5; i++) {
		attempts(world, "dead.example", 3, 0);
		world_minute(world);
	}
	world_domain(world, "dead.example", "connection-refused", 12);
	world_cause(world, "connection-refused", 12, 1);
	for (int i = 0; i < 2; i++) {
		attempts(world, "dead.example", 0, 4);
		world_minute(world);
	}
	dead = world_expect(world, INCIDENT_DESTINATION);
	assert_int_equal(dead->subject, INCIDENT_OF_DOMAIN);
	assert_string_equal(dead->title, "dead.example: the server refuses connections");
	assert_true(slice_starts_with(slice_of(dead->words),
	    "[{\"code\":\"incident_destination\",\"params\":{\"key\":\"dead.example\","
	    "\"diagnosis\":"
	    "\"connection-refused\"}},{\"code\":\"incident_nothing_through\",\"params\":{},"
	    "\"then\":"
	    "{\"code\":\"diagnosis.connection-refused.advice\",\"params\":{}}},null,{\"code\":"));
	assert_string_equal(dead->cause_key, "connection-refused");
	assert_string_equal(dead->filter, "domain:=dead.example cause:=connection-refused");
	assert_int_equal(dead->since, WORLD_START + 300);
	assert_string_equal(dead->evidence[0].quote, "450 as it was said");
	/* It answers again. */
	world_empty(world);
	attempts(world, "dead.example", 12, 0);
	world_minutes(world, 6);
	assert_int_equal(world_expect(world, INCIDENT_DESTINATION)->state, INCIDENT_QUIET);
}

/* It was dead, and greylists what comes now: the queue still says what was. */
static void test_a_destination_that_is_back(void **state)
{
	struct world *world = *state;

	world_domain(world, "back.example", "connection-refused", 12);
	world_domain(world, "back.example", "greylisted", 6);
	world_cause(world, "connection-refused", 12, 1);
	world_cause(world, "greylisted", 6, 1);
	/* Others are dead. */
	world_count(world, RATE_CAUSE, "connection-refused", 0, 0, 9, 0);
	world_count(world, RATE_CAUSE, "greylisted", 0, 0, 6, 0);
	world_count(world, RATE_DOMAIN, "back.example", 0, 0, 6, 0);
	world_minutes(world, 3);
	assert_null(world_find(world, INCIDENT_DESTINATION));
	/* It is dead again. */
	attempts(world, "back.example", 0, 6);
	world_minutes(world, 2);
	assert_string_equal(world_expect(world, INCIDENT_DESTINATION)->key, "back.example");
}

/* Full mailboxes there, which nobody has tried since, excuse nothing. */
static void test_a_dead_destination_with_full_mailboxes(void **state)
{
	struct world *world = *state;

	world_domain(world, "dead.example", "over-quota", 3000);
	world_domain(world, "dead.example", "connection-refused", 12);
	world_cause(world, "over-quota", 3000, 1);
	world_cause(world, "connection-refused", 12, 1);
	attempts(world, "dead.example", 0, 6);
	world_minutes(world, 3);
	assert_string_equal(world_expect(world, INCIDENT_DESTINATION)->key, "dead.example");
}

/* Greylisting, full mailboxes and unknown users are nobody's trouble here. */
static void test_own_trouble_is_no_destination(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 30; i++) {
		world_empty(world);
		world_domain(world, "small.example", "greylisted", 8);
		world_domain(world, "full.example", "over-quota", 40);
		world_domain(world, "gone.example", "user-unknown", 40);
		attempts(world, "small.example", 0, 3);
		attempts(world, "full.example", 0, 3);
		attempts(world, "gone.example", 0, 3);
		world_minute(world);
	}
	assert_null(world_find(world, INCIDENT_DESTINATION));
	world_cause(world, "over-quota", 49, 31);
	world_minute(world);
	assert_int_equal(world_expect(world, INCIDENT_DESTINATION)->severity, INCIDENT_NOTE);
	assert_string_equal(world_expect(world, INCIDENT_DESTINATION)->title,
	    "Full mailboxes, 31 domains; nothing to do");
}

/* One domain that takes mail is not dead, whatever waits there. */
static void test_success_is_no_dead_destination(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 30; i++) {
		world_empty(world);
		world_domain(world, "slow.example", "connection-timed-out", 30);
		attempts(world, "slow.example", i % 2, 10);
		world_minute(world);
		assert_null(world_find(world, INCIDENT_DESTINATION));
	}
}

/* "192 of 229 come from info": the flood explains it, and hides it. */
static void test_a_flood_explains_a_refusal(void **state)
{
	struct world *world = *state;
	const struct incident *refused, *flood;
	bool said = false;

	world->counted = 192;
	world_domain(world, "bigmail.example", "google-rate", 229);
	for (int i = 0; i < 6; i++) {
		world_count(world, RATE_LOGIN, "info", 40, 10, 20, 10);
		attempts(world, "bigmail.example", 0, 20);
		world_minute(world);
	}
	flood = world_expect(world, INCIDENT_FLOOD);
	refused = world_expect(world, INCIDENT_DESTINATION);
	assert_int_equal(refused->caused_by, flood->id);
	assert_int_equal(flood->caused_by, 0);
	for (size_t i = 0; i < refused->evidence_count; i++)
		said |= strcmp(refused->evidence[i].text,
			    "192 of 229 come from info: stop that first") == 0;
	assert_true(said);
}

static void test_names_are_complete(void **state)
{
	(void)state;
	for (int i = 0; i < INCIDENT_KINDS; i++)
		assert_true(incident_kind_name((enum incident_kind)i) != NULL &&
			    incident_kind_runbook((enum incident_kind)i) != NULL);
	assert_null(incident_kind_name(INCIDENT_KINDS));
	assert_null(incident_kind_runbook(INCIDENT_KINDS));
	assert_string_equal(incident_subject_name(INCIDENT_OF_DOMAIN), "recipient_domain");
	assert_string_equal(incident_severity_name(INCIDENT_ACT), "act");
	assert_string_equal(incident_state_name(INCIDENT_ENDED), "ended");
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(test_a_hijacked_login_is_told),
	    IN_WORLD(test_a_flood_while_pickup_hangs),
	    IN_WORLD(test_a_newsletter_is_no_flood),
	    IN_WORLD(test_chance_is_no_evidence),
	    IN_WORLD(test_greylisting_is_no_evidence),
	    IN_WORLD(test_a_blocklist_is_no_evidence),
	    IN_WORLD(test_own_trouble_is_no_evidence),
	    IN_WORLD(test_several_blocklists_are_no_evidence),
	    IN_WORLD(test_greylisting_raises_no_watch),
	    IN_WORLD(test_what_fails_for_all_is_no_evidence),
	    IN_WORLD(test_hopeless_mail_hides_no_flood),
	    IN_WORLD(test_own_clients_are_named_by_the_sender),
	    IN_WORLD(test_a_flood_is_not_learned),
	    IN_WORLD(test_an_incident_goes_quiet_and_ends),
	    IN_WORLD(test_without_a_log_nothing_ends),
	    IN_WORLD(test_it_survives_a_restart),
	    IN_WORLD(test_a_clock_that_was_wrong),
	    IN_WORLD(test_peaks_are_bounded),
	    IN_WORLD(test_a_dead_destination_is_told),
	    IN_WORLD(test_a_destination_that_is_back),
	    IN_WORLD(test_a_dead_destination_with_full_mailboxes),
	    IN_WORLD(test_own_trouble_is_no_destination),
	    IN_WORLD(test_success_is_no_dead_destination),
	    IN_WORLD(test_a_flood_explains_a_refusal),
	    cmocka_unit_test(test_names_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
