/* Jobs that end before their part is done: those that people cancel, and those of which not all
 * messages could be written down. Both go through the store in slices, because a job may have a
 * million messages, and others want their turn. */
#include "jobs/early_end.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/unfinished.h"

/* Untried items of a cancelled job settled in one transaction. */
#define CANCEL_CHUNK 20000

/* ---- cancelled ---- */

struct cancelling {
	struct jobs *jobs;
	int64_t id;
	int64_t from, count; /* of cancel_chunk */
};

static enum db_result cancel_chunk(struct db *db, void *context, struct error *err)
{
	struct cancelling *c = context;
	enum db_result result =
	    job_rows_cancel_items(db, c->id, c->from, c->from + CANCEL_CHUNK, &c->count, err);
	int64_t delta[JOB_OUTCOMES] = {
	    [JOB_ITEM_PLANNED] = -c->count, [JOB_ITEM_CANCELLED] = c->count};

	/* In the same transaction as the items: counts and items never disagree. */
	return result == DB_OK ? job_rows_progress(db, c->id, 0, delta, err) : result;
}

static void chunk_cancelled(void *context, enum db_result result, const struct error *err)
{
	struct cancelling *c = context;
	struct jobs *jobs = c->jobs;
	struct unfinished *job = unfinished_find(jobs, c->id);

	if (jobs->stopping || job == NULL) {
		jobs->pending--;
		free(c);
		return;
	}
	if (result == DB_OK) {
		job->row.count[JOB_ITEM_PLANNED] -= c->count;
		job->row.count[JOB_ITEM_CANCELLED] += c->count;
		c->from += CANCEL_CHUNK;
	} else
		unfinished_set_problem(job, err->text);
	if (result == DB_OK && c->from < job->row.total) {
		store_write(jobs->store, cancel_chunk, chunk_cancelled, c);
		return;
	}
	jobs->pending--;
	free(c);
	job->cancelling = false;
	if (result != DB_OK)
		job->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
	/* Something may be on hold: the job first brings it back. */
	else if (job->row.count[JOB_ITEM_HELD] + job->row.count[JOB_ITEM_SENT] > 0)
		unfinished_move(jobs, job, JOB_UNDOING, NULL, NULL);
	else
		unfinished_move(jobs, job, JOB_CANCELLED, NULL, NULL);
}

/* Untried items first, in the store alone; then what is on hold is released like an undo. */
void early_end_cancel(struct jobs *jobs, struct unfinished *job)
{
	struct cancelling *c = memory_zero(1, sizeof(*c));

	c->jobs = jobs;
	c->id = job->row.id;
	jobs->pending++;
	job->cancelling = true;
	store_write(jobs->store, cancel_chunk, chunk_cancelled, c);
}

/* ---- never whole ---- */

struct abandon {
	struct jobs *jobs;
	int64_t id;
	char problem[JOB_ROWS_ERROR_MAX + 1];
	bool ended;
};

static enum db_result abandon_slice(struct db *db, void *context, struct error *err)
{
	struct abandon *a = context;

	return job_rows_abandon(db, a->id, a->problem, clock_now(), &a->ended, err);
}

/* All its items count as cancelled: nothing was done to any. */
static void end_abandoned(struct jobs *jobs, struct unfinished *job)
{
	job_state_move(&job->row.state, JOB_CANCELLED);
	job->row.finished = clock_now();
	job->row.count[JOB_ITEM_PLANNED] = 0;
	job->row.count[JOB_ITEM_CANCELLED] = job->row.total;
	unfinished_tell(jobs, job, true);
	unfinished_remove(jobs, job);
}

static void slice_abandoned(void *context, enum db_result result, const struct error *err)
{
	struct abandon *a = context;
	struct jobs *jobs = a->jobs;
	struct unfinished *job = unfinished_find(jobs, a->id);

	(void)err; /* the store's health says it */
	if (result == DB_OK && !a->ended && !jobs->stopping) {
		store_write(jobs->store, abandon_slice, slice_abandoned, a);
		return;
	}
	if (job != NULL && !jobs->stopping && result == DB_OK)
		end_abandoned(jobs, job);
	else if (job != NULL) {
		/* Tried again later; until then it stays in the list. */
		job->abandoned = true;
		job->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
	}
	jobs->pending--;
	free(a);
}

void early_end_abandoned(struct jobs *jobs, int64_t now_ms)
{
	for (struct unfinished *job = jobs->first; job != NULL; job = job->next) {
		struct abandon *a;

		if (!job->abandoned || job->wait_ms > now_ms)
			continue;
		job->abandoned = false;
		a = memory_zero(1, sizeof(*a));
		a->jobs = jobs;
		a->id = job->row.id;
		snprintf(a->problem, sizeof(a->problem), "%s", job->problem);
		jobs->pending++;
		store_write(jobs->store, abandon_slice, slice_abandoned, a);
	}
}
