/* How messages come back from hold: undo, release, and what the release gate asks before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "jobs/jobs_test_world.h"
#include "jobs/unfinished.h"

static void test_undo(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, LONG_ID, QUEUE_DEFERRED);
	world_add(w, "ABCDEF1", QUEUE_HOLD);
	world_add(w, "ABCDEF3", QUEUE_INCOMING);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	/* Over a restart. */
	world_stop(w);
	world_start(w);
	while (!jobs_idle(w->jobs))
		world_turn(w);
	world_turn(w);
	world_wish(w, jobs_undo, id);
	assert_false(w->failed);
	world_run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->told.state, JOB_UNDONE);
	assert_int_equal(w->told.count[JOB_ITEM_UNDONE], 3);
	assert_true(w->mail[0].here && w->mail[0].queue == QUEUE_DEFERRED);
	assert_int_equal(w->mail[1].queue, QUEUE_HOLD); /* was there before */
	assert_int_equal(w->mail[2].queue, QUEUE_DEFERRED);
	world_wish(w, jobs_undo, id);
	assert_true(w->failed);
	world_wish(w, jobs_undo, 999);
	assert_string_equal(w->err.code, "job_not_found");
}

/* What kept it from going on, and how fast it went, were those of the delete. */
static void test_undo_begins_anew(void **state)
{
	struct world *w = *state;
	struct unfinished *job;
	struct job_row row = {0};
	int64_t id;

	world_add(w, LONG_ID, QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	job = unfinished_find(w->jobs, id);
	unfinished_set_problem(job, "the disk was full");
	job->speed = 7;
	world_wish(w, jobs_undo, id);
	row.id = id;
	jobs_add_progress(w->jobs, &row);
	assert_string_equal(row.problem, "");
	assert_true(row.speed == 0);
	world_run_until(w, id, JOB_UNDONE);
}

/* Whenever it is wished for while the job still runs: also in the moment before its grace time. */
static void test_undo_at_any_moment(void **state)
{
	struct world *w = *state;

	for (int turns = 0; turns < 12; turns++) {
		int64_t id;

		w->mails = 0;
		world_add(w, LONG_ID, QUEUE_DEFERRED);
		id = world_submit_all(w, JOB_DELETE, 3600, 0);
		for (int i = 0; i < turns; i++) {
			if (w->waiting)
				world_give_answer(w);
			jobs_tick(w->jobs);
			world_wait_store(w); /* what it was asked is told one by one */
			store_dispatch(w->store);
		}
		world_wish(w, jobs_undo, id);
		assert_false(w->failed);
		world_run_until(w, id, JOB_GRACE);
		if (!job_state_is_final(w->told.state))
			fail_msg(
			    "undone after %d turns, it goes on in state %d", turns, w->told.state);
		assert_true(w->mail[0].here);
		assert_int_equal(w->mail[0].queue, QUEUE_DEFERRED);
	}
}

/* What was active when it was held, and what was not known when: one reload a job, and before
 * `postsuper -H` (the world's tear-down looks whether anything was destroyed). */
static void test_comes_back_safely(void **state)
{
	struct world *w = *state;
	int64_t id;

	for (int i = 0; i < 2500; i++) {
		char name[29];

		snprintf(name, sizeof(name), i % 2 == 0 ? LONG_ID "%d" : "ABCDE%X", i + 16);
		world_add(w, name, i % 3 == 0 ? QUEUE_ACTIVE : QUEUE_DEFERRED);
	}
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	assert_int_equal(w->reloads, 0);
	for (size_t i = 0; i < w->mails; i++)
		w->mail[i].changed_us -= 1000000; /* that was a second ago */
	world_wish(w, jobs_undo, id);
	world_run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->told.count[JOB_ITEM_UNDONE], 2500);
	assert_int_equal(w->reloads, 1);
	assert_int_equal(w->told.reloads, 1);
	/* Held for longer than the queue manager runs. */
	w->mails = 0;
	world_add(w, LONG_ID, QUEUE_HOLD);
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 1);
	assert_int_equal(w->reloads, 1);
	/* Held by somebody just now. */
	w->mail[0].queue = QUEUE_HOLD;
	w->mail[0].changed_us = clock_now_us();
	w->mail[0].known = true;
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 1);
	assert_int_equal(w->reloads, 2);
}

/* What this product itself took from deferred was not in the queue manager's memory: also over a
 * restart, and by another job. */
static void test_from_deferred(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, LONG_ID, QUEUE_DEFERRED);
	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	world_stop(w);
	world_start(w);
	while (!jobs_idle(w->jobs))
		world_turn(w);
	world_turn(w);
	world_wish(w, jobs_undo, id);
	world_run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->told.count[JOB_ITEM_UNDONE], 2);
	id = world_submit_all(w, JOB_HOLD, 0, 0);
	world_run_until(w, id, JOB_DONE);
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 2);
	assert_int_equal(w->reloads, 0);
	/* Held here, then released, taken up and held by others. */
	id = world_submit_all(w, JOB_HOLD, 0, 0);
	world_run_until(w, id, JOB_DONE);
	w->mail[0].known = true;
	w->mail[0].changed_us = clock_now_us();
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->reloads, 1);
}

/* Held from deferred and released, taken up, the clock set back, and held from active: the file's
 * time is that of the first hold, and means nothing. */
static void test_clock_set_back(void **state)
{
	struct world *w = *state;
	int64_t first_us, id;

	world_add(w, LONG_ID, QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_HOLD, 0, 0);
	world_run_until(w, id, JOB_DONE);
	first_us = w->mail[0].changed_us;
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->reloads, 0);
	w->mail[0].queue = QUEUE_ACTIVE;
	w->mail[0].known = true;
	id = world_submit_all(w, JOB_HOLD, 0, 0);
	world_run_until(w, id, JOB_DONE);
	w->mail[0].changed_us = first_us;
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->reloads, 1);
	assert_false(w->mail[0].destroyed);
}

/* The log is asked once about each message, also where a second one comes to need it while the
 * answer about the first is awaited. */
static void test_log_is_asked_once(void **state)
{
	struct world *w = *state;
	int64_t id, now_us = clock_now_us();

	w->qmgr_boot_us = clock_boot_us() - 60000000;
	for (int i = 0; i < 2; i++) {
		world_add(w, i == 0 ? LONG_ID : LONG_ID "2", QUEUE_HOLD);
		w->mail[i].changed_us = now_us - 10000000;
	}
	w->mail[0].modified_us = w->mail[0].changed_us; /* on hold since its receipt */
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	while (w->waiting == 0 || w->answer[0].history == NULL)
		world_turn(w);
	assert_int_equal(w->questions, 1);
	/* The answer took its time: the second is looked at again, and was changed meanwhile. */
	w->mail[1].changed_us = w->mail[1].modified_us = now_us - 8000000;
	w->jobs->batch[0].work[1].seen_ms -= 60000;
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 2);
	assert_int_equal(w->questions, 2);
	assert_int_equal(w->reloads, 0);
}

struct told_weight {
	int times;
	int64_t unsafe;
};

static void take_weight(void *context, int64_t unsafe)
{
	struct told_weight *told = context;

	told->times++;
	told->unsafe = unsafe;
}

static void take_flush(void *context, const struct error *err)
{
	int *times = context;

	(*times)++;
	assert_non_null(err);
	assert_string_equal(err->code, "helper_unavailable");
}

/* Whoever asked has something to free, also when the service stops before there is an answer. */
static void test_questions_end_with_the_service(void **state)
{
	struct world *w = *state;
	struct told_weight told = {0};
	struct selection *selection = selection_create();
	struct target target;
	int flushes = 0;

	target = world_target_of(world_add(w, LONG_ID, QUEUE_HOLD));
	selection_add(selection, &target);
	jobs_weigh_release(w->jobs, selection, take_weight, &told);
	selection_destroy(&selection);
	jobs_flush(w->jobs, take_flush, &flushes);
	world_stop(w);
	assert_int_equal(told.times, 1);
	assert_true(told.unsafe == -1);
	assert_int_equal(flushes, 1);
	world_start(w);
}

/* While a reload waits, somebody releases what was cleared before, and it is taken up and held. */
static void test_cleared_before_a_reload(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, LONG_ID "1", QUEUE_HOLD); /* for longer than the queue manager runs */
	world_add(w, LONG_ID "2", QUEUE_HOLD);
	w->mail[1].known = true;
	w->mail[1].changed_us = clock_now_us();
	id = world_submit_all(w, JOB_RELEASE, 0, 0);
	for (int i = 0; i < 10000 && w->reloads == 0; i++)
		world_turn(w);
	assert_int_equal(w->reloads, 1);
	w->mail[0].known = true;
	w->mail[0].changed_us = clock_now_us() + 1000000;
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 2);
	assert_int_equal(w->reloads, 2);
	assert_false(w->mail[0].destroyed);
}

static void test_stays_on_hold(void **state)
{
	struct world *w = *state;
	int64_t id, other;

	world_add(w, LONG_ID, QUEUE_ACTIVE);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	w->reload_fails = true;
	world_wish(w, jobs_undo, id);
	for (int i = 0; i < 10000 && strstr(w->told_of[id].problem, "bad main.cf") == NULL; i++)
		world_turn(w);
	assert_non_null(strstr(w->told_of[id].problem, "stays on hold"));
	assert_int_equal(w->mail[0].queue, QUEUE_HOLD);
	/* It keeps nobody else from his work. */
	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	w->mail[0].here = false;
	other = world_submit_all(w, JOB_HOLD, 0, 0);
	world_run_until(w, other, JOB_DONE);
	assert_int_equal(w->mail[1].queue, QUEUE_HOLD);
	w->mail[0].here = true;
	w->reload_fails = false;
	jobs_ports_ready(w->jobs); /* instead of waiting */
	world_run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->told.count[JOB_ITEM_UNDONE], 1);
	assert_int_equal(w->mail[0].queue, QUEUE_DEFERRED);
}

/* A queue manager that does not run knows nothing. */
static void test_stopped_postfix(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, LONG_ID, QUEUE_ACTIVE);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	w->qmgr_stopped = true;
	w->mail[0].known = false;
	world_wish(w, jobs_undo, id);
	world_run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->mail[0].queue, QUEUE_DEFERRED);
	assert_int_equal(w->reloads, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_undo),
	    TEST(test_undo_begins_anew),
	    TEST(test_undo_at_any_moment),
	    TEST(test_comes_back_safely),
	    TEST(test_from_deferred),
	    TEST(test_clock_set_back),
	    TEST(test_log_is_asked_once),
	    TEST(test_questions_end_with_the_service),
	    TEST(test_cleared_before_a_reload),
	    TEST(test_stays_on_hold),
	    TEST(test_stopped_postfix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
