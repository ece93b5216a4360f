#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/clock_test_moved.h"
#include "jobs/jobs_test_world.h"
#include "jobs/pace.h"

static void test_nothing_is_an_answer(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_submit_all(w, JOB_DELETE, 0, 0), 0);
	assert_string_equal(w->err.code, "nothing_matched");
	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	jobs_set_postfix_version(w->jobs, 304);
	assert_int_equal(world_submit_all(w, JOB_BOUNCE, 0, 0), 0);
	assert_string_equal(w->err.code, "unsupported_by_postfix");
	assert_int_equal(world_submit_all(w, JOB_HOLD, 0, 5), 0);
	assert_string_equal(w->err.code, "invalid_value");
	assert_int_equal(w->runs, 0);
}

static void test_each_action(void **state)
{
	struct world *w = *state;
	static const enum job_action actions[] = {
	    JOB_RETRY, JOB_HOLD, JOB_RELEASE, JOB_REQUEUE, JOB_BOUNCE, JOB_DELETE};

	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		enum queue queue = actions[a] == JOB_RELEASE ? QUEUE_HOLD : QUEUE_DEFERRED;
		int64_t id;

		w->mails = 0;
		world_add(w, LONG_ID, queue);
		world_add(w, "ABCDEF1", queue);
		id = world_submit_all(w, actions[a], 0, 0);
		assert_true(id > 0);
		world_run_until(w, id, JOB_DONE);
		assert_int_equal(w->told.state, JOB_DONE);
		assert_int_equal(w->told.count[JOB_ITEM_DONE], 2);
		for (int i = 0; i < 2; i++) {
			const struct mail *m = &w->mail[i];

			assert_int_equal(m->deleted, actions[a] == JOB_DELETE);
			assert_int_equal(m->requeued, actions[a] == JOB_REQUEUE);
			assert_int_equal(
			    m->retried, actions[a] == JOB_RETRY || actions[a] == JOB_BOUNCE);
			assert_int_equal(m->expired_by_us, actions[a] == JOB_BOUNCE);
			if (actions[a] == JOB_HOLD)
				assert_int_equal(m->queue, QUEUE_HOLD);
			if (actions[a] == JOB_BOUNCE || actions[a] == JOB_RELEASE)
				assert_int_equal(m->queue, QUEUE_DEFERRED);
		}
		assert_true(w->taken != 0);
		w->taken = 0;
	}
}

/* The ID belongs to another message by the time the job comes to it. */
static void test_reused_short_id(void **state)
{
	struct world *w = *state;
	static const enum job_action actions[] = {
	    JOB_HOLD, JOB_RELEASE, JOB_REQUEUE, JOB_DELETE, JOB_BOUNCE, JOB_RETRY};

	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		enum queue queue = actions[a] == JOB_RELEASE ? QUEUE_HOLD : QUEUE_DEFERRED;
		struct selection *s = selection_create();
		struct jobs_request rq = {.action = actions[a], .who = "tester"};
		struct target t;
		struct mail *m;

		w->mails = 0;
		m = world_add(w, "ABCDEF1", queue);
		t = world_target_of(m);
		t.arrival -= 500; /* what was seen was an older one with the same ID and even the
				     same inode */
		selection_add(s, &t);
		w->answered = false;
		jobs_submit(w->jobs, &rq, &s, world_wish_done, w);
		world_wait_answer(w);
		world_run_until(w, w->row.id, JOB_DONE);
		assert_int_equal(w->told.count[JOB_ITEM_CHANGED], 1);
		assert_true(m->here && m->queue == queue);
		assert_false(m->deleted || m->requeued || m->expired_by_us || m->retried);
	}
}

static void test_gone_and_maildrop(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	world_add(w, "ABCDEF2", QUEUE_MAILDROP);
	world_add(w, "ABCDEF3", QUEUE_HOLD);
	w->mail[0].arrival = 7;
	w->not_ready = true;
	id = world_submit_all(w, JOB_HOLD, 0, 0);
	w->mail[0].here = false;
	w->not_ready = false;
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(world_outcome_of(w, id, "ABCDEF1"), JOB_ITEM_GONE);
	assert_int_equal(world_outcome_of(w, id, "ABCDEF2"), JOB_ITEM_REFUSED);
	assert_int_equal(world_outcome_of(w, id, "ABCDEF3"), JOB_ITEM_DONE);
	id = world_submit_all(w, JOB_RETRY, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(world_outcome_of(w, id, "ABCDEF3"), JOB_ITEM_REFUSED);
	id = world_submit_all(w, JOB_DELETE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 2);
}

/* The command says that an ID is none: the person is told, and nothing is tried again. */
static void test_ids_that_are_not_accepted(void **state)
{
	static const enum job_action actions[] = {
	    JOB_HOLD, JOB_DELETE, JOB_RETRY, JOB_REQUEUE, JOB_BOUNCE};
	struct world *w = *state;

	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	w->mail[0].not_accepted = true;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		int64_t id = world_submit_all(w, actions[i], 0, 0);
		int runs = w->runs;
		struct job_items items;

		world_run_until(w, id, JOB_DONE);
		assert_int_equal(world_outcome_of(w, id, "ABCDEF1"), JOB_ITEM_REFUSED);
		items = world_items_of(w, id);
		assert_string_equal(items.item[0].detail, "Postfix does not accept this queue ID.");
		job_items_free(&items);
		assert_int_equal(w->runs, runs + 1);
	}
}

/* An ID that the index does not know yet: what is there when the job looks is what was meant. */
static void test_explicit_unknown_id(void **state)
{
	struct world *w = *state;
	struct selection *s = selection_create();
	struct jobs_request rq = {.action = JOB_DELETE, .who = "tester"};

	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	selection_add_missing(s, SLICE("ABCDEF1"));
	selection_add_missing(s, SLICE("ABCDEF2"));
	w->answered = false;
	jobs_submit(w->jobs, &rq, &s, world_wish_done, w);
	world_wait_answer(w);
	world_run_until(w, w->row.id, JOB_DONE);
	assert_true(w->mail[0].deleted);
	assert_int_equal(world_outcome_of(w, w->row.id, "ABCDEF2"), JOB_ITEM_GONE);
}

static void test_grace_then_removed(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, LONG_ID, QUEUE_DEFERRED);
	world_add(w, "ABCDEF1", QUEUE_HOLD);
	world_add(w, "ABCDEF2", QUEUE_MAILDROP);
	world_add(w, "ABCDEF3", QUEUE_ACTIVE);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	assert_int_equal(w->told.state, JOB_GRACE);
	assert_int_equal(w->told.count[JOB_ITEM_HELD], 3);
	assert_true(w->mail[2].deleted); /* nothing in maildrop can be held */
	assert_true(w->mail[0].here && w->mail[0].queue == QUEUE_HOLD);
	assert_true(w->told.grace_until >= clock_now() + 3500);
	/* Meanwhile somebody releases one, and somebody else deletes another. */
	w->mail[0].queue = QUEUE_DEFERRED;
	world_wish(w, jobs_finish_grace, id);
	assert_false(w->failed);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(world_outcome_of(w, id, LONG_ID), JOB_ITEM_CHANGED);
	assert_true(w->mail[0].here && !w->mail[0].deleted);
	assert_true(w->mail[1].deleted && w->mail[3].deleted);
	world_wish(w, jobs_undo, id);
	assert_true(w->failed);
	assert_string_equal(w->err.code, "not_undoable");
}

/* Over its deadline, or with a command prefix's far end, a command may have worked in silence. */
static void test_killed_command(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, LONG_ID, QUEUE_DEFERRED);
	world_add(w, "ABCDEF1", QUEUE_HOLD);
	w->kill_silent = true;
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	world_wish(w, jobs_undo, id);
	world_run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->mail[0].queue, QUEUE_DEFERRED);
	assert_int_equal(w->mail[1].queue, QUEUE_HOLD); /* was there before */
	w->mails = 1;
	w->kill_silent = true;
	id = world_submit_all(w, JOB_DELETE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	assert_true(w->mail[0].deleted);
	assert_int_equal(world_outcome_of(w, id, LONG_ID), JOB_ITEM_UNKNOWN);
}

static void test_grace_ends_after_restart(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_DELETE, 1, 0);
	world_run_until(w, id, JOB_GRACE);
	world_stop(w);
	clock_pass(2000);
	assert_true(w->mail[0].here);
	world_start(w);
	world_run_until(w, id, JOB_DONE);
	assert_true(w->mail[0].deleted);
}

static void fill(struct world *w, int count, enum queue queue)
{
	for (int i = 0; i < count; i++) {
		char id[16];

		snprintf(id, sizeof(id), "AB%05X", i);
		world_add(w, id, queue);
	}
}

static void test_cancel_between_batches(void **state)
{
	struct world *w = *state;
	int64_t id;

	fill(w, 3500, QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	while (w->runs == 0)
		world_turn(w);
	world_wish(w, jobs_cancel, id);
	assert_false(w->failed);
	world_run_until(w, id, JOB_CANCELLED);
	assert_int_equal(w->told.state, JOB_CANCELLED);
	assert_int_equal(w->told.count[JOB_ITEM_CANCELLED], 3500);
	for (size_t i = 0; i < w->mails; i++) {
		assert_true(w->mail[i].here);
		assert_int_equal(w->mail[i].queue, QUEUE_DEFERRED);
	}
	world_wish(w, jobs_cancel, id);
	assert_string_equal(w->err.code, "job_finished");
}

static void test_small_job_first(void **state)
{
	struct world *w = *state;
	int64_t big, small;

	fill(w, 6000, QUEUE_DEFERRED); /* more than are under way at once */
	big = world_submit_all(w, JOB_HOLD, 0, 0);
	world_add(w, LONG_ID, QUEUE_DEFERRED);
	while (w->runs == 0)
		world_turn(w);
	{
		struct jobs_request rq = {.action = JOB_HOLD, .who = "tester"};
		struct selection *s = selection_create();
		struct target t = world_target_of(&w->mail[6000]);

		selection_add(s, &t);
		w->answered = false;
		jobs_submit(w->jobs, &rq, &s, world_wish_done, w);
		world_wait_answer(w);
		small = w->row.id;
	}
	world_run_until(w, small, JOB_DONE);
	assert_int_equal(w->mail[6000].queue, QUEUE_HOLD);
	assert_int_equal(w->first_ended, small);
	world_run_until(w, big, JOB_DONE);
	assert_int_equal(w->told.total, 6000);
}

/* One job of each message, of one person, all smaller than that of another one. */
#define FLOOD 40
#define LARGE 2000

static void submit_as(struct world *w, uint64_t person, size_t from, size_t count)
{
	struct jobs_request rq = {.action = JOB_HOLD, .who = "tester", .person = person};
	struct selection *s = selection_create();

	for (size_t i = 0; i < count; i++) {
		struct target t = world_target_of(&w->mail[from + i]);

		selection_add(s, &t);
	}
	w->answered = false;
	jobs_submit(w->jobs, &rq, &s, world_wish_done, w);
	world_wait_answer(w);
}

static void test_small_jobs_keep_nobody_out(void **state)
{
	struct world *w = *state;

	fill(w, LARGE + FLOOD, QUEUE_DEFERRED);
	w->not_ready = true;
	for (size_t i = 0; i < FLOOD; i++)
		submit_as(w, 7, LARGE + i, 1);
	submit_as(w, 8, 0, LARGE);
	while (jobs_open_of(w->jobs, 8) == 0)
		world_turn(w);
	assert_int_equal(jobs_open_of(w->jobs, 7), FLOOD);
	/* All have waited long by now. */
	clock_move(60000);
	w->not_ready = false;
	jobs_ports_ready(w->jobs);
	while (w->mail[0].queue != QUEUE_HOLD)
		world_turn(w);
	assert_in_range(jobs_open_of(w->jobs, 7), FLOOD - 10, FLOOD);
}

static void test_two_jobs_on_the_same(void **state)
{
	struct world *w = *state;
	int64_t first, second;

	fill(w, 50, QUEUE_DEFERRED);
	w->not_ready = true;
	first = world_submit_all(w, JOB_DELETE, 0, 0);
	second = world_submit_all(w, JOB_DELETE, 0, 0);
	w->not_ready = false;
	world_run_until(w, first, JOB_DONE);
	world_run_until(w, second, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_GONE] + w->told.count[JOB_ITEM_DONE], 50);
	for (size_t i = 0; i < w->mails; i++)
		assert_true(w->mail[i].deleted);
}

/* An operator holds what is on hold only because of a delete's grace time: undo leaves it there. */
static void test_hold_outlives_undo(void **state)
{
	struct world *w = *state;
	int64_t gone, held;
	struct job_items items;

	world_add(w, LONG_ID, QUEUE_DEFERRED);
	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	gone = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, gone, JOB_GRACE);
	world_add(w, "ABCDEF2", QUEUE_HOLD);
	w->mail[0].here = false; /* not selected */
	held = world_submit_all(w, JOB_HOLD, 0, 0);
	w->mail[0].here = true;
	world_run_until(w, held, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 2);
	items = world_items_of(w, held);
	assert_non_null(strstr(items.item[0].detail, "undo that job"));
	assert_string_equal(items.item[1].detail, "It was on hold already.");
	job_items_free(&items);
	world_wish(w, jobs_undo, gone);
	world_run_until(w, gone, JOB_UNDONE);
	assert_int_equal(w->mail[0].queue, QUEUE_DEFERRED);
	assert_int_equal(w->mail[1].queue, QUEUE_HOLD);
}

/* A hold that came after the preview is not overruled by what would take the message out of it. */
static void test_hold_after_preview(void **state)
{
	struct world *w = *state;
	static const enum job_action actions[] = {JOB_BOUNCE, JOB_REQUEUE};

	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		int64_t id;

		w->mails = 0;
		world_add(w, LONG_ID, QUEUE_DEFERRED);
		world_add(w, "ABCDEF1", QUEUE_DEFERRED);
		world_add(w, "ABCDEF2", QUEUE_HOLD); /* was there, and said so */
		w->not_ready = true;
		id = world_submit_all(w, actions[a], 0, 0);
		w->mail[0].queue = w->mail[1].queue = QUEUE_HOLD;
		w->not_ready = false;
		jobs_ports_ready(w->jobs);
		world_run_until(w, id, JOB_DONE);
		assert_int_equal(w->told.count[JOB_ITEM_CHANGED], 2);
		assert_int_equal(w->told.count[JOB_ITEM_DONE], 1);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(w->mail[i].queue, QUEUE_HOLD);
			assert_false(w->mail[i].expired_by_us || w->mail[i].requeued);
		}
	}
}

/* What keeps the job from going on is told as soon as it was tried, however slow the machine is. */
static void turn_until_problem(struct world *w, int64_t id, const char *problem)
{
	int64_t end = clock_monotonic_ms() + 20000;
	struct job_row row = {.id = id};

	do {
		world_turn(w);
		memset(row.problem, 0, sizeof(row.problem));
		jobs_add_progress(w->jobs, &row);
	} while (strstr(row.problem, problem) == NULL && clock_monotonic_ms() < end);
	assert_non_null(strstr(row.problem, problem));
}

static void test_waits_for_peers(void **state)
{
	struct world *w = *state;
	int64_t id;

	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	w->not_ready = true;
	id = world_submit_all(w, JOB_DELETE, 0, 0);
	turn_until_problem(w, id, "the helper is not there");
	assert_int_equal(w->runs, 0);
	w->not_ready = false;
	w->refuse = true;
	jobs_ports_ready(w->jobs);
	turn_until_problem(w, id, "the helper said no");
	w->refuse = false;
	w->nobody = true;
	jobs_ports_ready(w->jobs);
	turn_until_problem(w, id, "reader");
	assert_true(w->mail[0].here);
	w->nobody = false;
	jobs_ports_ready(w->jobs);
	world_run_until(w, id, JOB_DONE);
	assert_true(w->mail[0].deleted);
}

/* A postsuper that dies after one message each time does the rest all the same. */
static void test_command_that_dies(void **state)
{
	struct world *w = *state;
	char id[16];

	for (int i = 0; i < 8; i++) {
		snprintf(id, sizeof(id), "ABCDEF%d", i);
		world_add(w, id, QUEUE_DEFERRED);
	}
	w->dies_after = 1;
	world_run_until(w, world_submit_all(w, JOB_HOLD, 0, 0), JOB_DONE);
	assert_int_equal(w->runs, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(w->mail[i].queue, QUEUE_HOLD);
}

static void test_paced_retry(void **state)
{
	struct world *w = *state;
	int64_t id, begin = clock_monotonic_ms();

	fill(w, 10, QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_RETRY, 0, 600); /* ten a second */
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 10);
	assert_true(clock_monotonic_ms() - begin >= 850);
}

static void tell_attempts(
    struct world *w, const char *domain, enum job_result result, const char *reply, bool told[])
{
	for (size_t i = 0; i < w->mails; i++) {
		char to[64];
		struct follow_attempt attempt = {.result = result, .reply = slice_of(reply)};

		if (!w->mail[i].retried || told[i] || strcmp(w->mail[i].domain, domain) != 0)
			continue;
		told[i] = true;
		snprintf(to, sizeof(to), "User@%s", domain);
		attempt.recipient = slice_of(to);
		jobs_attempted(w->jobs, slice_of(w->mail[i].id), &attempt);
	}
}

/* One destination refuses as before and is given up; the other goes on; both are counted. */
static void test_paced_retry_stops(void **state)
{
	struct world *w = *state;
	bool told[30] = {false};
	struct job_items items;
	int64_t id;

	fill(w, 30, QUEUE_DEFERRED);
	for (int i = 10; i < 20; i++)
		w->mail[i].domain = "other.example";
	for (int i = 20; i < 30; i++)
		w->mail[i].domain = "";
	w->log = true;
	w->reason = "host mx.there.example[192.0.2.1] said: 450 4.7.0 Try again 17 (in reply to "
		    "RCPT TO command)";
	id = world_submit_all(w, JOB_RETRY, 0, 60000);
	for (int64_t begin = clock_monotonic_ms();
	     w->told_of[id % TOLD_MAX].count[JOB_ITEM_STOPPED] == 0 || !w->mail[19].retried;) {
		int64_t ms = clock_monotonic_ms() - begin;

		assert_true(ms < 30000);
		world_turn(w);
		tell_attempts(w, "other.example", JOB_RESULT_DELIVERED, "250 2.0.0 Ok", told);
		if (ms > 400) /* what it says takes its time: meanwhile no more are tried */
			tell_attempts(w, "there.example", JOB_RESULT_DEFERRED,
			    "delivery temporarily suspended: host mx.there.example[192.0.2.2] "
			    "said: "
			    "450 4.7.0 Try again 99 (in reply to RCPT TO command)",
			    told);
	}
	tell_attempts(w, "", JOB_RESULT_DELIVERED, "250 2.0.0 Ok", told);
	w->log = false;
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(w->mail[i].retried, i < PACE_PROBES);
	for (size_t i = 10; i < 20; i++)
		assert_true(w->mail[i].retried);
	assert_int_equal(w->told_of[id % TOLD_MAX].count[JOB_ITEM_STOPPED], 10 - PACE_PROBES);
	world_wish(w, jobs_cancel, id); /* those of no destination wait to be heard of */
	world_run_until(w, id, JOB_DONE);
	while (!jobs_idle(w->jobs))
		world_turn(w);
	assert_int_equal(w->told.stops, 1);
	assert_string_equal(w->told.stop[0].destination, "there.example");
	assert_non_null(strstr(w->told.stop[0].reply, "450 4.7.0 Try again"));
	assert_int_equal(w->told.stop[0].untried, 10 - PACE_PROBES);
	items = world_items_of(w, id);
	assert_int_equal(items.item[0].result, JOB_RESULT_DEFERRED);
	assert_int_equal(items.item[9].outcome, JOB_ITEM_STOPPED);
	assert_non_null(strstr(items.item[9].detail, "the same refusal again"));
	assert_int_equal(items.item[10].result, JOB_RESULT_DELIVERED);
	assert_string_equal(items.item[10].reply, "User@other.example: 250 2.0.0 Ok");
	job_items_free(&items);
}

/* The result of a message with several recipients, over several attempts. */
static void test_results_are_followed(void **state)
{
	struct world *w = *state;
	static const struct {
		enum job_result result;
		const char *to;
		enum job_result expected;
	} steps[] = {{JOB_RESULT_DELIVERED, "a@x.example", JOB_RESULT_DELIVERED},
	    {JOB_RESULT_BOUNCED, "b@x.example", JOB_RESULT_BOUNCED},
	    {JOB_RESULT_DEFERRED, "c@x.example", JOB_RESULT_DEFERRED},
	    {JOB_RESULT_DELIVERED, "d@x.example", JOB_RESULT_DEFERRED},
	    {JOB_RESULT_UNKNOWN, "", JOB_RESULT_DEFERRED}, /* taken up once more */
	    {JOB_RESULT_DELIVERED, "c@x.example", JOB_RESULT_DELIVERED},
	    {JOB_RESULT_BOUNCED, "", JOB_RESULT_BOUNCED}};
	int64_t id;

	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_REQUEUE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	jobs_requeued(w->jobs, SLICE("ABCDEF1"), SLICE("BBBBBB2"));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct follow_attempt attempt = {.result = steps[i].result,
		    .recipient = slice_of(steps[i].to),
		    .reply = SLICE("as told")};
		struct job_items items;

		if (attempt.result == JOB_RESULT_UNKNOWN)
			jobs_began(w->jobs, SLICE("BBBBBB2"));
		else
			jobs_attempted(w->jobs, SLICE("BBBBBB2"), &attempt);
		while (!jobs_idle(w->jobs))
			world_turn(w);
		items = world_items_of(w, id);
		assert_int_equal(items.item[0].result, steps[i].expected);
		assert_string_equal(items.item[0].new_id, "BBBBBB2");
		job_items_free(&items);
		/* Told of the job that has ended, too. */
		for (int r = JOB_RESULT_DELIVERED; r < JOB_RESULTS; r++)
			assert_int_equal(
			    w->told_of[id % TOLD_MAX].result[r], r == (int)steps[i].expected);
	}
}

static void test_new_id_is_followed(void **state)
{
	struct world *w = *state;
	struct job_items items;
	int64_t id;

	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_REQUEUE, 0, 0);
	world_run_until(w, id, JOB_DONE);
	jobs_requeued(w->jobs, SLICE("ABCDEF1"), SLICE("BBBBBB2"));
	jobs_requeued(w->jobs, SLICE("ABCDEF9"), SLICE("BBBBBB3"));
	jobs_tick(w->jobs);
	while (!jobs_idle(w->jobs))
		world_turn(w);
	items = world_items_of(w, id);
	assert_string_equal(items.item[0].new_id, "BBBBBB2");
	job_items_free(&items);
}

/* A large job is answered before all of it is written down; killed then, it ends and did nothing.
 */
static void test_never_whole(void **state)
{
	struct world *w = *state;

	fill(w, 6000, QUEUE_DEFERRED);
	for (int wished = 0; wished < 2; wished++) {
		int64_t id = world_submit_all(w, JOB_DELETE, 0, 0);

		assert_int_equal(w->row.state, JOB_WRITING);
		if (wished) {
			w->answered = false;
			jobs_cancel(w->jobs, id, world_wish_done, w);
			world_wait_answer(w);
			assert_false(w->failed);
		} else {
			world_stop(w);
			world_start(w);
		}
		world_run_until(w, id, JOB_CANCELLED);
		assert_int_equal(w->told.state, JOB_CANCELLED);
		assert_int_equal(w->told.count[JOB_ITEM_CANCELLED], 6000);
		assert_non_null(strstr(w->told.problem, "nothing was done to any of them"));
	}
	assert_int_equal(w->runs, 0);
	for (size_t i = 0; i < w->mails; i++)
		assert_true(w->mail[i].here);
}

/* ---- a process that dies at every point ---- */

struct crash_case {
	enum job_action action;
	int64_t undo_seconds;
};

static void check_truth(struct world *w, const struct crash_case *c, int64_t id)
{
	struct job_items items = world_items_of(w, id);

	for (size_t i = 0; i < items.count; i++) {
		const struct job_item *item = &items.item[i];
		const struct mail *m = &w->mail[i];

		assert_int_equal(item->step, JOB_STEP_SETTLED);
		assert_true(item->outcome == JOB_ITEM_DONE || item->outcome == JOB_ITEM_UNKNOWN ||
			    item->outcome == JOB_ITEM_GONE);
		/* "done" is never said of what was not done. */
		if (item->outcome == JOB_ITEM_DONE)
			assert_true(c->action == JOB_DELETE    ? m->deleted
				    : c->action == JOB_REQUEUE ? m->requeued
				    : c->action == JOB_BOUNCE
					? m->expired_by_us && m->queue != QUEUE_HOLD
				    : c->action == JOB_HOLD    ? m->queue == QUEUE_HOLD
				    : c->action == JOB_RELEASE ? m->queue != QUEUE_HOLD
							       : m->retried);
		/* "gone" is only said of what this process did not take away itself. */
		if (item->outcome == JOB_ITEM_GONE)
			assert_false(m->here && c->action != JOB_RETRY);
	}
	job_items_free(&items);
}

static void crash_once(void **state, const struct crash_case *c, int at, bool before, bool keep)
{
	struct world *w = *state;
	int64_t id;

	w->mails = 0;
	w->ops = 0;
	world_add(w, LONG_ID, c->action == JOB_RELEASE ? QUEUE_HOLD : QUEUE_DEFERRED);
	world_add(w, "ABCDEF1", c->action == JOB_RELEASE ? QUEUE_HOLD : QUEUE_DEFERRED);
	world_add(w, "ABCDEF2", QUEUE_HOLD);
	w->mail[2].here = c->action != JOB_RETRY && c->action != JOB_RELEASE;
	w->crash_at = at;
	w->crash_before = before;
	w->crashed = false;
	w->keep_answers = keep;
	id = world_submit_all(w, c->action, c->undo_seconds, 0);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.state, JOB_DONE);
	check_truth(w, c, id);
	w->crash_at = 0;
}

static void test_crash_everywhere(void **state)
{
	static const struct crash_case cases[] = {{JOB_RETRY, 0}, {JOB_HOLD, 0}, {JOB_RELEASE, 0},
	    {JOB_REQUEUE, 0}, {JOB_DELETE, 0}, {JOB_DELETE, 1}, {JOB_BOUNCE, 0}};

	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
		for (int at = 1; at <= 8; at++)
			for (int how = 0; how < 4; how++) {
				/* The grace time makes this one slow: fewer points, the same code.
				 */
				if (cases[c].undo_seconds > 0 && (how == 1 || at > 5))
					continue;
				crash_once(state, &cases[c], at, (how & 1) != 0, (how & 2) != 0);
			}
}

/* Several batches are under way when it dies. */
static void test_crash_with_many_batches(void **state)
{
	struct world *w = *state;
	static const enum job_action actions[] = {JOB_HOLD, JOB_DELETE, JOB_REQUEUE};

	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++)
		for (int at = 1; at <= 7; at += 3)
			for (int how = 0; how < 4; how += 3) {
				struct crash_case c = {actions[a], 0};
				int64_t id;

				w->mails = 0;
				w->ops = 0;
				fill(w, 3500, QUEUE_DEFERRED);
				w->crash_at = at;
				w->crash_before = (how & 1) != 0;
				w->crashed = false;
				w->keep_answers = (how & 2) != 0;
				id = world_submit_all(w, c.action, 0, 0);
				world_run_until(w, id, JOB_DONE);
				assert_int_equal(w->told.count[JOB_ITEM_DONE], 3500);
				check_truth(w, &c, id);
				w->crash_at = 0;
			}
}

/* Undone while it dies at every point: everything comes back, what was held before stays. */
static void test_crash_in_undo(void **state)
{
	struct world *w = *state;

	for (int at = 1; at <= 4; at++)
		for (int how = 0; how < 4; how++) {
			int64_t id;

			w->mails = 0;
			world_add(w, LONG_ID, QUEUE_DEFERRED);
			world_add(w, "ABCDEF1", QUEUE_DEFERRED);
			world_add(w, "ABCDEF2", QUEUE_HOLD);
			id = world_submit_all(w, JOB_DELETE, 3600, 0);
			world_run_until(w, id, JOB_GRACE);
			w->ops = 0;
			w->crash_at = at;
			w->crash_before = (how & 1) != 0;
			w->keep_answers = (how & 2) != 0;
			world_wish(w, jobs_undo, id);
			w->told_of[id % TOLD_MAX].state = JOB_RUNNING;
			world_run_until(w, id, JOB_UNDONE);
			assert_int_equal(w->told.state, JOB_UNDONE);
			assert_true(w->mail[0].here && w->mail[0].queue == QUEUE_DEFERRED);
			assert_true(w->mail[1].here && w->mail[1].queue == QUEUE_DEFERRED);
			assert_true(w->mail[2].here && w->mail[2].queue == QUEUE_HOLD);
			w->crash_at = 0;
		}
}

/* Of somebody who sees a part: what goes to others when its turn comes is left alone, by every
 * action, and what is gone is told as that. */
static void test_not_all_his(void **state)
{
	struct world *w = *state;
	static const enum job_action actions[] = {
	    JOB_RETRY, JOB_HOLD, JOB_RELEASE, JOB_REQUEUE, JOB_BOUNCE, JOB_DELETE};

	w->scope = "domain:=customer.example";
	for (size_t a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
		enum queue queue = actions[a] == JOB_RELEASE ? QUEUE_HOLD : QUEUE_DEFERRED;
		struct job_items items;
		int64_t id;

		w->mails = 0;
		world_add(w, LONG_ID, queue)->outside = true;
		world_add(w, "ABCDEF1", queue)->outside = true;
		world_add(w, "ABCDEF2", queue);
		world_add(w, "ABCDEF3", queue)->outside = true;
		id = world_submit_all(w, actions[a], 0, 0);
		w->mail[3].here = false;
		world_run_until(w, id, JOB_DONE);
		assert_int_equal(w->told.count[JOB_ITEM_REFUSED], 2);
		assert_int_equal(w->told.count[JOB_ITEM_DONE], 1);
		assert_int_equal(world_outcome_of(w, id, "ABCDEF3"), JOB_ITEM_GONE);
		for (int i = 0; i < 2; i++) {
			const struct mail *m = &w->mail[i];

			assert_true(m->here && m->queue == queue);
			assert_false(m->deleted || m->requeued || m->retried || m->expired);
		}
		items = world_items_of(w, id);
		assert_non_null(strstr(items.item[0].detail, "outside of what you see"));
		assert_non_null(strstr(items.item[1].detail_words, "job_not_all_yours"));
		job_items_free(&items);
	}
}

/* What has come to go to others in the grace time goes back from hold, also after a restart: the
 * scope is in the store. A message that was on hold before stays there. */
static void test_not_all_his_after_the_grace_time(void **state)
{
	struct world *w = *state;
	int64_t id;

	w->scope = "domain:=customer.example";
	world_add(w, LONG_ID, QUEUE_DEFERRED);
	world_add(w, "ABCDEF1", QUEUE_DEFERRED);
	world_add(w, "ABCDEF2", QUEUE_HOLD);
	world_add(w, "ABCDEF3", QUEUE_DEFERRED);
	id = world_submit_all(w, JOB_DELETE, 3600, 0);
	world_run_until(w, id, JOB_GRACE);
	assert_int_equal(w->told.count[JOB_ITEM_HELD], 4);
	for (int i = 0; i < 3; i++)
		w->mail[i].outside = true;
	world_stop(w);
	world_start(w);
	while (jobs_grace_until(w->jobs, id) == 0)
		world_turn(w);
	world_wish(w, jobs_finish_grace, id);
	world_run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_REFUSED], 3);
	assert_true(w->mail[3].deleted);
	assert_true(w->mail[0].here && w->mail[0].queue == QUEUE_DEFERRED);
	assert_true(w->mail[1].here && w->mail[1].queue == QUEUE_DEFERRED);
	assert_true(w->mail[2].here && w->mail[2].queue == QUEUE_HOLD);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing_is_an_answer),
	    TEST(test_each_action),
	    TEST(test_reused_short_id),
	    TEST(test_gone_and_maildrop),
	    TEST(test_ids_that_are_not_accepted),
	    TEST(test_explicit_unknown_id),
	    TEST(test_grace_then_removed),
	    TEST(test_killed_command),
	    TEST(test_grace_ends_after_restart),
	    TEST(test_cancel_between_batches),
	    TEST(test_small_job_first),
	    TEST(test_small_jobs_keep_nobody_out),
	    TEST(test_two_jobs_on_the_same),
	    TEST(test_hold_outlives_undo),
	    TEST(test_hold_after_preview),
	    TEST(test_waits_for_peers),
	    TEST(test_command_that_dies),
	    TEST(test_paced_retry),
	    TEST(test_paced_retry_stops),
	    TEST(test_results_are_followed),
	    TEST(test_new_id_is_followed),
	    TEST(test_never_whole),
	    TEST(test_crash_everywhere),
	    TEST(test_crash_with_many_batches),
	    TEST(test_crash_in_undo),
	    TEST(test_not_all_his),
	    TEST(test_not_all_his_after_the_grace_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
