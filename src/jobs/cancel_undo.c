/* What people ask of a job that is under way: to stop, to bring back what it holds, to end its
 * grace time. What cannot be done is refused, later like every answer, with the reason. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/unfinished.h"

/* Something that cannot be done. */
struct refusal {
	struct jobs *jobs;
	int64_t id;
	struct job_row row;
	jobs_done *done;
	void *context;
	struct error err;
};

/* Answers from the store's thread and back, so that the answer never comes within the call. */
static enum db_result read_refused(struct db *db, void *context, struct error *err)
{
	struct refusal *c = context;
	enum db_result result = job_rows_get(db, c->id, &c->row, err);

	if (result == DB_NOT_FOUND) {
		error_set(err, "job_not_found", "there is no job %lld", (long long)c->id);
		return result;
	}
	if (result == DB_OK) {
		*err = c->err;
		return DB_CONFLICT;
	}
	return result;
}

static void refused(void *context, enum db_result result, const struct error *err)
{
	struct refusal *c = context;

	(void)result;
	c->jobs->pending--;
	c->done(c->context, NULL, err);
	free(c);
}

__attribute__((format(printf, 6, 7))) static void refuse(struct jobs *jobs, int64_t id,
    jobs_done *done, void *context, const char *code, const char *format, ...)
{
	struct refusal *c = memory_zero(1, sizeof(*c));
	va_list args;

	c->jobs = jobs;
	c->id = id;
	c->done = done;
	c->context = context;
	snprintf(c->err.code, sizeof(c->err.code), "%s", code);
	va_start(args, format);
	vsnprintf(c->err.text, sizeof(c->err.text), format, args);
	va_end(args);
	/* It may well be under way: nobody knows before the unfinished jobs are read. */
	if (!jobs->resumed && unfinished_find(jobs, id) == NULL)
		error_set(&c->err, "store_unavailable",
		    "The service has just started and still reads its unfinished jobs: ask again "
		    "in a moment.");
	jobs->pending++;
	store_read(jobs->store, read_refused, refused, c);
}

/* Before it has done its part. */
static bool is_cancellable(const struct unfinished *job)
{
	return job->row.state == JOB_WRITING || job->row.state == JOB_PLANNED ||
	       job->row.state == JOB_RUNNING;
}

void jobs_cancel(struct jobs *jobs, int64_t id, jobs_done *done, void *context)
{
	struct unfinished *job = unfinished_find(jobs, id);

	if (job == NULL || !is_cancellable(job)) {
		refuse(jobs, id, done, context, "job_finished",
		    job != NULL && job->row.state == JOB_GRACE
			? "job %lld has done its part and waits out its grace time: undo it instead"
			: "job %lld has ended, or is ending",
		    (long long)id);
		return;
	}
	job->row.cancel = true;
	job->wait_ms = 0;
	unfinished_save(jobs, job, done, context);
}

static bool is_undoable(const struct unfinished *job)
{
	/* A hold or a release is taken back by a job of its own, as it has no grace time. */
	if (job == NULL || job->row.action != JOB_DELETE || job->row.undo_seconds == 0)
		return false;
	return job->row.state == JOB_GRACE || is_cancellable(job);
}

void jobs_undo(struct jobs *jobs, int64_t id, jobs_done *done, void *context)
{
	struct unfinished *job = unfinished_find(jobs, id);

	if (!is_undoable(job)) {
		refuse(jobs, id, done, context, "not_undoable",
		    "job %lld holds nothing that could be brought back: only a delete in its grace "
		    "time can be undone",
		    (long long)id);
		return;
	}
	job->wait_ms = 0;
	if (job->row.state == JOB_GRACE) {
		unfinished_move(jobs, job, JOB_UNDOING, done, context);
		return;
	}
	job->row.cancel = true; /* still holding: stops, and releases what it held */
	unfinished_save(jobs, job, done, context);
}

void jobs_finish_grace(struct jobs *jobs, int64_t id, jobs_done *done, void *context)
{
	struct unfinished *job = unfinished_find(jobs, id);

	if (job == NULL || job->row.state != JOB_GRACE) {
		refuse(jobs, id, done, context, "not_undoable", "job %lld is not in a grace time",
		    (long long)id);
		return;
	}
	/* The end is only moved: the next tick removes what is held. */
	job->row.grace_until = clock_now();
	job->row.grace_until_boot_ms = clock_boot_us() / 1000;
	unfinished_save(jobs, job, done, context);
}
