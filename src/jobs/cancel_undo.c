/* What people ask of a job that is under way: to stop, to bring back what it holds, to end its
 * grace time. What cannot be done is refused, later like every answer, with the reason. */
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
		error_say(err, "job_not_found", SAID_PROBLEM_NO_JOB, 1, said_number("job", c->id));
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

static void refuse(struct jobs *jobs, int64_t id, jobs_done *done, void *context, const char *code,
    enum said_code says)
{
	struct refusal *c = memory_zero(1, sizeof(*c));

	c->jobs = jobs;
	c->id = id;
	c->done = done;
	c->context = context;
	error_say(&c->err, code, says, 1, said_number("job", id));
	/* It may well be under way: nobody knows before the unfinished jobs are read. */
	if (!jobs->resumed && unfinished_find(jobs, id) == NULL)
		error_say(&c->err, "store_unavailable", SAID_PROBLEM_JUST_STARTED, 0);
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
		    job != NULL && job->row.state == JOB_GRACE ? SAID_PROBLEM_JOB_IN_GRACE
							       : SAID_PROBLEM_JOB_ENDED);
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
		refuse(jobs, id, done, context, "not_undoable", SAID_PROBLEM_JOB_HOLDS_NOTHING);
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
		refuse(jobs, id, done, context, "not_undoable", SAID_PROBLEM_JOB_NO_GRACE);
		return;
	}
	/* The end is only moved: the next tick removes what is held. */
	job->row.grace_until = clock_now();
	job->row.grace_until_boot_ms = clock_boot_us() / 1000;
	unfinished_save(jobs, job, done, context);
}
