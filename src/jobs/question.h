/* Questions that somebody asks of the ports beside all jobs. Where the ports go first there is no
 * answer: then jobs_destroy gives the question up, so that whoever asked can free what it has. */
#ifndef JOBS_QUESTION_H
#define JOBS_QUESTION_H

#include "jobs/engine.h"

/* The first member of what is asked. */
struct jobs_question {
	struct jobs_question *next;
	struct jobs *jobs;
	/* Tells whoever asked that there is no answer, and frees it. */
	void (*give_up)(struct jobs_question *question);
};

/* With `give_up` set by the caller. */
void jobs_question_begin(struct jobs *jobs, struct jobs_question *question);
/* It is answered, and about to be freed. */
void jobs_question_end(struct jobs_question *question);
/* No answer comes any more. */
void jobs_question_give_up_all(struct jobs *jobs);

#endif
