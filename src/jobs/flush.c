/* Asking Postfix to try the whole queue now, which is no job. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/question.h"

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

/* The caller must be answered even when the answer of the helper never comes. */
static void give_up_flush(struct jobs_question *question)
{
	struct error err;

	error_say(&err, "helper_unavailable", SAID_PROBLEM_FLUSH_STOPPED, 0);
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
	/* In each case it may have been done: nobody is told that it was not. */
	error_say(&err, ran->end == PORTS_LOST ? "helper_unavailable" : "postfix_failed",
	    ran->text.len > 0 ? SAID_PROBLEM_FLUSH_UNSURE : SAID_PROBLEM_FLUSH_SILENT, 1,
	    said_text("reply", slice_first(ran->text, 300)));
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
