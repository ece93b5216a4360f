/* What people ask of a job that is under way: to stop, to bring back, to end its grace time; and a
 * flush, which is no job. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/internal.h"

/* A wish that cannot be granted. */
struct wish {
	struct jobs *jobs;
	int64_t id;
	struct job_row row;
	jobs_done *done;
	void *ctx;
	struct error err;
};

/* Answers from the store's thread and back, so that the answer never comes within the call. */
static enum db_result refuse_wish(struct db *db, void *arg, struct error *err)
{
	struct wish *c = arg;
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

static void wish_refused(void *arg, enum db_result result, const struct error *err)
{
	struct wish *c = arg;

	(void)result;
	c->jobs->pending--;
	c->done(c->ctx, NULL, err);
	free(c);
}

__attribute__((format(printf, 6, 7))) static void refuse(struct jobs *jobs, int64_t id,
    jobs_done *done, void *ctx, const char *code, const char *format, ...)
{
	struct wish *c = memory_zero(1, sizeof(*c));
	va_list args;

	c->jobs = jobs;
	c->id = id;
	c->done = done;
	c->ctx = ctx;
	snprintf(c->err.code, sizeof(c->err.code), "%s", code);
	va_start(args, format);
	vsnprintf(c->err.text, sizeof(c->err.text), format, args);
	va_end(args);
	/* It may well be under way: nobody knows before the unfinished jobs are read. */
	if (!jobs->resumed && jobs_live_find(jobs, id) == NULL)
		error_set(&c->err, "store_unavailable",
		    "The service has just started and still reads its unfinished jobs: ask again "
		    "in a moment.");
	jobs->pending++;
	store_read(jobs->store, refuse_wish, wish_refused, c);
}

/* Before it has done its part. */
static bool is_cancellable(const struct live *live)
{
	return live->row.state == JOB_WRITING || live->row.state == JOB_PLANNED ||
	       live->row.state == JOB_RUNNING;
}

void jobs_cancel(struct jobs *jobs, int64_t id, jobs_done *done, void *ctx)
{
	struct live *live = jobs_live_find(jobs, id);

	if (live == NULL || !is_cancellable(live)) {
		refuse(jobs, id, done, ctx, "job_finished",
		    live != NULL && live->row.state == JOB_GRACE
			? "job %lld has done its part and waits out its grace time: undo it instead"
			: "job %lld has ended, or is ending",
		    (long long)id);
		return;
	}
	live->row.cancel = true;
	live->wait_ms = 0;
	jobs_save(jobs, live, done, ctx);
}

static bool is_undoable(const struct live *live)
{
	if (live == NULL || live->row.action != JOB_DELETE || live->row.undo_seconds == 0)
		return false;
	return live->row.state == JOB_GRACE || is_cancellable(live);
}

void jobs_undo(struct jobs *jobs, int64_t id, jobs_done *done, void *ctx)
{
	struct live *live = jobs_live_find(jobs, id);

	if (!is_undoable(live)) {
		refuse(jobs, id, done, ctx, "not_undoable",
		    "job %lld holds nothing that could be brought back: only a delete in its grace "
		    "time can be undone",
		    (long long)id);
		return;
	}
	live->wait_ms = 0;
	if (live->row.state == JOB_GRACE) {
		jobs_move(jobs, live, JOB_UNDOING, done, ctx);
		return;
	}
	live->row.cancel = true; /* still holding: stops, and releases what it held */
	jobs_save(jobs, live, done, ctx);
}

void jobs_finish_grace(struct jobs *jobs, int64_t id, jobs_done *done, void *ctx)
{
	struct live *live = jobs_live_find(jobs, id);

	if (live == NULL || live->row.state != JOB_GRACE) {
		refuse(jobs, id, done, ctx, "not_undoable", "job %lld is not in a grace time",
		    (long long)id);
		return;
	}
	live->row.grace_until = clock_now();
	live->row.grace_until_boot_ms = clock_boot_us() / 1000;
	jobs_save(jobs, live, done, ctx);
}

/* ---- flush ---- */

struct flush {
	struct jobs_question question;
	jobs_flush_done *done;
	void *context;
};

static void end_flush(struct flush *f, const struct error *err)
{
	jobs_question_end(&f->question);
	f->done(f->context, err);
	free(f);
}

static void give_up_flush(struct jobs_question *question)
{
	struct error err;

	error_set(&err, "helper_unavailable",
	    "the service stops: the queue manager may not have been told");
	end_flush((struct flush *)question, &err);
}

static void flushed(void *context, const struct ports_ran *ran)
{
	struct flush *f = context;
	struct error err;

	if (ran->end == PORTS_EXITED && ran->status == 0) {
		end_flush(f, NULL);
		return;
	}
	error_set(&err, ran->end == PORTS_LOST ? "helper_unavailable" : "postfix_failed",
	    "the queue manager may not have been told: %.*s",
	    ran->text.len > 0 ? (int)(ran->text.len < 300 ? ran->text.len : 300) : 27,
	    ran->text.len > 0 ? ran->text.data : "postqueue -f did not answer");
	end_flush(f, &err);
}

void jobs_flush(struct jobs *jobs, jobs_flush_done *done, void *context)
{
	struct flush *f = memory_zero(1, sizeof(*f));

	f->question.give_up = give_up_flush;
	f->done = done;
	f->context = context;
	jobs_question_begin(jobs, &f->question);
	/* Tokens of flushes count the microseconds; those of jobs are far below (TOKEN_JOB_SHIFT).
	 */
	jobs->ports.run(jobs->ports.owner, PORTS_FLUSH,
	    (UINT64_C(1) << 63) | (uint64_t)clock_now_us(), NULL, 0, flushed, f);
}
