/* Which job gets the next batch, and when: the list of unfinished jobs is read at the start, the
 * one with the fewest messages left goes first, a pass ends when its last batch has, grace times
 * run out. jobs_tick does all of it, and jobs_deadline_ms says when there is something to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "jobs/batch.h"
#include "jobs/batch_steps.h"
#include "jobs/deleting.h"
#include "jobs/early_end.h"
#include "jobs/pace.h"
#include "jobs/paced.h"
#include "jobs/question.h"
#include "jobs/release_gate.h"
#include "jobs/unfinished.h"

/* Unfinished jobs read at once at the start. */
#define RESUME_PAGE 20
/* How often jobs that nobody needs any more are removed. */
#define EXPIRE_MS 3600000

/* How many batches are under way. */
static size_t batches_under_way(const struct jobs *jobs)
{
	size_t count = 0;

	for (size_t i = 0; i < JOBS_BATCHES; i++)
		count += jobs->batch[i].job != NULL;
	return count;
}

/* ---- the ends of passes ---- */

/* Some messages had to stay on hold: they get another pass. */
static void pass_again(struct jobs *jobs, struct unfinished *job)
{
	job->kept = 0;
	job->cursor = -1;
	job->drained = false;
	job->wait_ms = clock_monotonic_ms() + JOBS_KEPT_AGAIN_MS;
	unfinished_forget_speed(job);
	unfinished_set_problem(job, job->kept_why);
	unfinished_tell(jobs, job, true);
}

static void pass_ended(struct jobs *jobs, struct unfinished *job)
{
	const struct job_row *row = &job->row;

	if (job->kept > 0) {
		pass_again(jobs, job);
		return;
	}
	switch (row->state) {
	case JOB_RUNNING:
		/* An undo or cancel that came while the last items were read finds nothing left to
		 * stop, but what was held for it to bring back. */
		unfinished_move(jobs, job,
		    row->undo_seconds == 0 || row->count[JOB_ITEM_HELD] == 0 ? JOB_DONE
		    : row->cancel					     ? JOB_UNDOING
									     : JOB_GRACE,
		    NULL, NULL);
		break;
	case JOB_REMOVING:
		unfinished_move(jobs, job, JOB_DONE, NULL, NULL);
		break;
	case JOB_UNDOING:
		unfinished_move(jobs, job, row->cancel ? JOB_CANCELLED : JOB_UNDONE, NULL, NULL);
		break;
	default:
		break;
	}
}

static void batch_ended(struct jobs *jobs, struct unfinished *job)
{
	/* Both: the last batch that was read need not be the last one that ends. */
	if (job->drained && batches_under_way(jobs) == 0)
		pass_ended(jobs, job);
	else
		unfinished_tell(jobs, job, false);
	jobs_tick(jobs);
}

/* ---- who is next ---- */

size_t jobs_open_of(const struct jobs *jobs, uint64_t person)
{
	size_t count = 0;

	for (const struct unfinished *job = jobs->first; job != NULL; job = job->next)
		count += job->person == person && job->row.state != JOB_GRACE;
	return count;
}

/* Since when a person's jobs have got nothing: the first of them counts, so that who adds more does
 * not put himself back. */
static int64_t waits_since(const struct jobs *jobs, uint64_t person, int64_t now_ms)
{
	int64_t since = now_ms;

	for (const struct unfinished *job = jobs->first; job != NULL; job = job->next)
		if (job->person == person && job->served_ms < since &&
		    unfinished_is_runnable(job) && job->wait_ms <= now_ms)
			since = job->served_ms;
	return since;
}

static bool goes_before(
    const struct jobs *jobs, const struct unfinished *a, const struct unfinished *b, int64_t now_ms)
{
	int64_t a_since = waits_since(jobs, a->person, now_ms),
		b_since = waits_since(jobs, b->person, now_ms);

	/* Who submits small jobs without end must not keep another one's from ever running. */
	if (a->person != b->person &&
	    (now_ms - a_since >= JOBS_PERSON_WAIT_MS || now_ms - b_since >= JOBS_PERSON_WAIT_MS))
		return a_since < b_since;
	/* The smallest first, so that three messages never wait for a million. */
	return unfinished_left(a) < unfinished_left(b);
}

static struct unfinished *next_job(const struct jobs *jobs, int64_t now_ms)
{
	struct unfinished *best = NULL;

	for (struct unfinished *job = jobs->first; job != NULL; job = job->next)
		if (unfinished_is_runnable(job) && job->wait_ms <= now_ms &&
		    (best == NULL || goes_before(jobs, job, best, now_ms)))
			best = job;
	return best;
}

static void note_served(struct jobs *jobs, uint64_t person, int64_t now_ms)
{
	for (struct unfinished *job = jobs->first; job != NULL; job = job->next)
		if (job->person == person)
			job->served_ms = now_ms;
}

static struct batch *free_place(struct jobs *jobs)
{
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		if (jobs->batch[i].job == NULL)
			return &jobs->batch[i];
	return NULL;
}

/* The next batch may be made ready while those before it are under way: of the same job, where
 * nothing is in doubt. */
static bool may_read_ahead(const struct jobs *jobs, const struct unfinished *job)
{
	if (job->recovering || job->drained || job->pace != NULL || unfinished_wants_cancel(job))
		return false;
	for (size_t i = 0; i < JOBS_BATCHES; i++) {
		const struct batch *b = &jobs->batch[i];

		if (b->job != NULL &&
		    (b->job != job || b->state == BATCH_READING || b->state == BATCH_WAITING))
			return false;
	}
	return true;
}

static void begin(struct jobs *jobs, struct unfinished *job, int64_t now_ms)
{
	struct slice reason = SLICE("");
	char text[300];

	/* What an earlier process may have sent is found out first: it could be on hold. */
	if (unfinished_wants_cancel(job) && !job->recovering) {
		early_end_cancel(jobs, job);
		return;
	}
	/* Before the job is called running: nothing of it may be sent yet. */
	if (!jobs->ports.ready(jobs->ports.owner, &reason)) {
		snprintf(text, sizeof(text), "%.*s", (int)(reason.len < 280 ? reason.len : 280),
		    reason.data);
		unfinished_set_problem(job, text);
		job->wait_ms = now_ms + JOBS_AGAIN_MS;
		unfinished_tell(jobs, job, true);
		return;
	}
	if (job->row.state == JOB_PLANNED)
		unfinished_move(jobs, job, JOB_RUNNING, NULL, NULL);
	note_served(jobs, job->person, now_ms);
	batch_begin(free_place(jobs), job);
}

/* ---- what time brings ---- */

/* A clock that was set forward shows itself by a larger difference; the smallest one counts. */
static void note_clock(struct jobs *jobs)
{
	int64_t offset = clock_now_us() - clock_boot_us();

	if (offset < jobs->wall_offset_us)
		jobs->wall_offset_us = offset;
}

static void end_grace(struct jobs *jobs)
{
	struct grace_clock clock = unfinished_grace_clock(jobs);

	for (struct unfinished *job = jobs->first; job != NULL; job = job->next) {
		if (job->row.state != JOB_GRACE)
			continue;
		if (grace_left_ms(&job->row, &clock) == 0)
			unfinished_move(jobs, job, JOB_REMOVING, NULL, NULL);
		else if (grace_note(&job->row, &clock))
			unfinished_save(jobs, job, NULL, NULL);
	}
}

struct expiry {
	struct jobs *jobs;
	bool more;
};

static enum db_result expire(struct db *db, void *context, struct error *err)
{
	struct expiry *e = context;

	return job_rows_expire(db, clock_now() - JOB_ROWS_KEPT_DAYS * 86400LL, &e->more, err);
}

static void expired(void *context, enum db_result result, const struct error *err)
{
	struct expiry *e = context;

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

static void wake_batches(struct jobs *jobs, int64_t now_ms)
{
	for (size_t i = 0; i < JOBS_BATCHES; i++) {
		struct batch *b = &jobs->batch[i];

		if (b->job == NULL || b->state != BATCH_WAITING)
			continue;
		if (unfinished_wants_cancel(b->job) && batch_is_untouched(b)) {
			b->job->paced = false;
			batch_clear(b);
		} else if (b->wait_ms <= now_ms)
			batch_wake(b);
	}
}

static void begin_batches(struct jobs *jobs, int64_t now_ms)
{
	struct unfinished *job;

	/* `begin` may only have said why it cannot: then the next one gets its turn. */
	while (free_place(jobs) != NULL && (job = next_job(jobs, now_ms)) != NULL) {
		if (batches_under_way(jobs) > 0 && !may_read_ahead(jobs, job))
			return;
		begin(jobs, job, now_ms);
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
	unfinished_save_late(jobs, now_ms);
	unfinished_tell_late(jobs, now_ms);
	if (now_ms >= jobs->follow_ms && follow_pending(jobs->follow)) {
		jobs->follow_ms = now_ms + JOBS_TELL_MS;
		follow_flush(jobs->follow);
	}
	early_end_abandoned(jobs, now_ms);
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
	struct grace_clock clock = unfinished_grace_clock(jobs);

	if (jobs->stopping)
		return -1;
	if (jobs->resume_ms != 0)
		sooner(&deadline, jobs->resume_ms);
	if (!jobs->resumed)
		return deadline;
	sooner(&deadline, jobs->expire_ms);
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		if (jobs->batch[i].job != NULL && jobs->batch[i].state == BATCH_WAITING)
			sooner(&deadline, jobs->batch[i].wait_ms);
	if (release_gate_deadline_ms(jobs) >= 0)
		sooner(&deadline, release_gate_deadline_ms(jobs));
	if (follow_pending(jobs->follow))
		sooner(
		    &deadline, jobs->follow_ms > now_ms ? jobs->follow_ms : now_ms + JOBS_TELL_MS);
	for (const struct unfinished *job = jobs->first; job != NULL; job = job->next) {
		if (job->row.state == JOB_GRACE)
			sooner(&deadline, now_ms + grace_left_ms(&job->row, &clock));
		if (unfinished_is_runnable(job) && batches_under_way(jobs) == 0)
			sooner(&deadline, job->wait_ms);
		if (job->unsaved || job->abandoned)
			sooner(&deadline, job->wait_ms);
		if (job->untold)
			sooner(&deadline, job->told_ms + JOBS_TELL_MS);
	}
	return deadline;
}

bool jobs_idle(const struct jobs *jobs)
{
	return batches_under_way(jobs) == 0 && jobs->pending == 0 && !follow_pending(jobs->follow);
}

/* ---- life ---- */

/* What became of messages of a job, which may have ended. */
static void on_counted(void *context, const struct job_row *row)
{
	struct jobs *jobs = context;
	struct unfinished *job = unfinished_find(jobs, row->id);

	if (jobs->stopping)
		return;
	if (job == NULL) {
		jobs->events.changed(jobs->events.context, row);
		return;
	}
	memcpy(job->row.result, row->result, sizeof(row->result));
	unfinished_tell(jobs, job, false);
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
	jobs->calls = (struct engine_calls){batch_drive, batch_ended};
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		jobs->batch[i].jobs = jobs;
	jobs->follow = follow_create(store, &(struct follow_events){jobs, on_counted});
	/* Not in the first minute, in which the queue is read and jobs are taken up. */
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
	jobs_question_give_up_all(jobs);
	while (jobs->first != NULL)
		unfinished_remove(jobs, jobs->first);
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

static enum db_result read_unfinished(struct db *db, void *context, struct error *err)
{
	struct resume *r = context;

	return job_rows_unfinished(db, r->after, r->row, RESUME_PAGE, &r->count, err);
}

/* A job that was never whole did nothing, so it is ended and not gone on with. */
static void take_up(struct jobs *jobs, const struct job_row *row)
{
	struct unfinished *job = unfinished_add(jobs, row);
	struct grace_clock clock = unfinished_grace_clock(jobs);

	job->whole = row->state != JOB_WRITING;
	/* Something was on its way to Postfix when the last process ended. */
	job->recovering = row->count[JOB_ITEM_SENT] > 0;
	grace_resume(&job->row, &clock);
	if (job->whole)
		return;
	job->abandoned = true;
	unfinished_set_problem(job, row->cancel
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

static void unfinished_read(void *context, enum db_result result, const struct error *err)
{
	struct resume *r = context;
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
		/* It may have been submitted while the list was read. */
		if (unfinished_find(jobs, r->row[i].id) == NULL)
			take_up(jobs, &r->row[i]);
	}
	if (r->count == RESUME_PAGE) {
		store_read(jobs->store, read_unfinished, unfinished_read, r);
		return;
	}
	jobs->pending--;
	free(r);
	/* Before any job goes on: what is being deleted must be shown so from the beginning. */
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
	for (struct unfinished *job = jobs->first; job != NULL; job = job->next)
		/* A paced retry waits for its pace and not for the helper. */
		if (job->row.rate == 0)
			job->wait_ms = 0;
	for (size_t i = 0; i < JOBS_BATCHES; i++)
		jobs->batch[i].wait_ms = 0;
	jobs_tick(jobs);
}

/* ---- what others tell the jobs ---- */

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
		follow_each(jobs->follow, jobs->events.follow, jobs->events.context);
}
