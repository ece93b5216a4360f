/* The jobs that have not ended, as a list: each with its row, how far its present pass is, what
 * keeps it from going on, and its speed. Everybody who works on a job finds it here, tells of it,
 * moves it on and writes its row through these functions. */
#include "jobs/unfinished.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/grace.h"
#include "jobs/pace.h"

/* ---- the list ---- */

struct unfinished *unfinished_find(const struct jobs *jobs, int64_t id)
{
	struct unfinished *job = jobs->first;

	while (job != NULL && job->row.id != id)
		job = job->next;
	return job;
}

struct unfinished *unfinished_add(struct jobs *jobs, const struct job_row *row)
{
	struct unfinished *job = memory_zero(1, sizeof(*job)), **at = &jobs->first;

	job->row = *row;
	job->served_ms = clock_monotonic_ms();
	job->cursor = -1;
	if (row->rate > 0)
		job->pace = pace_create(row->rate);
	/* At the end: of jobs of the same size the older one goes first. */
	while (*at != NULL)
		at = &(*at)->next;
	*at = job;
	return job;
}

void unfinished_remove(struct jobs *jobs, struct unfinished *job)
{
	struct unfinished **at = &jobs->first;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	pace_destroy(&job->pace);
	free(job);
}

bool unfinished_is_runnable(const struct unfinished *job)
{
	switch (job->row.state) {
	case JOB_PLANNED:
	case JOB_RUNNING:
	case JOB_REMOVING:
	case JOB_UNDOING:
		return job->whole && !job->cancelling;
	default:
		return false;
	}
}

/* Later states have their own ways to stop, or cannot. */
bool unfinished_wants_cancel(const struct unfinished *job)
{
	return job->row.cancel && (job->row.state == JOB_PLANNED || job->row.state == JOB_RUNNING);
}

void unfinished_set_problem(struct unfinished *job, const char *text)
{
	snprintf(job->problem, sizeof(job->problem), "%s", text);
}

/* ---- how fast it goes ---- */

int64_t unfinished_left(const struct unfinished *job)
{
	const struct job_row *row = &job->row;
	int64_t left = row->count[JOB_ITEM_PLANNED] + row->count[JOB_ITEM_SENT];

	return row->state == JOB_REMOVING || row->state == JOB_UNDOING
		   ? left + row->count[JOB_ITEM_HELD]
		   : left;
}

void unfinished_forget_speed(struct unfinished *job)
{
	job->speed = 0;
	job->speed_ms = 0;
}

static void measure(struct unfinished *job)
{
	int64_t now = clock_monotonic_ms(), left = unfinished_left(job), ms = now - job->speed_ms;
	double speed, share;

	if (job->speed_ms == 0) {
		job->speed_ms = now;
		job->speed_left = left;
	}
	if (job->speed_ms == now || ms < JOBS_SPEED_MS)
		return;
	speed = (double)(job->speed_left - left) * 1000 / (double)ms;
	/* A moving mean, weighted by time: batches end in jumps, and people want a steady number.
	 */
	share = (double)ms / ((double)ms + JOBS_SPEED_SMOOTH_MS);
	job->speed = job->speed == 0 ? speed : job->speed + (speed - job->speed) * share;
	job->speed_ms = now;
	job->speed_left = left;
}

/* ---- telling of it ---- */

struct grace_clock unfinished_grace_clock(const struct jobs *jobs)
{
	return (struct grace_clock){jobs->boot, clock_boot_us() / 1000};
}

void jobs_add_progress(const struct jobs *jobs, struct job_row *row)
{
	const struct unfinished *job = unfinished_find(jobs, row->id);

	if (job == NULL)
		return;
	if (job->row.state == JOB_GRACE)
		row->grace_until = grace_until(&job->row, clock_now_us(), clock_boot_us());
	if (job->problem[0] != '\0')
		snprintf(row->problem, sizeof(row->problem), "%s", job->problem);
	row->speed = job->speed;
	if (job->pace != NULL)
		/* By its pace, which is known, and not by its speed until now. */
		row->seconds_left = pace_seconds_left(job->pace);
	else if (job->speed > 0)
		row->seconds_left = (int64_t)((double)unfinished_left(job) / job->speed + 0.5);
}

int64_t jobs_grace_until(const struct jobs *jobs, int64_t id)
{
	const struct unfinished *job = unfinished_find(jobs, id);

	return job != NULL && job->row.state == JOB_GRACE
		   ? grace_until(&job->row, clock_now_us(), clock_boot_us())
		   : 0;
}

static void tell_now(struct jobs *jobs, struct unfinished *job)
{
	struct job_row row = job->row;

	job->untold = false;
	job->told_ms = clock_monotonic_ms();
	jobs_add_progress(jobs, &row);
	jobs->events.changed(jobs->events.context, &row);
}

void unfinished_tell(struct jobs *jobs, struct unfinished *job, bool at_once)
{
	if (unfinished_is_runnable(job))
		measure(job);
	/* A job of a million messages must not send an event for each batch. */
	if (at_once || clock_monotonic_ms() - job->told_ms >= JOBS_TELL_MS)
		tell_now(jobs, job);
	else
		job->untold = true;
}

/* ---- its row in the store ---- */

struct change {
	struct jobs *jobs;
	int64_t id;
	struct job_row row;
	jobs_done *done; /* NULL: nobody waits */
	void *context;
};

static enum db_result write_row(struct db *db, void *context, struct error *err)
{
	struct change *c = context;

	return job_rows_update(db, &c->row, err);
}

static void row_written(void *context, enum db_result result, const struct error *err)
{
	struct change *c = context;
	struct jobs *jobs = c->jobs;
	struct unfinished *job = unfinished_find(jobs, c->id);

	jobs->pending--;
	if (job != NULL && !jobs->stopping) {
		if (result != DB_OK) {
			/* Only the store's copy is behind; the next write carries everything again.
			 */
			unfinished_set_problem(job, err->text);
			job->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
			job->unsaved = true;
		}
		unfinished_tell(jobs, job, true);
		/* The row that was written must be the final one: an older write may end after the
		 * job did. */
		if (result == DB_OK && job_state_is_final(job->row.state) &&
		    job_state_is_final(c->row.state))
			unfinished_remove(jobs, job);
	}
	if (c->done != NULL)
		c->done(c->context, result == DB_OK ? &c->row : NULL, result == DB_OK ? NULL : err);
	free(c);
}

void unfinished_save(struct jobs *jobs, struct unfinished *job, jobs_done *done, void *context)
{
	struct change *c = memory_zero(1, sizeof(*c));

	c->jobs = jobs;
	c->id = job->row.id;
	/* A copy: the job goes on while the store's thread writes. */
	c->row = job->row;
	c->done = done;
	c->context = context;
	job->unsaved = false;
	jobs->pending++;
	store_write(jobs->store, write_row, row_written, c);
}

/* ---- from state to state ---- */

static void begin_grace(const struct jobs *jobs, struct unfinished *job)
{
	struct grace_clock clock = unfinished_grace_clock(jobs);

	grace_begin(&job->row, &clock);
	job->row.grace_until = grace_until(&job->row, clock_now_us(), clock_boot_us());
}

void unfinished_move(
    struct jobs *jobs, struct unfinished *job, enum job_state state, jobs_done *done, void *context)
{
	job_state_move(&job->row.state, state);
	job->cursor = -1;
	job->drained = false;
	unfinished_forget_speed(job);
	/* What kept it from going on belongs to the state before. */
	unfinished_set_problem(job, "");
	if (state == JOB_RUNNING && job->row.started == 0)
		job->row.started = clock_now();
	if (state == JOB_GRACE)
		begin_grace(jobs, job);
	if (job_state_is_final(state))
		job->row.finished = clock_now();
	unfinished_save(jobs, job, done, context);
}

void unfinished_save_late(struct jobs *jobs, int64_t now_ms)
{
	for (struct unfinished *job = jobs->first; job != NULL; job = job->next)
		if (job->unsaved && job->wait_ms <= now_ms)
			unfinished_save(jobs, job, NULL, NULL);
}

void unfinished_tell_late(struct jobs *jobs, int64_t now_ms)
{
	for (struct unfinished *job = jobs->first; job != NULL; job = job->next)
		if (job->untold && now_ms - job->told_ms >= JOBS_TELL_MS)
			tell_now(jobs, job);
}
