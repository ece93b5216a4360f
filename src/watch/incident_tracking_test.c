/* What becomes of incidents from turn to turn, with incidents of the module itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "watch/incident_past.h"
#include "watch/incident_tracking.h"

#define NOW INT64_C(1800000000)

struct world {
	struct incidents *incidents;
	struct incident_tracking *tracking;
	int64_t now;
};

static int set_up(void **state)
{
	static struct world world;

	world = (struct world){incidents_create(7), incident_tracking_create(), NOW};
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	incidents_free(w->incidents);
	incident_tracking_destroy(&w->tracking);
	return 0;
}

/* Postfix does not run, or it does. */
static void turns(struct world *w, bool running, int count)
{
	struct rates *rates = rates_create();
	struct incident_facts facts = {.queue_known = true,
	    .null_sender_domains = -1,
	    .expiring = -1,
	    .held_long = -1,
	    .active_limit = -1,
	    .rates = rates,
	    .log_known = true,
	    .log_oldest = NOW - 86400,
	    .spool_bytes_free = -1,
	    .spool_bytes = -1,
	    .spool_inodes_free = -1,
	    .spool_inodes = -1,
	    .queue_minfree = -1,
	    .postfix_running = running,
	    .postfix_since = running ? NOW - 86400 : 0};

	for (int i = 0; i < count; i++) {
		facts.now = facts.log_newest = w->now += INCIDENTS_TURN;
		incidents_turn(w->incidents, &facts);
		incident_tracking_take(w->tracking, w->incidents, w->now);
	}
	rates_free(rates);
}

static const struct incident_record *the_one(struct world *w)
{
	assert_int_equal(incident_tracking_count(w->tracking), 1);
	return incident_tracking_at(w->tracking, 0);
}

static size_t moments(const struct incident_record *record, enum incident_moment_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < record->moment_count; i++)
		count += record->moments[i].kind == kind;
	return count;
}

static void open_one(struct world *w)
{
	for (int i = 0; i < 100 && incident_tracking_open(w->tracking) == 0; i++)
		turns(w, false, 1);
	assert_int_equal(incident_tracking_open(w->tracking), 1);
}

static void end_it(struct world *w)
{
	for (int i = 0; i < 1000 && incident_tracking_open(w->tracking) > 0; i++)
		turns(w, true, 1);
	assert_int_equal(incident_tracking_open(w->tracking), 0);
}

static void test_life(void **state)
{
	struct world *w = *state;
	uint64_t version;

	turns(w, true, 3);
	assert_int_equal(incident_tracking_count(w->tracking), 0);
	version = incident_tracking_version(w->tracking);
	open_one(w);
	assert_true(incident_tracking_version(w->tracking) > version);
	assert_int_equal(the_one(w)->row.id, 7);
	assert_int_equal(moments(the_one(w), INCIDENT_MOMENT_OPENED), 1);
	assert_ptr_equal(incident_tracking_find(w->tracking, 7), the_one(w));
	assert_null(incident_tracking_find(w->tracking, 8));
	end_it(w);
	/* It is known for a day, and then no more. */
	assert_int_equal(the_one(w)->row.state, INCIDENT_ENDED);
	assert_true(the_one(w)->row.until > NOW);
	assert_int_equal(moments(the_one(w), INCIDENT_MOMENT_ENDED), 1);
	w->now += INCIDENT_TRACKING_ENDED_SECONDS;
	turns(w, true, 1);
	/* Not before it is in the store. */
	assert_int_equal(incident_tracking_count(w->tracking), 1);
	struct incident_records unsaved;
	incident_tracking_unsaved(w->tracking, w->now, &unsaved);
	assert_int_equal(unsaved.count, 1);
	incident_records_free(&unsaved);
	incident_tracking_saved(w->tracking, true);
	turns(w, true, 1);
	assert_int_equal(incident_tracking_count(w->tracking), 0);
}

/* Each moment is told once; one that could not be written again. */
static void test_unsaved(void **state)
{
	struct world *w = *state;
	struct incident_note note = {.id = 1, .at = NOW, .who = "anna"};
	struct incident_records unsaved;
	char text[] = "wait";

	note.text = text;
	open_one(w);
	incident_tracking_unsaved(w->tracking, w->now, &unsaved);
	assert_int_equal(unsaved.count, 1);
	assert_int_equal(unsaved.items[0].moment_count, 1);
	incident_records_free(&unsaved);
	/* A note that comes in the meantime is in the store already. */
	assert_true(incident_tracking_add_note(w->tracking, 7, &note));
	incident_tracking_saved(w->tracking, false);
	incident_tracking_unsaved(w->tracking, w->now, &unsaved);
	assert_int_equal(unsaved.count, 1);
	assert_int_equal(unsaved.items[0].moment_count, 1);
	assert_int_equal(unsaved.items[0].moments[0].kind, INCIDENT_MOMENT_OPENED);
	incident_records_free(&unsaved);
	incident_tracking_saved(w->tracking, true);
	incident_tracking_unsaved(w->tracking, w->now, &unsaved);
	assert_int_equal(unsaved.count, 0);
	incident_records_free(&unsaved);
	/* What only grows is written now and then. */
	turns(w, false, INCIDENT_TRACKING_SAVE_SECONDS / INCIDENTS_TURN + 1);
	incident_tracking_unsaved(w->tracking, w->now, &unsaved);
	assert_int_equal(unsaved.count, 1);
	incident_records_free(&unsaved);
	incident_tracking_saved(w->tracking, true);
	assert_int_equal(the_one(w)->note_count, 1);
	assert_false(incident_tracking_add_note(w->tracking, 8, &note));
}

static void test_snooze(void **state)
{
	struct world *w = *state;
	char text[] = "aside";
	struct incident_moment moment = {NOW, INCIDENT_MOMENT_SNOOZED, text, NULL};
	uint64_t version;

	open_one(w);
	assert_true(incident_tracking_snooze(w->tracking, 7, w->now + 60, "anna", &moment));
	turns(w, false, 2);
	assert_int_equal(the_one(w)->row.snoozed_until, w->now - 20 + 60);
	assert_string_equal(the_one(w)->row.snoozed_by, "anna");
	version = incident_tracking_version(w->tracking);
	turns(w, false, 6);
	assert_int_equal(the_one(w)->row.snoozed_until, 0);
	assert_true(incident_tracking_version(w->tracking) > version);
}

/* A change of times of attempts stands where it may be a cause or a cure, and nowhere else. */
static void test_set(void **state)
{
	static const struct {
		enum incident_kind kind;
		int moments;
	} cases[] = {{INCIDENT_DESTINATION, 1}, {INCIDENT_POSTFIX, 1}, {INCIDENT_EXPIRING, 1},
	    {INCIDENT_FLOOD, 0}, {INCIDENT_LOOP, 0}, {INCIDENT_HELD_FORGOTTEN, 0},
	    {INCIDENT_BLIND, 0}};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[] = "anna set something";
		struct incident_moment moment = {NOW, INCIDENT_MOMENT_SETTINGS, text, NULL, NULL};
		struct incident_record record = {
		    .row = {.id = 1, .kind = (int)cases[i].kind, .since = NOW, .noticed = NOW}};
		incident_tracking_destroy(&w->tracking);
		w->tracking = incident_tracking_create();
		incident_tracking_restore(w->tracking, &record);
		incident_tracking_did(w->tracking, "from:nobody.example", &moment);
		incident_tracking_set(w->tracking, &moment);
		assert_int_equal(moments(the_one(w), INCIDENT_MOMENT_SETTINGS), cases[i].moments);
	}
}

/* A delete of what was held of an incident is about it; so is any part of its messages. */
static void test_did_a_part(void **state)
{
	static const struct {
		const char *own, *filter;
		bool about;
	} cases[] = {
	    {"login:=info", "login:=info", true},
	    {"login:=info", "login:=info queue:hold", true},
	    {"login:=info", "login:=info2 queue:hold", false},
	    {"login:=info", "login:=info or queue:hold", false},
	    {"login:=info", "queue:hold", false},
	    {"from:=a or from:=b", "(from:=a or from:=b) queue:hold", true},
	    {"from:=a or from:=b", "from:=a or from:=b queue:hold", false},
	    {"from:=a or from:=b", "(from:=a or from:=b or from:=c) queue:hold", false},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[] = "deleted 12";
		struct incident_moment moment = {NOW, INCIDENT_MOMENT_JOB, text, NULL};
		struct incident_record record = {.row = {.id = (int64_t)i + 1,
						     .since = NOW,
						     .noticed = NOW,
						     .filter = memory_strdup(cases[i].own)}};
		incident_tracking_destroy(&w->tracking);
		w->tracking = incident_tracking_create();
		incident_tracking_restore(w->tracking, &record);
		incident_tracking_did(w->tracking, cases[i].filter, &moment);
		assert_int_equal(moments(the_one(w), INCIDENT_MOMENT_JOB), cases[i].about);
	}
}

static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* A pause stands in the timeline of what it holds back, and nowhere else. */
static void test_paused(void **state)
{
	static const struct {
		enum incident_subject subject;
		const char *key;
		enum pause_kind kind;
		const char *paused;
		bool subdomains, about;
	} cases[] = {
	    {INCIDENT_OF_LOGIN, "Info", PAUSE_LOGIN, "info", false, true},
	    {INCIDENT_OF_LOGIN, "info", PAUSE_SENDER, "info", false, false},
	    {INCIDENT_OF_SENDER, "a@shop.example", PAUSE_SENDER, "a@shop.example", false, true},
	    {INCIDENT_OF_DOMAIN, "dst.example", PAUSE_DOMAIN, "dst.example", false, true},
	    {INCIDENT_OF_DOMAIN, "sub.dst.example", PAUSE_DOMAIN, "dst.example", false, false},
	    {INCIDENT_OF_DOMAIN, "sub.dst.example", PAUSE_DOMAIN, "dst.example", true, true},
	    {INCIDENT_OF_DOMAIN, "xdst.example", PAUSE_DOMAIN, "dst.example", true, false},
	    {INCIDENT_OF_DOMAIN, "dst.example", PAUSE_PROVIDER, "dst.example", false, true},
	    {INCIDENT_OF_REMOTE_HOST, "mx1.big.example", PAUSE_PROVIDER, "big.example", false,
		true},
	    {INCIDENT_OF_PROVIDER, "big.example", PAUSE_PROVIDER, "big.example", false, true},
	    {INCIDENT_OF_REMOTE_HOST, "big.example", PAUSE_DOMAIN, "big.example", false, false},
	    {INCIDENT_OF_NONE, "", PAUSE_LOGIN, "", false, false},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *domain = lent(cases[i].paused);
		struct incident_moment moment = {NOW, INCIDENT_MOMENT_PAUSE, lent("held"), NULL};
		struct pause pause = {.kind = cases[i].kind,
		    .key = domain,
		    .subdomains = cases[i].subdomains,
		    .domains = &domain,
		    .domain_count = 1};
		struct incident_record record = {.row = {.id = (int64_t)i + 1,
						     .since = NOW,
						     .noticed = NOW,
						     .subject = cases[i].subject,
						     .key = memory_strdup(cases[i].key)}};
		incident_tracking_destroy(&w->tracking);
		w->tracking = incident_tracking_create();
		incident_tracking_restore(w->tracking, &record);
		incident_tracking_paused(w->tracking, &pause, &moment);
		assert_int_equal(moments(the_one(w), INCIDENT_MOMENT_PAUSE), cases[i].about);
	}
}

/* What is said of a pause, and of each change once. */
static void test_pause_text(void **state)
{
	static const struct {
		enum pause_state before, now; /* before 0: it was not there */
		int64_t longer;
		const char *by, *text; /* text NULL: nothing is said */
	} cases[] = {
	    {0, PAUSE_SETTING, 0, "",
		"anna holds back new mail of the login info until 2027-01-15T08:00:00Z (stolen)"},
	    {PAUSE_SETTING, PAUSE_IN_FORCE, 0, "", NULL},
	    {PAUSE_IN_FORCE, PAUSE_IN_FORCE, 0, "", NULL},
	    {PAUSE_IN_FORCE, PAUSE_IN_FORCE, 60, "",
		"The pause of info lasts until 2027-01-15T08:00:00Z now"},
	    {PAUSE_IN_FORCE, PAUSE_LIFTING, 0, "bob", "bob lifted the pause of info"},
	    {PAUSE_IN_FORCE, PAUSE_LIFTING, 0, "", "The pause of info is over"},
	    {PAUSE_LIFTING, PAUSE_LIFTING, 0, "bob", NULL},
	    {PAUSE_LIFTING, PAUSE_ENDED, 0, "bob", NULL},
	    {PAUSE_SETTING, PAUSE_FAILED, 0, "", "The pause of info could not be set"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		SAID_AUTO struct said text = {0};
		struct incident_past_pause before = {1, NOW - cases[i].longer, cases[i].before};
		struct pause pause = {.id = 1,
		    .kind = PAUSE_LOGIN,
		    .key = lent("info"),
		    .who = lent("anna"),
		    .reason = lent("stolen"),
		    .ended_by = lent(cases[i].by),
		    .until = NOW,
		    .state = cases[i].now};
		bool said =
		    incident_past_pause_text(&pause, cases[i].before != 0 ? &before : NULL, &text);

		assert_int_equal(said, cases[i].text != NULL);
		assert_string_equal(
		    buffer_string(&text.text), cases[i].text != NULL ? cases[i].text : "");
	}
}

/* After a restart: those that the module knows go on, others have ended. */
static void test_restart(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer memory = {0};
	struct incident_records unsaved;
	struct incident_record gone = {.row = {.id = 3, .since = NOW, .noticed = NOW}};

	open_one(w);
	incidents_save(w->incidents, &memory);
	incident_tracking_unsaved(w->tracking, w->now, &unsaved);
	incidents_free(w->incidents);
	incident_tracking_destroy(&w->tracking);
	w->incidents = incidents_create(8);
	w->tracking = incident_tracking_create();
	assert_true(incidents_restore(w->incidents, buffer_slice(&memory)));
	incident_tracking_restore(w->tracking, &unsaved.items[0]);
	incident_tracking_restore(w->tracking, &gone);
	incident_records_free(&unsaved);
	turns(w, false, 1);
	assert_int_equal(incident_tracking_open(w->tracking), 1);
	assert_int_equal(incident_tracking_count(w->tracking), 2);
	assert_int_equal(incident_tracking_at(w->tracking, 0)->row.id, 7);
	assert_int_equal(moments(incident_tracking_at(w->tracking, 0), INCIDENT_MOMENT_OPENED), 1);
	assert_int_equal(incident_tracking_at(w->tracking, 1)->row.id, 3);
	assert_int_equal(incident_tracking_at(w->tracking, 1)->row.state, INCIDENT_ENDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_life, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_unsaved, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_snooze, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_set, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_did_a_part, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_paused, set_up, tear_down),
	    cmocka_unit_test(test_pause_text),
	    cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
