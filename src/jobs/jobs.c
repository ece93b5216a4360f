#include "jobs/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "jobs/internal.h"
#include "jobs/pace.h"

/* Unfinished jobs read at once at the start. */
#define RESUME_PAGE 20
/* Untried items of a cancelled job settled in one transaction. */
#define CANCEL_CHUNK 20000
/* How often jobs that nobody needs any more are removed. */
#define EXPIRE_MS 3600000

static bool is_runnable(const struct live *live)
{
	switch (live->row.state) {
	case JOB_PLANNED:
	case JOB_RUNNING:
	case JOB_REMOVING:
	case JOB_UNDOING:
		return live->whole && !live->cancelling;
	default:
		return false;
	}
}

/* ---- the list ---- */

struct live *jobs_live_find(const struct jobs *jobs, int64_t id)
{
	struct live *live = jobs->first;

	while (live != NULL && live->row.id != id)
		live = live->next;
	return live;
}

struct live *jobs_live_add(struct jobs *jobs, const struct job_row *row)
{
	struct live *live = memory_zero(1, sizeof(*live)), **at = &jobs->first;

	live->row = *row;
	live->cursor = -1;
	if (row->rate > 0)
		live->pace = pace_create(row->rate);
	while (*at != NULL)
		at = &(*at)->next;
	*at = live;
	return live;
}

static void live_remove(struct jobs *jobs, struct live *live)
{
	struct live **at = &jobs->first;

	while (*at != live)
		at = &(*at)->next;
	*at = live->next;
	pace_destroy(&live->pace);
	free(live);
}

void jobs_set_problem(struct live *live, const char *text)
{
	snprintf(live->problem, sizeof(live->problem), "%s", text);
}

/* Messages whose turn in the present pass is still to come. */
static int64_t left_of(const struct live *live)
{
	const struct job_row *row = &live->row;
	int64_t left = row->count[JOB_ITEM_PLANNED] + row->count[JOB_ITEM_SENT];

	return row->state == JOB_REMOVING || row->state == JOB_UNDOING
		   ? left + row->count[JOB_ITEM_HELD]
		   : left;
}

void jobs_forget_speed(struct live *live)
{
	live->speed = 0;
	live->speed_ms = 0;
}

static void measure(struct live *live)
{
	int64_t now = clock_monotonic_ms(), left = left_of(live), ms = now - live->speed_ms;
	double speed, share;

	if (live->speed_ms == 0) {
		live->speed_ms = now;
		live->speed_left = left;
	}
	if (live->speed_ms == now || ms < JOBS_SPEED_MS)
		return;
	speed = (double)(live->speed_left - left) * 1000 / (double)ms;
	share = (double)ms / ((double)ms + JOBS_SPEED_SMOOTH_MS);
	live->speed = live->speed == 0 ? speed : live->speed + (speed - live->speed) * share;
	live->speed_ms = now;
	live->speed_left = left;
}

void jobs_add_live(const struct jobs *jobs, struct job_row *row)
{
	const struct live *live = jobs_live_find(jobs, row->id);

	if (live == NULL)
		return;
	if (live->row.state == JOB_GRACE)
		row->grace_until = grace_until(&live->row, clock_now_us(), clock_boot_us());
	if (live->problem[0] != '\0')
		snprintf(row->problem, sizeof(row->problem), "%s", live->problem);
	row->speed = live->speed;
	if (live->pace != NULL)
		row->seconds_left = pace_seconds_left(live->pace);
	else if (live->speed > 0)
		row->seconds_left = (int64_t)((double)left_of(live) / live->speed + 0.5);
}

static void tell_now(struct jobs *jobs, struct live *live)
{
	struct job_row row = live->row;

	live->untold = false;
	live->told_ms = clock_monotonic_ms();
	jobs_add_live(jobs, &row);
	jobs->events.changed(jobs->events.owner, &row);
}

void jobs_tell(struct jobs *jobs, struct live *live, bool at_once)
{
	if (is_runnable(live))
		measure(live);
	if (at_once || clock_monotonic_ms() - live->told_ms >= JOBS_TELL_MS)
		tell_now(jobs, live);
	else
		live->untold = true;
}

/* ---- writing a job's row ---- */

struct change {
	struct jobs *jobs;
	int64_t id;
	struct job_row row;
	jobs_done *done; /* NULL: nobody waits */
	void *ctx;
	int64_t from, count; /* of cancel_chunk */
};

static enum db_result write_row(struct db *db, void *arg, struct error *err)
{
	struct change *c = arg;

	return job_rows_update(db, &c->row, err);
}

static void row_written(void *arg, enum db_result result, const struct error *err)
{
	struct change *c = arg;
	struct jobs *jobs = c->jobs;
	struct live *live = jobs_live_find(jobs, c->id);

	jobs->pending--;
	if (live != NULL && !jobs->stopping) {
		if (result != DB_OK) {
			/* Only the store's copy is behind; the next write carries everything again.
			 */
			jobs_set_problem(live, err->text);
			live->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
			live->unsaved = true;
		}
		jobs_tell(jobs, live, true);
		if (result == DB_OK && job_state_is_final(live->row.state) &&
		    job_state_is_final(c->row.state))
			live_remove(jobs, live);
	}
	if (c->done != NULL)
		c->done(c->ctx, result == DB_OK ? &c->row : NULL, result == DB_OK ? NULL : err);
	free(c);
}

void jobs_save(struct jobs *jobs, struct live *live, jobs_done *done, void *ctx)
{
	struct change *c = memory_zero(1, sizeof(*c));

	c->jobs = jobs;
	c->id = live->row.id;
	c->row = live->row;
	c->done = done;
	c->ctx = ctx;
	live->unsaved = false;
	jobs->pending++;
	store_write(jobs->store, write_row, row_written, c);
}

struct grace_clock jobs_grace_clock(const struct jobs *jobs)
{
	return (struct grace_clock){jobs->boot, clock_boot_us() / 1000};
}

static void begin_grace(const struct jobs *jobs, struct live *live)
{
	struct grace_clock clock = jobs_grace_clock(jobs);

	grace_begin(&live->row, &clock);
	live->row.grace_until = grace_until(&live->row, clock_now_us(), clock_boot_us());
}

void jobs_move(
    struct jobs *jobs, struct live *live, enum job_state state, jobs_done *done, void *context)
{
	job_state_move(&live->row.state, state);
	live->cursor = -1;
	live->drained = false;
	jobs_forget_speed(live);
	jobs_set_problem(live, "");
	if (state == JOB_RUNNING && live->row.started == 0)
		live->row.started = clock_now();
	if (state == JOB_GRACE)
		begin_grace(jobs, live);
	if (job_state_is_final(state))
		live->row.finished = clock_now();
	jobs_save(jobs, live, done, context);
}

static void set_state(struct jobs *jobs, struct live *live, enum job_state state)
{
	jobs_move(jobs, live, state, NULL, NULL);
}

/* ---- cancelling ---- */

static enum db_result cancel_chunk(struct db *db, void *arg, struct error *err)
{
	struct change *c = arg;
	enum db_result result =
	    job_rows_cancel_items(db, c->id, c->from, c->from + CANCEL_CHUNK, &c->count, err);
	int64_t delta[JOB_OUTCOMES] = {
	    [JOB_ITEM_PLANNED] = -c->count, [JOB_ITEM_CANCELLED] = c->count};

	return result == DB_OK ? job_rows_progress(db, c->id, 0, delta, err) : result;
}

static void chunk_cancelled(void *arg, enum db_result result, const struct error *err)
{
	struct change *c = arg;
	struct jobs *jobs = c->jobs;
	struct live *live = jobs_live_find(jobs, c->id);

	if (jobs->stopping || live == NULL) {
		jobs->pending--;
		free(c);
		return;
	}
	if (result == DB_OK) {
		live->row.count[JOB_ITEM_PLANNED] -= c->count;
		live->row.count[JOB_ITEM_CANCELLED] += c->count;
		c->from += CANCEL_CHUNK;
	} else
		jobs_set_problem(live, err->text);
	if (result == DB_OK && c->from < live->row.total) {
		store_write(jobs->store, cancel_chunk, chunk_cancelled, c);
		return;
	}
	jobs->pending--;
	free(c);
	live->cancelling = false;
	if (result != DB_OK)
		live->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
	else if (live->row.count[JOB_ITEM_HELD] + live->row.count[JOB_ITEM_SENT] > 0)
		set_state(jobs, live, JOB_UNDOING);
	else
		set_state(jobs, live, JOB_CANCELLED);
}

/* Untried items first, in the store alone; then what is on hold is released like an undo. */
static void begin_cancel(struct jobs *jobs, struct live *live)
{
	struct change *c = memory_zero(1, sizeof(*c));

	c->jobs = jobs;
	c->id = live->row.id;
	c->row = live->row;
	jobs->pending++;
	live->cancelling = true;
	store_write(jobs->store, cancel_chunk, chunk_cancelled, c);
}

static bool wants_cancel(const struct live *live)
{
	return live->row.cancel &&
	       (live->row.state == JOB_PLANNED || live->row.state == JOB_RUNNING);
}

/* ---- the ends of passes ---- */

/* Some messages had to stay on hold: they get another pass. */
static void pass_again(struct jobs *jobs, struct live *live)
{
	live->kept = 0;
	live->cursor = -1;
	live->drained = false;
	live->wait_ms = clock_monotonic_ms() + JOBS_KEPT_AGAIN_MS;
	jobs_forget_speed(live);
	jobs_set_problem(live, live->kept_why);
	jobs_tell(jobs, live, true);
}

static void pass_ended(struct jobs *jobs, struct live *live)
{
	const struct job_row *row = &live->row;

	if (live->kept > 0) {
		pass_again(jobs, live);
		return;
	}
	switch (row->state) {
	case JOB_RUNNING:
		/* An undo or cancel that came while the last items were read finds nothing left to
		 * stop, but what was held for it to bring back. */
		set_state(jobs, live,
		    row->undo_seconds == 0 || row->count[JOB_ITEM_HELD] == 0 ? JOB_DONE
		    : row->cancel					     ? JOB_UNDOING
									     : JOB_GRACE);
		break;
	case JOB_REMOVING:
		set_state(jobs, live, JOB_DONE);
		break;
	case JOB_UNDOING:
		set_state(jobs, live, row->cancel ? JOB_CANCELLED : JOB_UNDONE);
		break;
	default:
		break;
	}
}

size_t jobs_batches(const struct jobs *jobs)
{
	size_t count = 0;

	for (size_t i = 0; i < JOBS_BATCHES; i++)
		count += jobs->batch[i].live != NULL;
	return count;
}

void jobs_batch_ended(struct jobs *jobs, struct live *live)
{
	if (live->drained && jobs_batches(jobs) == 0)
		pass_ended(jobs, live);
	else
		jobs_tell(jobs, live, false);
	jobs_tick(jobs);
}

/* ---- who is next ---- */

static struct live *next_live(const struct jobs *jobs, int64_t now_ms)
{
	struct live *best = NULL;

	for (struct live *live = jobs->first; live != NULL; live = live->next)
		if (is_runnable(live) && live->wait_ms <= now_ms &&
		    (best == NULL || left_of(live) < left_of(best)))
			best = live;
	return best;
}

static struct batch *free_place(struct jobs *jobs)
{
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		if (jobs->batch[i].live == NULL)
			return &jobs->batch[i];
	return NULL;
}

/* The next batch may be made ready while those before it are under way: of the same job, where
 * nothing is in doubt. */
static bool may_read_ahead(const struct jobs *jobs, const struct live *live)
{
	if (live->recovering || live->drained || live->pace != NULL || wants_cancel(live))
		return false;
	for (size_t i = 0; i < JOBS_BATCHES; i++) {
		const struct batch *b = &jobs->batch[i];

		if (b->live != NULL &&
		    (b->live != live || b->state == BATCH_READING || b->state == BATCH_WAITING))
			return false;
	}
	return true;
}

static void begin(struct jobs *jobs, struct live *live, int64_t now_ms)
{
	struct slice reason = SLICE("");
	char text[300];

	if (wants_cancel(live) && !live->recovering) {
		begin_cancel(jobs, live);
		return;
	}
	if (!jobs->ports.ready(jobs->ports.owner, &reason)) {
		snprintf(text, sizeof(text), "%.*s", (int)(reason.len < 280 ? reason.len : 280),
		    reason.data);
		jobs_set_problem(live, text);
		live->wait_ms = now_ms + JOBS_AGAIN_MS;
		jobs_tell(jobs, live, true);
		return;
	}
	if (live->row.state == JOB_PLANNED)
		set_state(jobs, live, JOB_RUNNING);
	batch_begin(free_place(jobs), live);
}

/* A clock that was set forward shows itself by a larger difference; the smallest one counts. */
static void note_clock(struct jobs *jobs)
{
	int64_t offset = clock_now_us() - clock_boot_us();

	if (offset < jobs->wall_offset_us)
		jobs->wall_offset_us = offset;
}

static void end_grace(struct jobs *jobs)
{
	struct grace_clock clock = jobs_grace_clock(jobs);

	for (struct live *live = jobs->first; live != NULL; live = live->next) {
		if (live->row.state != JOB_GRACE)
			continue;
		if (grace_left_ms(&live->row, &clock) == 0)
			set_state(jobs, live, JOB_REMOVING);
		else if (grace_note(&live->row, &clock))
			jobs_save(jobs, live, NULL, NULL);
	}
}

/* What could not be written when a job moved on. */
static void save_late(struct jobs *jobs, int64_t now_ms)
{
	for (struct live *live = jobs->first; live != NULL; live = live->next)
		if (live->unsaved && live->wait_ms <= now_ms)
			jobs_save(jobs, live, NULL, NULL);
}

static void tell_late(struct jobs *jobs, int64_t now_ms)
{
	for (struct live *live = jobs->first; live != NULL; live = live->next)
		if (live->untold && now_ms - live->told_ms >= JOBS_TELL_MS)
			tell_now(jobs, live);
}

struct expiry {
	struct jobs *jobs;
	bool more;
};

static enum db_result expire(struct db *db, void *arg, struct error *err)
{
	struct expiry *e = arg;

	return job_rows_expire(db, clock_now() - JOB_ROWS_KEPT_DAYS * 86400LL, &e->more, err);
}

static void expired(void *arg, enum db_result result, const struct error *err)
{
	struct expiry *e = arg;

	(void)err; /* an hour later again */
	if (result == DB_OK && e->more && !e->jobs->stopping) {
		store_write(e->jobs->store, expire, expired, e);
		return;
	}
	e->jobs->pending--;
	free(e);
}

static void begin_expiry(struct jobs *jobs)
{
	struct expiry *e = memory_zero(1, sizeof(*e));

	e->jobs = jobs;
	jobs->pending++;
	store_write(jobs->store, expire, expired, e);
}

/* ---- jobs that never became whole ---- */

struct abandon {
	struct jobs *jobs;
	int64_t id;
	char problem[JOB_ROWS_ERROR_MAX + 1];
	bool ended;
};

static enum db_result abandon_slice(struct db *db, void *arg, struct error *err)
{
	struct abandon *a = arg;

	return job_rows_abandon(db, a->id, a->problem, clock_now(), &a->ended, err);
}

static void end_abandoned(struct jobs *jobs, struct live *live)
{
	job_state_move(&live->row.state, JOB_CANCELLED);
	live->row.finished = clock_now();
	live->row.count[JOB_ITEM_PLANNED] = 0;
	live->row.count[JOB_ITEM_CANCELLED] = live->row.total;
	jobs_tell(jobs, live, true);
	live_remove(jobs, live);
}

static void slice_abandoned(void *arg, enum db_result result, const struct error *err)
{
	struct abandon *a = arg;
	struct jobs *jobs = a->jobs;
	struct live *live = jobs_live_find(jobs, a->id);

	(void)err; /* the store's health says it */
	if (result == DB_OK && !a->ended && !jobs->stopping) {
		store_write(jobs->store, abandon_slice, slice_abandoned, a);
		return;
	}
	if (live != NULL && !jobs->stopping && result == DB_OK)
		end_abandoned(jobs, live);
	else if (live != NULL) {
		live->abandoned = true;
		live->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
	}
	jobs->pending--;
	free(a);
}

static void begin_abandoning(struct jobs *jobs, int64_t now_ms)
{
	for (struct live *live = jobs->first; live != NULL; live = live->next) {
		struct abandon *a;

		if (!live->abandoned || live->wait_ms > now_ms)
			continue;
		live->abandoned = false;
		a = memory_zero(1, sizeof(*a));
		a->jobs = jobs;
		a->id = live->row.id;
		snprintf(a->problem, sizeof(a->problem), "%s", live->problem);
		jobs->pending++;
		store_write(jobs->store, abandon_slice, slice_abandoned, a);
	}
}

static void wake_batches(struct jobs *jobs, int64_t now_ms)
{
	for (size_t i = 0; i < JOBS_BATCHES; i++) {
		struct batch *b = &jobs->batch[i];

		if (b->live == NULL || b->state != BATCH_WAITING)
			continue;
		if (wants_cancel(b->live) && batch_is_untouched(b)) {
			b->live->paced = false;
			batch_clear(b);
		} else if (b->wait_ms <= now_ms)
			batch_wake(b);
	}
}

static void begin_batches(struct jobs *jobs, int64_t now_ms)
{
	struct live *live;

	/* `begin` may only have said why it cannot: then the next one gets its turn. */
	while (free_place(jobs) != NULL && (live = next_live(jobs, now_ms)) != NULL) {
		if (jobs_batches(jobs) > 0 && !may_read_ahead(jobs, live))
			return;
		begin(jobs, live, now_ms);
	}
}

void jobs_tick(struct jobs *jobs)
{
	int64_t now_ms = clock_monotonic_ms();

	if (jobs->stopping)
		return;
	if (jobs->resume_ms != 0 && now_ms >= jobs->resume_ms)
		jobs_resume(jobs);
	if (!jobs->resumed)
		return;
	if (now_ms >= jobs->expire_ms) {
		jobs->expire_ms = now_ms + EXPIRE_MS;
		begin_expiry(jobs);
	}
	note_clock(jobs);
	end_grace(jobs);
	release_gate_tick(jobs, now_ms);
	save_late(jobs, now_ms);
	tell_late(jobs, now_ms);
	if (now_ms >= jobs->follow_ms && follow_pending(jobs->follow)) {
		jobs->follow_ms = now_ms + JOBS_TELL_MS;
		follow_flush(jobs->follow);
	}
	begin_abandoning(jobs, now_ms);
	wake_batches(jobs, now_ms);
	begin_batches(jobs, now_ms);
}

static void sooner(int64_t *deadline, int64_t at)
{
	if (*deadline < 0 || at < *deadline)
		*deadline = at;
}

int64_t jobs_deadline_ms(const struct jobs *jobs)
{
	int64_t deadline = -1, now_ms = clock_monotonic_ms();
	struct grace_clock clock = jobs_grace_clock(jobs);

	if (jobs->stopping)
		return -1;
	if (jobs->resume_ms != 0)
		sooner(&deadline, jobs->resume_ms);
	if (!jobs->resumed)
		return deadline;
	sooner(&deadline, jobs->expire_ms);
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		if (jobs->batch[i].live != NULL && jobs->batch[i].state == BATCH_WAITING)
			sooner(&deadline, jobs->batch[i].wait_ms);
	if (release_gate_deadline_ms(jobs) >= 0)
		sooner(&deadline, release_gate_deadline_ms(jobs));
	if (follow_pending(jobs->follow))
		sooner(
		    &deadline, jobs->follow_ms > now_ms ? jobs->follow_ms : now_ms + JOBS_TELL_MS);
	for (const struct live *live = jobs->first; live != NULL; live = live->next) {
		if (live->row.state == JOB_GRACE)
			sooner(&deadline, now_ms + grace_left_ms(&live->row, &clock));
		if (is_runnable(live) && jobs_batches(jobs) == 0)
			sooner(&deadline, live->wait_ms);
		if (live->unsaved || live->abandoned)
			sooner(&deadline, live->wait_ms);
		if (live->untold)
			sooner(&deadline, live->told_ms + JOBS_TELL_MS);
	}
	return deadline;
}

bool jobs_idle(const struct jobs *jobs)
{
	return jobs_batches(jobs) == 0 && jobs->pending == 0 && !follow_pending(jobs->follow);
}

/* ---- questions beside the jobs ---- */

void jobs_question_begin(struct jobs *jobs, struct jobs_question *question)
{
	question->jobs = jobs;
	question->next = jobs->questions;
	jobs->questions = question;
	jobs->pending++;
}

void jobs_question_end(struct jobs_question *question)
{
	struct jobs_question **at = &question->jobs->questions;

	while (*at != question)
		at = &(*at)->next;
	*at = question->next;
	question->jobs->pending--;
}

/* ---- life ---- */

/* What became of messages of a job, which may have ended. */
static void on_counted(void *owner, const struct job_row *row)
{
	struct jobs *jobs = owner;
	struct live *live = jobs_live_find(jobs, row->id);

	if (jobs->stopping)
		return;
	if (live == NULL) {
		jobs->events.changed(jobs->events.owner, row);
		return;
	}
	memcpy(live->row.result, row->result, sizeof(row->result));
	jobs_tell(jobs, live, false);
}

/* Where it cannot be read, each start of the service counts as one of the system. */
static void read_boot_id(struct jobs *jobs)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice id;

	if (!fd_read_file("/proc/sys/kernel/random/boot_id", 256, &text, NULL))
		return;
	id = slice_trim(buffer_slice(&text));
	if (id.len <= JOB_ROWS_BOOT_MAX)
		memcpy(jobs->boot, id.data, id.len);
}

struct jobs *jobs_create(
    struct store *store, const struct ports *ports, const struct jobs_events *events)
{
	struct jobs *jobs = memory_zero(1, sizeof(*jobs));

	jobs->store = store;
	jobs->ports = *ports;
	jobs->events = *events;
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		jobs->batch[i].jobs = jobs;
	jobs->follow = follow_create(store, &(struct follow_events){jobs, on_counted});
	jobs->expire_ms = clock_monotonic_ms() + 60000;
	jobs->wall_offset_us = clock_now_us() - clock_boot_us();
	read_boot_id(jobs);
	return jobs;
}

void jobs_stop(struct jobs *jobs)
{
	jobs->stopping = true;
}

void jobs_destroy(struct jobs **pointer)
{
	struct jobs *jobs = *pointer;

	if (jobs == NULL)
		return;
	while (jobs->questions != NULL)
		jobs->questions->give_up(jobs->questions);
	while (jobs->first != NULL)
		live_remove(jobs, jobs->first);
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		batch_free(&jobs->batch[i]);
	follow_destroy(&jobs->follow);
	free(jobs);
	*pointer = NULL;
}

struct resume {
	struct jobs *jobs;
	int64_t after;
	struct job_row row[RESUME_PAGE];
	size_t count;
};

static enum db_result read_unfinished(struct db *db, void *arg, struct error *err)
{
	struct resume *r = arg;

	return job_rows_unfinished(db, r->after, r->row, RESUME_PAGE, &r->count, err);
}

static void take_up(struct jobs *jobs, const struct job_row *row)
{
	struct live *live = jobs_live_add(jobs, row);
	struct grace_clock clock = jobs_grace_clock(jobs);

	live->whole = row->state != JOB_WRITING;
	live->recovering = row->count[JOB_ITEM_SENT] > 0;
	grace_resume(&live->row, &clock);
	if (live->whole)
		return;
	live->abandoned = true;
	jobs_set_problem(live, row->cancel
				   ? "It was cancelled before all its messages were written "
				     "down: nothing was done to any of them."
				   : "The service was stopped before all its messages were "
				     "written down: nothing was done to any of them.");
}

static void all_told(struct jobs *jobs, bool ok)
{
	if (!ok) {
		jobs->resume_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
		return;
	}
	jobs->resumed = true;
	jobs_tick(jobs);
}

static void unfinished_read(void *arg, enum db_result result, const struct error *err)
{
	struct resume *r = arg;
	struct jobs *jobs = r->jobs;

	(void)err; /* the store's health says it */
	if (jobs->stopping || result != DB_OK) {
		jobs->pending--;
		jobs->resume_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
		free(r);
		return;
	}
	for (size_t i = 0; i < r->count; i++) {
		r->after = r->row[i].id;
		if (jobs_live_find(jobs, r->row[i].id) == NULL)
			take_up(jobs, &r->row[i]);
	}
	if (r->count == RESUME_PAGE) {
		store_read(jobs->store, read_unfinished, unfinished_read, r);
		return;
	}
	jobs->pending--;
	free(r);
	deleting_tell_all(jobs, all_told);
}

void jobs_resume(struct jobs *jobs)
{
	struct resume *r;

	if (jobs->resumed)
		return;
	if (jobs->pending > 0) {
		jobs->resume_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
		return;
	}
	jobs->resume_ms = 0;
	r = memory_zero(1, sizeof(*r));
	r->jobs = jobs;
	jobs->pending++;
	store_read(jobs->store, read_unfinished, unfinished_read, r);
}

void jobs_ports_ready(struct jobs *jobs)
{
	for (struct live *live = jobs->first; live != NULL; live = live->next)
		if (live->row.rate == 0)
			live->wait_ms = 0;
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		jobs->batch[i].wait_ms = 0;
	jobs_tick(jobs);
}

int64_t jobs_grace_until(const struct jobs *jobs, int64_t id)
{
	const struct live *live = jobs_live_find(jobs, id);

	return live != NULL && live->row.state == JOB_GRACE
		   ? grace_until(&live->row, clock_now_us(), clock_boot_us())
		   : 0;
}

void jobs_set_postfix_version(struct jobs *jobs, int version)
{
	jobs->postfix_version = version;
}

void jobs_requeued(struct jobs *jobs, struct slice old_id, struct slice new_id)
{
	follow_requeued(jobs->follow, old_id, new_id);
}

void jobs_began(struct jobs *jobs, struct slice id)
{
	follow_began(jobs->follow, id);
}

void jobs_attempted(struct jobs *jobs, struct slice id, const struct follow_attempt *attempt)
{
	struct follow_where where;

	if (follow_attempted(jobs->follow, id, attempt, &where))
		paced_judge(jobs, &where, attempt);
}

void jobs_follow_again(struct jobs *jobs)
{
	if (jobs->events.follow != NULL)
		follow_each(jobs->follow, jobs->events.follow, jobs->events.owner);
}
