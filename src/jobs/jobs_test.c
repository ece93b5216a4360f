#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/jobs.h"

/* A queue that behaves as postsuper, flush(8) and the reader do (POSTFIX.md 3.5, 4), and answers
 * later. */

#define LONG_ID "4dCzQ80sf8z1p3V"
#define MESSAGES_MAX 4000
#define TOLD_MAX 512

struct mail {
	char id[29];
	int64_t arrival;
	uint64_t inode;
	const char *sender;
	enum queue queue;
	bool here, expired;
	bool deleted, requeued, retried, expired_by_us;
};

struct answer {
	bool run;
	ports_ran_done *ran;
	ports_look_done *looked;
	void *ctx;
	struct ports_ran result;
	enum ports_said *said;
	struct found *found;
	size_t count;
	uint64_t token;
};

struct world {
	char folder[64], path[80];
	struct store *store;
	struct jobs *jobs;
	struct mail mail[MESSAGES_MAX];
	size_t mails;
	struct answer answer;
	bool waiting;	   /* an answer is due */
	int ops, crash_at; /* the operation at which the process dies; 0 never */
	bool crash_before; /* before it took effect, else after it and before the answer */
	bool crashed;
	bool keep_answers; /* the helper still knows what the last run said */
	uint64_t kept_token;
	enum ports_said kept_said[PORTS_BATCH_MAX];
	char kept_id[PORTS_BATCH_MAX][29];
	size_t kept_count;
	bool not_ready, nobody, refuse;
	bool kill_silent; /* the next command works, but is ended before it says so */
	int runs;
	uint64_t taken;
	bool answered;
	struct job_row row;
	struct error err;
	bool failed;
	struct job_row told; /* what run_until waited for */
	struct job_row told_of[TOLD_MAX];
	int64_t first_ended;
};

static struct mail *mail_add(struct world *w, const char *id, enum queue queue)
{
	struct mail *m = &w->mail[w->mails++];

	assert_true(w->mails <= MESSAGES_MAX);
	memset(m, 0, sizeof(*m));
	snprintf(m->id, sizeof(m->id), "%s", id);
	m->arrival = 1000 + (int64_t)w->mails;
	m->inode = 5000 + w->mails;
	m->sender = "someone@shop.example";
	m->queue = queue;
	m->here = true;
	return m;
}

static struct mail *mail_find(struct world *w, struct slice id)
{
	for (size_t i = 0; i < w->mails; i++)
		if (w->mail[i].here && slice_is(id, w->mail[i].id))
			return &w->mail[i];
	return NULL;
}

static bool is_queued(const struct mail *m)
{
	return m->queue == QUEUE_INCOMING || m->queue == QUEUE_ACTIVE || m->queue == QUEUE_DEFERRED;
}

static enum ports_said apply_delete(struct mail *m, bool held_only)
{
	if (held_only && m->queue != QUEUE_HOLD)
		return PORTS_NOTHING;
	m->here = false;
	m->deleted = true;
	return PORTS_OK;
}

static enum ports_said apply_requeue(struct mail *m, bool held_only)
{
	if (m->queue == QUEUE_MAILDROP || (held_only && m->queue != QUEUE_HOLD))
		return PORTS_NOTHING;
	m->queue = QUEUE_MAILDROP;
	m->requeued = true;
	return PORTS_OK;
}

static enum ports_said apply_move(struct mail *m, bool from_hold)
{
	if (from_hold ? m->queue != QUEUE_HOLD : !is_queued(m))
		return PORTS_NOTHING;
	m->queue = from_hold ? QUEUE_DEFERRED : QUEUE_HOLD;
	return PORTS_OK;
}

static enum ports_said apply_expire(struct mail *m)
{
	if (m->queue == QUEUE_MAILDROP || m->expired)
		return PORTS_NOTHING;
	m->expired = m->expired_by_us = true;
	return PORTS_OK;
}

static enum ports_said apply(struct world *w, enum ports_verb verb, struct slice id)
{
	struct mail *m = mail_find(w, id);

	if (m == NULL)
		return verb == PORTS_RETRY ? PORTS_OK : PORTS_NOTHING;
	switch (verb) {
	case PORTS_HOLD:
		return apply_move(m, false);
	case PORTS_RELEASE:
		return apply_move(m, true);
	case PORTS_DELETE:
	case PORTS_DELETE_HELD:
		return apply_delete(m, verb == PORTS_DELETE_HELD);
	case PORTS_REQUEUE:
	case PORTS_REQUEUE_HELD:
		return apply_requeue(m, verb == PORTS_REQUEUE_HELD);
	case PORTS_EXPIRE:
		return apply_expire(m);
	case PORTS_RETRY:
		m->retried |= is_queued(m);
		return PORTS_OK;
	case PORTS_FLUSH:
		break;
	}
	return PORTS_NOTHING;
}

/* Counts an operation; true when the process dies here, with or without its effect. */
static bool dies(struct world *w, bool before)
{
	if (w->crash_at == 0 || w->crashed || w->ops != w->crash_at || w->crash_before != before)
		return false;
	w->crashed = true;
	return true;
}

static void run(void *owner, enum ports_verb verb, uint64_t token, const struct slice *ids,
    size_t count, ports_ran_done *done, void *ctx)
{
	struct world *w = owner;
	enum ports_said *said = memory_zero(count + 1, sizeof(*said));

	assert_false(w->waiting);
	assert_true(count <= PORTS_BATCH_MAX);
	if (w->crashed) {
		free(said);
		return;
	}
	w->ops++;
	w->answer = (struct answer){.run = true,
	    .ran = done,
	    .ctx = ctx,
	    .said = said,
	    .count = count,
	    .token = token,
	    .result = {.end = PORTS_EXITED, .said = said, .count = count}};
	w->waiting = true;
	if (w->refuse) {
		w->answer.result.end = PORTS_REFUSED;
		w->answer.result.text = SLICE("the helper said no");
		return;
	}
	w->runs++;
	if (dies(w, true))
		return;
	w->kept_token = token;
	w->kept_count = count;
	for (size_t i = 0; i < count; i++) {
		said[i] = w->kept_said[i] = apply(w, verb, ids[i]);
		snprintf(w->kept_id[i], sizeof(w->kept_id[i]), "%.*s", SLICE_ARGS(ids[i]));
	}
	if (w->kill_silent) {
		memset(said, 0, count * sizeof(*said)); /* PORTS_NOTHING */
		w->answer.result.end = PORTS_KILLED;
		w->kill_silent = false;
	}
	dies(w, false);
}

static void recall(void *owner, uint64_t token, const struct slice *ids, size_t count,
    ports_ran_done *done, void *ctx)
{
	struct world *w = owner;
	enum ports_said *said = memory_zero(count + 1, sizeof(*said));

	w->answer = (struct answer){.run = true,
	    .ran = done,
	    .ctx = ctx,
	    .said = said,
	    .count = count,
	    .result = {.end = PORTS_LOST, .said = said, .count = count}};
	w->waiting = true;
	if (!w->keep_answers || token != w->kept_token)
		return;
	w->answer.result.end = PORTS_EXITED;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < w->kept_count; k++)
			if (slice_is(ids[i], w->kept_id[k]))
				said[i] = w->kept_said[k];
}

static void taken(void *owner, uint64_t token)
{
	struct world *w = owner;

	w->taken = token;
}

static void look(
    void *owner, const struct slice *ids, size_t count, ports_look_done *done, void *ctx)
{
	struct world *w = owner;
	struct found *found = memory_zero(count + 1, sizeof(*found));

	if (w->crashed) {
		free(found);
		return;
	}
	w->ops++;
	for (size_t i = 0; i < count; i++) {
		struct mail *m = mail_find(w, ids[i]);

		if (w->nobody)
			found[i].state = FOUND_NOBODY;
		else if (m == NULL)
			found[i].state = FOUND_MISSING;
		else
			found[i] = (struct found){.state = FOUND_HERE,
			    .queue = m->queue,
			    .arrival = m->arrival,
			    .inode = m->inode,
			    .sender = slice_of(m->sender),
			    .expire_known = true,
			    .forced_expire = m->expired};
	}
	w->answer = (struct answer){.looked = done, .ctx = ctx, .found = found, .count = count};
	w->waiting = true;
	if (!dies(w, true))
		dies(w, false);
}

static bool ready(void *owner, struct slice *reason)
{
	struct world *w = owner;

	*reason = SLICE("the helper is not there");
	return !w->not_ready;
}

static void command(void *owner, enum ports_command c, const struct ports_setting *settings,
    size_t count, ports_output_done *done, void *ctx)
{
	(void)owner;
	(void)c;
	(void)settings;
	(void)count;
	(void)done;
	(void)ctx;
	fail();
}

static void qmgr(void *owner, ports_qmgr_done *done, void *ctx)
{
	(void)owner;
	(void)done;
	(void)ctx;
	fail();
}

static void changed(void *owner, const struct job_row *job)
{
	struct world *w = owner;

	w->told_of[job->id % TOLD_MAX] = *job;
	if (job_state_is_final(job->state) && w->first_ended == 0)
		w->first_ended = job->id;
}

static void start(struct world *w)
{
	struct ports ports = {.owner = w,
	    .run = run,
	    .recall = recall,
	    .taken = taken,
	    .look = look,
	    .command = command,
	    .qmgr = qmgr,
	    .ready = ready};
	struct jobs_events events = {.owner = w, .changed = changed};

	w->store = store_create(w->path);
	w->jobs = jobs_create(w->store, &ports, &events);
	jobs_resume(w->jobs);
}

static void stop(struct world *w)
{
	jobs_stop(w->jobs);
	store_destroy(&w->store);
	jobs_destroy(&w->jobs);
	free(w->answer.said);
	free(w->answer.found);
	w->answer = (struct answer){0};
	w->waiting = false;
}

static void give_answer(struct world *w)
{
	struct answer a = w->answer;

	w->answer = (struct answer){0};
	w->waiting = false;
	if (a.run)
		a.ran(a.ctx, &a.result);
	else
		a.looked(a.ctx, a.found, a.count);
	free(a.said);
	free(a.found);
}

/* One turn of the loop. */
static void turn(struct world *w)
{
	store_dispatch(w->store);
	if (w->crashed)
		return;
	if (w->waiting)
		give_answer(w);
	jobs_tick(w->jobs);
	usleep(200);
}

/* Until the job has ended or rests in `state`; starts again after a crash. */
static void run_until(struct world *w, int64_t id, enum job_state state)
{
	int64_t end = clock_monotonic_ms() + 20000;

	for (;;) {
		turn(w);
		w->told = w->told_of[id % TOLD_MAX];
		if (w->crashed && w->crash_at != 0) {
			stop(w);
			w->crash_at = 0;
			w->crashed = false;
			start(w);
		}
		if (w->told.id == id &&
		    (job_state_is_final(w->told.state) || w->told.state == state) &&
		    store_pending(w->store) == 0)
			return;
		if (clock_monotonic_ms() > end)
			fail_msg("job %lld hangs in state %d: %s", (long long)id, w->told.state,
			    w->told.problem);
	}
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->folder, "/tmp/postroom-jobs-test-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/postroom.db", w->folder);
	start(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char command_line[128];

	stop(w);
	snprintf(command_line, sizeof(command_line), "rm -rf %s", w->folder);
	assert_int_equal(system(command_line), 0);
	free(w);
	return 0;
}

/* ---- asking ---- */

static void wish_done(void *ctx, const struct job_row *job, const struct error *err)
{
	struct world *w = ctx;

	w->answered = true;
	w->failed = job == NULL;
	if (job != NULL)
		w->row = *job;
	else
		w->err = *err;
}

static void wait_answer(struct world *w)
{
	for (int i = 0; i < 20000 && !w->answered; i++) {
		store_dispatch(w->store);
		usleep(200);
	}
	assert_true(w->answered);
}

static struct target target_of(const struct mail *m)
{
	return (struct target){.id = slice_of(m->id),
	    .queue = m->queue,
	    .arrival = m->arrival,
	    .inode = m->inode,
	    .sender = slice_of(m->sender),
	    .size = 100,
	    .created = m->arrival,
	    .domain = SLICE("there.example")};
}

static int64_t submit_all(
    struct world *w, enum job_action action, int64_t undo_seconds, int64_t rate)
{
	struct jobs_request rq = {.action = action,
	    .who = "tester",
	    .undo_seconds = undo_seconds,
	    .rate = rate,
	    .filter = ""};
	struct selection *s = selection_create();

	for (size_t i = 0; i < w->mails; i++) {
		struct target t = target_of(&w->mail[i]);

		if (w->mail[i].here)
			selection_add(s, &t);
	}
	w->answered = false;
	jobs_submit(w->jobs, &rq, &s, wish_done, w);
	assert_null(s);
	wait_answer(w);
	return w->failed ? 0 : w->row.id;
}

static void wish(
    struct world *w, void (*call)(struct jobs *, int64_t, jobs_done *, void *), int64_t id)
{
	w->answered = false;
	call(w->jobs, id, wish_done, w);
	wait_answer(w);
}

struct items_of {
	int64_t job;
	struct job_items items;
	bool done;
};

static enum db_result read_items(struct db *db, void *arg, struct error *err)
{
	struct items_of *r = arg;
	struct job_items_query query = {.job = r->job, .after = -1, .max = MESSAGES_MAX};

	return job_rows_items(db, &query, &r->items, err);
}

static void items_are_read(void *arg, enum db_result result, const struct error *err)
{
	struct items_of *r = arg;

	(void)err;
	assert_int_equal(result, DB_OK);
	r->done = true;
}

static struct job_items items_of(struct world *w, int64_t job)
{
	struct items_of r = {.job = job};

	store_read(w->store, read_items, items_are_read, &r);
	while (!r.done) {
		store_dispatch(w->store);
		usleep(200);
	}
	return r.items;
}

static enum job_outcome outcome_of(struct world *w, int64_t job, const char *id)
{
	struct job_items items = items_of(w, job);
	enum job_outcome outcome = JOB_OUTCOMES;

	for (size_t i = 0; i < items.count; i++)
		if (strcmp(items.item[i].id, id) == 0)
			outcome = items.item[i].outcome;
	job_items_free(&items);
	return outcome;
}

/* ---- the tests ---- */

static void test_nothing_is_an_answer(void **state)
{
	struct world *w = *state;

	assert_int_equal(submit_all(w, JOB_DELETE, 0, 0), 0);
	assert_string_equal(w->err.code, "nothing_matched");
	mail_add(w, "ABCDEF1", QUEUE_DEFERRED);
	jobs_set_postfix_version(w->jobs, 304);
	assert_int_equal(submit_all(w, JOB_BOUNCE, 0, 0), 0);
	assert_string_equal(w->err.code, "unsupported_by_postfix");
	assert_int_equal(submit_all(w, JOB_HOLD, 0, 5), 0);
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
		mail_add(w, LONG_ID, queue);
		mail_add(w, "ABCDEF1", queue);
		id = submit_all(w, actions[a], 0, 0);
		assert_true(id > 0);
		run_until(w, id, JOB_DONE);
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
		m = mail_add(w, "ABCDEF1", queue);
		t = target_of(m);
		t.arrival -= 500; /* what was seen was an older one with the same ID and even the
				     same inode */
		selection_add(s, &t);
		w->answered = false;
		jobs_submit(w->jobs, &rq, &s, wish_done, w);
		wait_answer(w);
		run_until(w, w->row.id, JOB_DONE);
		assert_int_equal(w->told.count[JOB_ITEM_CHANGED], 1);
		assert_true(m->here && m->queue == queue);
		assert_false(m->deleted || m->requeued || m->expired_by_us || m->retried);
	}
}

static void test_gone_and_maildrop(void **state)
{
	struct world *w = *state;
	int64_t id;

	mail_add(w, "ABCDEF1", QUEUE_DEFERRED);
	mail_add(w, "ABCDEF2", QUEUE_MAILDROP);
	mail_add(w, "ABCDEF3", QUEUE_HOLD);
	w->mail[0].arrival = 7;
	w->not_ready = true;
	id = submit_all(w, JOB_HOLD, 0, 0);
	w->mail[0].here = false;
	w->not_ready = false;
	run_until(w, id, JOB_DONE);
	assert_int_equal(outcome_of(w, id, "ABCDEF1"), JOB_ITEM_GONE);
	assert_int_equal(outcome_of(w, id, "ABCDEF2"), JOB_ITEM_REFUSED);
	assert_int_equal(outcome_of(w, id, "ABCDEF3"), JOB_ITEM_DONE);
	id = submit_all(w, JOB_RETRY, 0, 0);
	run_until(w, id, JOB_DONE);
	assert_int_equal(outcome_of(w, id, "ABCDEF3"), JOB_ITEM_REFUSED);
	id = submit_all(w, JOB_DELETE, 0, 0);
	run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 2);
}

/* An ID that the index does not know yet: what is there when the job looks is what was meant. */
static void test_explicit_unknown_id(void **state)
{
	struct world *w = *state;
	struct selection *s = selection_create();
	struct jobs_request rq = {.action = JOB_DELETE, .who = "tester"};

	mail_add(w, "ABCDEF1", QUEUE_DEFERRED);
	selection_add_missing(s, SLICE("ABCDEF1"));
	selection_add_missing(s, SLICE("ABCDEF2"));
	w->answered = false;
	jobs_submit(w->jobs, &rq, &s, wish_done, w);
	wait_answer(w);
	run_until(w, w->row.id, JOB_DONE);
	assert_true(w->mail[0].deleted);
	assert_int_equal(outcome_of(w, w->row.id, "ABCDEF2"), JOB_ITEM_GONE);
}

static void test_grace_then_removed(void **state)
{
	struct world *w = *state;
	int64_t id;

	mail_add(w, LONG_ID, QUEUE_DEFERRED);
	mail_add(w, "ABCDEF1", QUEUE_HOLD);
	mail_add(w, "ABCDEF2", QUEUE_MAILDROP);
	mail_add(w, "ABCDEF3", QUEUE_ACTIVE);
	id = submit_all(w, JOB_DELETE, 3600, 0);
	run_until(w, id, JOB_GRACE);
	assert_int_equal(w->told.state, JOB_GRACE);
	assert_int_equal(w->told.count[JOB_ITEM_HELD], 3);
	assert_true(w->mail[2].deleted); /* nothing in maildrop can be held */
	assert_true(w->mail[0].here && w->mail[0].queue == QUEUE_HOLD);
	assert_true(w->told.grace_until >= clock_now() + 3500);
	/* Meanwhile somebody releases one, and somebody else deletes another. */
	w->mail[0].queue = QUEUE_DEFERRED;
	wish(w, jobs_finish_grace, id);
	assert_false(w->failed);
	run_until(w, id, JOB_DONE);
	assert_int_equal(outcome_of(w, id, LONG_ID), JOB_ITEM_CHANGED);
	assert_true(w->mail[0].here && !w->mail[0].deleted);
	assert_true(w->mail[1].deleted && w->mail[3].deleted);
	wish(w, jobs_undo, id);
	assert_true(w->failed);
	assert_string_equal(w->err.code, "not_undoable");
}

static void test_undo(void **state)
{
	struct world *w = *state;
	int64_t id;

	mail_add(w, LONG_ID, QUEUE_DEFERRED);
	mail_add(w, "ABCDEF1", QUEUE_HOLD);
	mail_add(w, "ABCDEF3", QUEUE_INCOMING);
	id = submit_all(w, JOB_DELETE, 3600, 0);
	run_until(w, id, JOB_GRACE);
	/* Over a restart. */
	stop(w);
	start(w);
	while (!jobs_idle(w->jobs))
		turn(w);
	turn(w);
	wish(w, jobs_undo, id);
	assert_false(w->failed);
	run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->told.state, JOB_UNDONE);
	assert_int_equal(w->told.count[JOB_ITEM_UNDONE], 3);
	assert_true(w->mail[0].here && w->mail[0].queue == QUEUE_DEFERRED);
	assert_int_equal(w->mail[1].queue, QUEUE_HOLD); /* was there before */
	assert_int_equal(w->mail[2].queue, QUEUE_DEFERRED);
	wish(w, jobs_undo, id);
	assert_true(w->failed);
	wish(w, jobs_undo, 999);
	assert_string_equal(w->err.code, "job_not_found");
}

/* Whenever it is wished for while the job still runs: also in the moment before its grace time. */
static void test_undo_at_any_moment(void **state)
{
	struct world *w = *state;

	for (int turns = 0; turns < 12; turns++) {
		int64_t id;

		w->mails = 0;
		mail_add(w, LONG_ID, QUEUE_DEFERRED);
		id = submit_all(w, JOB_DELETE, 3600, 0);
		for (int i = 0; i < turns; i++) {
			if (w->waiting)
				give_answer(w);
			jobs_tick(w->jobs);
			usleep(3000); /* what the store was asked is done, and is told one by one */
			store_dispatch(w->store);
		}
		wish(w, jobs_undo, id);
		assert_false(w->failed);
		run_until(w, id, JOB_GRACE);
		if (!job_state_is_final(w->told.state))
			fail_msg(
			    "undone after %d turns, it goes on in state %d", turns, w->told.state);
		assert_true(w->mail[0].here);
		assert_int_equal(w->mail[0].queue, QUEUE_DEFERRED);
	}
}

/* Over its deadline, or with a command prefix's far end, a command may have worked in silence. */
static void test_killed_command(void **state)
{
	struct world *w = *state;
	int64_t id;

	mail_add(w, LONG_ID, QUEUE_DEFERRED);
	mail_add(w, "ABCDEF1", QUEUE_HOLD);
	w->kill_silent = true;
	id = submit_all(w, JOB_DELETE, 3600, 0);
	run_until(w, id, JOB_GRACE);
	wish(w, jobs_undo, id);
	run_until(w, id, JOB_UNDONE);
	assert_int_equal(w->mail[0].queue, QUEUE_DEFERRED);
	assert_int_equal(w->mail[1].queue, QUEUE_HOLD); /* was there before */
	w->mails = 1;
	w->kill_silent = true;
	id = submit_all(w, JOB_DELETE, 0, 0);
	run_until(w, id, JOB_DONE);
	assert_true(w->mail[0].deleted);
	assert_int_equal(outcome_of(w, id, LONG_ID), JOB_ITEM_UNKNOWN);
}

static void test_grace_ends_after_restart(void **state)
{
	struct world *w = *state;
	int64_t id;

	mail_add(w, "ABCDEF1", QUEUE_DEFERRED);
	id = submit_all(w, JOB_DELETE, 1, 0);
	run_until(w, id, JOB_GRACE);
	stop(w);
	sleep(2);
	assert_true(w->mail[0].here);
	start(w);
	run_until(w, id, JOB_DONE);
	assert_true(w->mail[0].deleted);
}

static void fill(struct world *w, int count, enum queue queue)
{
	for (int i = 0; i < count; i++) {
		char id[16];

		snprintf(id, sizeof(id), "AB%05X", i);
		mail_add(w, id, queue);
	}
}

static void test_cancel_between_batches(void **state)
{
	struct world *w = *state;
	int64_t id;

	fill(w, 3500, QUEUE_DEFERRED);
	id = submit_all(w, JOB_DELETE, 3600, 0);
	while (w->runs == 0)
		turn(w);
	wish(w, jobs_cancel, id);
	assert_false(w->failed);
	run_until(w, id, JOB_CANCELLED);
	assert_int_equal(w->told.state, JOB_CANCELLED);
	assert_int_equal(w->told.count[JOB_ITEM_CANCELLED], 3500);
	for (size_t i = 0; i < w->mails; i++) {
		assert_true(w->mail[i].here);
		assert_int_equal(w->mail[i].queue, QUEUE_DEFERRED);
	}
	wish(w, jobs_cancel, id);
	assert_string_equal(w->err.code, "job_finished");
}

static void test_small_job_first(void **state)
{
	struct world *w = *state;
	int64_t big, small;

	fill(w, 3000, QUEUE_DEFERRED);
	big = submit_all(w, JOB_HOLD, 0, 0);
	mail_add(w, LONG_ID, QUEUE_DEFERRED);
	while (w->runs == 0)
		turn(w);
	{
		struct jobs_request rq = {.action = JOB_HOLD, .who = "tester"};
		struct selection *s = selection_create();
		struct target t = target_of(&w->mail[3000]);

		selection_add(s, &t);
		w->answered = false;
		jobs_submit(w->jobs, &rq, &s, wish_done, w);
		wait_answer(w);
		small = w->row.id;
	}
	run_until(w, small, JOB_DONE);
	assert_int_equal(w->mail[3000].queue, QUEUE_HOLD);
	assert_int_equal(w->first_ended, small);
	run_until(w, big, JOB_DONE);
	assert_int_equal(w->told.total, 3000);
}

static void test_two_jobs_on_the_same(void **state)
{
	struct world *w = *state;
	int64_t first, second;

	fill(w, 50, QUEUE_DEFERRED);
	w->not_ready = true;
	first = submit_all(w, JOB_DELETE, 0, 0);
	second = submit_all(w, JOB_DELETE, 0, 0);
	w->not_ready = false;
	run_until(w, first, JOB_DONE);
	run_until(w, second, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_GONE] + w->told.count[JOB_ITEM_DONE], 50);
	for (size_t i = 0; i < w->mails; i++)
		assert_true(w->mail[i].deleted);
}

/* What keeps the job from going on is told as soon as it was tried, however slow the machine is. */
static void turn_until_problem(struct world *w, int64_t id, const char *problem)
{
	int64_t end = clock_monotonic_ms() + 20000;
	struct job_row row = {.id = id};

	do {
		turn(w);
		memset(row.problem, 0, sizeof(row.problem));
		jobs_add_problem(w->jobs, &row);
	} while (strstr(row.problem, problem) == NULL && clock_monotonic_ms() < end);
	assert_non_null(strstr(row.problem, problem));
}

static void test_waits_for_peers(void **state)
{
	struct world *w = *state;
	int64_t id;

	mail_add(w, "ABCDEF1", QUEUE_DEFERRED);
	w->not_ready = true;
	id = submit_all(w, JOB_DELETE, 0, 0);
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
	run_until(w, id, JOB_DONE);
	assert_true(w->mail[0].deleted);
}

static void test_paced_retry(void **state)
{
	struct world *w = *state;
	int64_t id, begin = clock_monotonic_ms();

	fill(w, 10, QUEUE_DEFERRED);
	id = submit_all(w, JOB_RETRY, 0, 600); /* ten a second */
	run_until(w, id, JOB_DONE);
	assert_int_equal(w->told.count[JOB_ITEM_DONE], 10);
	assert_true(clock_monotonic_ms() - begin >= 850);
}

static void test_new_id_is_followed(void **state)
{
	struct world *w = *state;
	struct job_items items;
	int64_t id;

	mail_add(w, "ABCDEF1", QUEUE_DEFERRED);
	id = submit_all(w, JOB_REQUEUE, 0, 0);
	run_until(w, id, JOB_DONE);
	jobs_requeued(w->jobs, SLICE("ABCDEF1"), SLICE("BBBBBB2"));
	jobs_requeued(w->jobs, SLICE("ABCDEF9"), SLICE("BBBBBB3"));
	jobs_tick(w->jobs);
	while (!jobs_idle(w->jobs))
		turn(w);
	items = items_of(w, id);
	assert_string_equal(items.item[0].new_id, "BBBBBB2");
	job_items_free(&items);
}

/* ---- a process that dies at every point ---- */

struct crash_case {
	enum job_action action;
	int64_t undo_seconds;
};

static void check_truth(struct world *w, const struct crash_case *c, int64_t id)
{
	struct job_items items = items_of(w, id);

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
	mail_add(w, LONG_ID, c->action == JOB_RELEASE ? QUEUE_HOLD : QUEUE_DEFERRED);
	mail_add(w, "ABCDEF1", c->action == JOB_RELEASE ? QUEUE_HOLD : QUEUE_DEFERRED);
	mail_add(w, "ABCDEF2", QUEUE_HOLD);
	w->mail[2].here = c->action != JOB_RETRY && c->action != JOB_RELEASE;
	w->crash_at = at;
	w->crash_before = before;
	w->crashed = false;
	w->keep_answers = keep;
	id = submit_all(w, c->action, c->undo_seconds, 0);
	run_until(w, id, JOB_DONE);
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

/* Undone while it dies at every point: everything comes back, what was held before stays. */
static void test_crash_in_undo(void **state)
{
	struct world *w = *state;

	for (int at = 1; at <= 4; at++)
		for (int how = 0; how < 4; how++) {
			int64_t id;

			w->mails = 0;
			mail_add(w, LONG_ID, QUEUE_DEFERRED);
			mail_add(w, "ABCDEF1", QUEUE_DEFERRED);
			mail_add(w, "ABCDEF2", QUEUE_HOLD);
			id = submit_all(w, JOB_DELETE, 3600, 0);
			run_until(w, id, JOB_GRACE);
			w->ops = 0;
			w->crash_at = at;
			w->crash_before = (how & 1) != 0;
			w->keep_answers = (how & 2) != 0;
			wish(w, jobs_undo, id);
			w->told_of[id % TOLD_MAX].state = JOB_RUNNING;
			run_until(w, id, JOB_UNDONE);
			assert_int_equal(w->told.state, JOB_UNDONE);
			assert_true(w->mail[0].here && w->mail[0].queue == QUEUE_DEFERRED);
			assert_true(w->mail[1].here && w->mail[1].queue == QUEUE_DEFERRED);
			assert_true(w->mail[2].here && w->mail[2].queue == QUEUE_HOLD);
			w->crash_at = 0;
		}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing_is_an_answer),
	    TEST(test_each_action),
	    TEST(test_reused_short_id),
	    TEST(test_gone_and_maildrop),
	    TEST(test_explicit_unknown_id),
	    TEST(test_grace_then_removed),
	    TEST(test_undo),
	    TEST(test_undo_at_any_moment),
	    TEST(test_killed_command),
	    TEST(test_grace_ends_after_restart),
	    TEST(test_cancel_between_batches),
	    TEST(test_small_job_first),
	    TEST(test_two_jobs_on_the_same),
	    TEST(test_waits_for_peers),
	    TEST(test_paced_retry),
	    TEST(test_new_id_is_followed),
	    TEST(test_crash_everywhere),
	    TEST(test_crash_in_undo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
