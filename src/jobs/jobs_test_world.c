#include "jobs/jobs_test_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/clock_test_moved.h"
#include "base/memory.h"

/* Of the clock, where nothing is under way. */
#define STEP_MS 20

struct mail *world_add(struct world *w, const char *id, enum queue queue)
{
	struct mail *m = &w->mail[w->mails++];

	assert_true(w->mails <= MESSAGES_MAX);
	memset(m, 0, sizeof(*m));
	snprintf(m->id, sizeof(m->id), "%s", id);
	m->arrival = 1000 + (int64_t)w->mails;
	m->inode = 5000 + w->mails;
	m->sender = "someone@shop.example";
	m->domain = "there.example";
	m->queue = queue;
	m->changed_us = 1;
	m->known = queue == QUEUE_ACTIVE;
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
	m->destroyed |= from_hold && m->known;
	m->queue = from_hold ? QUEUE_DEFERRED : QUEUE_HOLD;
	m->changed_us = clock_now_us();
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
	if (m->not_accepted)
		return PORTS_BAD;
	switch (verb) {
	case PORTS_HOLD:
		return apply_move(m, false);
	case PORTS_HOLD_DEFERRED:
		return m->queue == QUEUE_DEFERRED ? apply_move(m, false) : PORTS_NOTHING;
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

static struct answer *due(struct world *w, struct answer answer)
{
	assert_true(w->waiting < ANSWERS_MAX);
	w->answer[w->waiting] = answer;
	return &w->answer[w->waiting++];
}

static unsigned commands(const struct world *w)
{
	unsigned count = 0;

	for (size_t i = 0; i < w->waiting; i++)
		count += w->answer[i].run;
	return count;
}

static void run(void *owner, enum ports_verb verb, uint64_t token, const struct slice *ids,
    size_t count, ports_ran_done *done, void *context)
{
	struct world *w = owner;
	enum ports_said *said = memory_zero(count + 1, sizeof(*said));
	struct answer *answer;
	struct kept *kept;

	assert_true(commands(w) < 2);
	assert_true(count <= PORTS_BATCH_MAX);
	if (w->crashed) {
		free(said);
		return;
	}
	w->ops++;
	answer = due(w, (struct answer){.run = true,
			    .ran = done,
			    .context = context,
			    .said = said,
			    .count = count,
			    .token = token,
			    .result = {.end = PORTS_EXITED, .said = said, .count = count}});
	if (w->refuse) {
		answer->result.end = PORTS_REFUSED;
		answer->result.text = SLICE("the helper said no");
		return;
	}
	w->runs++;
	if (dies(w, true))
		return;
	kept = &w->kept[w->kept_at++ % KEPT_MAX];
	kept->token = token;
	kept->count = count;
	for (size_t i = 0; i < count; i++) {
		if (w->dies_after > 0 && i == w->dies_after) {
			answer->result.status = 1;
			answer->result.text = SLICE("open logfile: Permission denied");
			break;
		}
		said[i] = kept->said[i] = apply(w, verb, ids[i]);
		snprintf(kept->id[i], sizeof(kept->id[i]), "%.*s", SLICE_ARGS(ids[i]));
	}
	if (w->kill_silent) {
		memset(said, 0, count * sizeof(*said)); /* PORTS_NOTHING */
		answer->result.end = PORTS_KILLED;
		w->kill_silent = false;
	}
	dies(w, false);
}

static void recall(void *owner, uint64_t token, const struct slice *ids, size_t count,
    ports_ran_done *done, void *context)
{
	struct world *w = owner;
	enum ports_said *said = memory_zero(count + 1, sizeof(*said));
	struct answer *answer;

	assert_int_equal(commands(w), 0);
	answer = due(w, (struct answer){.run = true,
			    .ran = done,
			    .context = context,
			    .said = said,
			    .count = count,
			    .result = {.end = PORTS_LOST, .said = said, .count = count}});
	for (size_t n = 0; n < KEPT_MAX && w->keep_answers; n++) {
		const struct kept *kept = &w->kept[n];

		if (kept->token != token)
			continue;
		answer->result.end = PORTS_EXITED;
		for (size_t i = 0; i < count; i++)
			for (size_t k = 0; k < kept->count; k++)
				if (slice_is(ids[i], kept->id[k]))
					said[i] = kept->said[k];
	}
}

static void taken(void *owner, uint64_t token)
{
	struct world *w = owner;

	w->taken = token;
}

static void look(
    void *owner, const struct slice *ids, size_t count, ports_look_done *done, void *context)
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
			    .changed_us = m->changed_us,
			    .modified_us = m->modified_us,
			    .sender = slice_of(m->sender),
			    .expire_known = true,
			    .forced_expire = m->expired};
	}
	due(w, (struct answer){.looked = done, .context = context, .found = found, .count = count});
	if (!dies(w, true))
		dies(w, false);
}

static bool ready(void *owner, struct slice *reason)
{
	struct world *w = owner;

	*reason = SLICE("the helper is not there");
	return !w->not_ready;
}

/* What the queue manager knows goes with it. */
static void reload(struct world *w)
{
	w->reloads++;
	w->qmgr_boot_us = clock_boot_us() + 1;
	for (size_t i = 0; i < w->mails; i++)
		w->mail[i].known = w->mail[i].queue == QUEUE_ACTIVE;
}

static void command(void *owner, enum ports_command c, const struct ports_setting *settings,
    size_t count, ports_output_done *done, void *context)
{
	struct world *w = owner;

	(void)settings;
	assert_int_equal(c, PORTS_RELOAD);
	assert_int_equal(count, 0);
	if (w->crashed)
		return;
	w->ops++;
	due(w, (struct answer){.output = done, .context = context});
	if (!dies(w, true) && !w->reload_fails)
		reload(w);
	dies(w, false);
}

static void qmgr(void *owner, ports_qmgr_done *done, void *context)
{
	struct world *w = owner;

	if (w->crashed)
		return;
	w->ops++;
	due(w, (struct answer){.qmgr = done, .context = context});
	if (!dies(w, true))
		dies(w, false);
}

static void changed(void *context, const struct job_row *job)
{
	struct world *w = context;

	w->told_of[job->id % TOLD_MAX] = *job;
	if (job_state_is_final(job->state) && w->first_ended == 0)
		w->first_ended = job->id;
}

static bool follow(void *context, const struct slice *ids, size_t count)
{
	const struct world *w = context;

	(void)ids;
	(void)count;
	return w->log;
}

static void history(
    void *context, struct slice id, int64_t since_us, jobs_history_done *done, void *done_context)
{
	struct world *w = context;

	(void)id;
	(void)since_us;
	w->questions++;
	due(w, (struct answer){.history = done, .context = done_context});
}

static void allowed(
    void *context, const char *scope, const struct job_item *items, size_t count, bool *allowed)
{
	const struct world *w = context;

	assert_string_equal(scope, w->scope);
	for (size_t i = 0; i < count; i++) {
		const struct mail *m = NULL;

		for (size_t k = 0; k < w->mails && m == NULL; k++)
			m = strcmp(w->mail[k].id, items[i].id) == 0 ? &w->mail[k] : NULL;
		allowed[i] = m != NULL && m->here && !m->outside;
	}
}

void world_start(struct world *w)
{
	struct ports ports = {.owner = w,
	    .run = run,
	    .recall = recall,
	    .taken = taken,
	    .look = look,
	    .command = command,
	    .qmgr = qmgr,
	    .ready = ready};
	struct jobs_events events = {.context = w,
	    .changed = changed,
	    .follow = follow,
	    .history = history,
	    .allowed = allowed};

	w->store = store_create(w->path);
	w->jobs = jobs_create(w->store, &ports, &events);
	jobs_resume(w->jobs);
}

void world_stop(struct world *w)
{
	jobs_stop(w->jobs);
	store_destroy(&w->store);
	jobs_destroy(&w->jobs);
	for (size_t i = 0; i < w->waiting; i++) {
		free(w->answer[i].said);
		free(w->answer[i].found);
	}
	w->waiting = 0;
}

void world_give_answer(struct world *w)
{
	struct answer a = w->answer[0];

	w->waiting--;
	memmove(w->answer, w->answer + 1, w->waiting * sizeof(w->answer[0]));
	if (a.run)
		a.ran(a.context, &a.result);
	else if (a.output != NULL)
		a.output(a.context,
		    &(struct ports_output){.end = PORTS_EXITED,
			.status = w->reload_fails,
			.err = w->reload_fails ? SLICE("fatal: bad main.cf") : SLICE("")});
	else if (a.history != NULL)
		a.history(a.context, true);
	else if (a.qmgr != NULL)
		a.qmgr(a.context, &(struct ports_qmgr){.known = !w->qmgr_unseen,
				      .alive = !w->qmgr_stopped,
				      .pid = 7,
				      .started_boot_us = w->qmgr_boot_us});
	else
		a.looked(a.context, a.found, a.count);
	free(a.said);
	free(a.found);
}

void world_wait_store(struct world *w)
{
	struct pollfd ready = {.fd = store_fd(w->store), .events = POLLIN};

	if (store_pending(w->store) > 0)
		assert_int_equal(poll(&ready, 1, 20000), 1);
}

/* Nothing is under way: the jobs wait for a time, or a test for more than they will do. */
static void pass_time(struct world *w)
{
	int64_t left = jobs_deadline_ms(w->jobs) - clock_monotonic_ms();

	clock_pass(left > 0 && left < STEP_MS ? left : STEP_MS);
}

void world_turn(struct world *w)
{
	store_dispatch(w->store);
	if (w->crashed)
		return;
	if (w->waiting > 0)
		world_give_answer(w);
	jobs_tick(w->jobs);
	if (store_pending(w->store) > 0)
		world_wait_store(w);
	else if (w->waiting == 0)
		pass_time(w);
}

/* Until the job has ended or rests in `state`; starts again after a crash. */
void world_run_until(struct world *w, int64_t id, enum job_state state)
{
	int64_t end = clock_monotonic_ms() + 20000;

	for (;;) {
		world_turn(w);
		w->told = w->told_of[id % TOLD_MAX];
		if (w->crashed && w->crash_at != 0) {
			world_stop(w);
			w->crash_at = 0;
			w->crashed = false;
			world_start(w);
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

int world_set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->qmgr_boot_us = 1;
	strcpy(w->folder, "/tmp/postroom-jobs-test-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/postroom.db", w->folder);
	world_start(w);
	*state = w;
	return 0;
}

int world_tear_down(void **state)
{
	struct world *w = *state;
	char command_line[128];

	for (size_t i = 0; i < w->mails; i++)
		assert_false(w->mail[i].destroyed);
	world_stop(w);
	snprintf(command_line, sizeof(command_line), "rm -rf %s", w->folder);
	assert_int_equal(system(command_line), 0);
	free(w);
	return 0;
}

/* ---- asking ---- */

void world_wish_done(void *context, const struct job_row *job, const struct error *err)
{
	struct world *w = context;

	w->answered = true;
	w->failed = job == NULL;
	if (job != NULL)
		w->row = *job;
	else
		w->err = *err;
}

void world_wait_answer(struct world *w)
{
	while (!w->answered && store_pending(w->store) > 0) {
		world_wait_store(w);
		store_dispatch(w->store);
	}
	assert_true(w->answered);
}

struct target world_target_of(const struct mail *m)
{
	return (struct target){.id = slice_of(m->id),
	    .queue = m->queue,
	    .arrival = m->arrival,
	    .inode = m->inode,
	    .sender = slice_of(m->sender),
	    .size = 100,
	    .created = m->arrival,
	    .domain = slice_of(m->domain)};
}

int64_t world_submit_all(
    struct world *w, enum job_action action, int64_t undo_seconds, int64_t rate)
{
	struct jobs_request rq = {.action = action,
	    .who = "tester",
	    .undo_seconds = undo_seconds,
	    .rate = rate,
	    .filter = "",
	    .scope = w->scope};
	struct selection *s = selection_create();

	for (size_t i = 0; i < w->mails; i++) {
		struct target t = world_target_of(&w->mail[i]);

		t.reason = slice_of(w->reason != NULL ? w->reason : "");
		if (w->mail[i].here)
			selection_add(s, &t);
	}
	w->answered = false;
	jobs_submit(w->jobs, &rq, &s, world_wish_done, w);
	assert_null(s);
	world_wait_answer(w);
	return w->failed ? 0 : w->row.id;
}

void world_wish(
    struct world *w, void (*call)(struct jobs *, int64_t, jobs_done *, void *), int64_t id)
{
	w->answered = false;
	call(w->jobs, id, world_wish_done, w);
	world_wait_answer(w);
}

struct items_of {
	int64_t job;
	struct job_items items;
	bool done;
};

static enum db_result read_items(struct db *db, void *context, struct error *err)
{
	struct items_of *r = context;
	struct job_items_query query = {.job = r->job, .after = -1, .max = MESSAGES_MAX};

	return job_rows_items(db, &query, &r->items, err);
}

static void items_are_read(void *context, enum db_result result, const struct error *err)
{
	struct items_of *r = context;

	(void)err;
	assert_int_equal(result, DB_OK);
	r->done = true;
}

struct job_items world_items_of(struct world *w, int64_t job)
{
	struct items_of r = {.job = job};

	store_read(w->store, read_items, items_are_read, &r);
	while (!r.done) {
		world_wait_store(w);
		store_dispatch(w->store);
	}
	return r.items;
}

enum job_outcome world_outcome_of(struct world *w, int64_t job, const char *id)
{
	struct job_items items = world_items_of(w, job);
	enum job_outcome outcome = JOB_OUTCOMES;

	for (size_t i = 0; i < items.count; i++)
		if (strcmp(items.item[i].id, id) == 0)
			outcome = items.item[i].outcome;
	job_items_free(&items);
	return outcome;
}
