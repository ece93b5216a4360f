/* Questions to the ports beside all jobs, so that none is forgotten when the service stops. */
#include "jobs/question.h"

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

void jobs_question_give_up_all(struct jobs *jobs)
{
	while (jobs->questions != NULL)
		jobs->questions->give_up(jobs->questions);
}
