/* What becomes of incidents from turn to turn, with incidents of the module itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

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

/* A job on its filter stands in its timeline; others do not. */
static void test_did(void **state)
{
	struct world *w = *state;
	char text[] = "anna set something";
	struct incident_moment moment = {NOW, INCIDENT_MOMENT_SETTINGS, text, NULL};

	open_one(w);
	incident_tracking_did(w->tracking, "from:nobody.example", &moment);
	assert_int_equal(moments(the_one(w), INCIDENT_MOMENT_SETTINGS), 0);
	incident_tracking_did(w->tracking, NULL, &moment);
	assert_int_equal(moments(the_one(w), INCIDENT_MOMENT_SETTINGS), 1);
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
	    cmocka_unit_test_setup_teardown(test_did, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
