/* What changes in a batch, in one place each: its state, the step and the outcome of its items with
 * the counts of the job, and the words beside them. Nothing here asks anybody anything. */
#include "jobs/batch_steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/deleting.h"

void batch_move(struct batch *b, enum batch_state state)
{
	batch_state_move(&b->state, state);
}

void batch_free(struct batch *b)
{
	job_items_free(&b->items);
	free(b->work);
	free(b->chosen);
	free(b->ids);
	free(b->pick);
	free(b->destinations);
}

void batch_clear(struct batch *b)
{
	struct jobs *jobs = b->jobs;

	batch_move(b, BATCH_FREE);
	batch_free(b);
	memset(b, 0, sizeof(*b));
	b->jobs = jobs;
}

void batch_set_step(
    struct batch *b, struct decide_item *w, enum job_step step, enum job_outcome outcome)
{
	struct job_row *row = &b->job->row;
	struct job_item *item = w->row;

	row->count[item->outcome]--;
	row->count[outcome]++;
	/* Differences for the store, as job_rows_progress wants them; the job's own counts go on at
	 * once. */
	b->delta[item->outcome]--;
	b->delta[outcome]++;
	item->step = step;
	item->outcome = outcome;
	w->unwritten = true;
	deleting_tell(b->jobs, row, item);
}

static char *copy_of(const struct buffer *text)
{
	return text->len > 0 ? memory_strndup(text->data, text->len) : NULL;
}

void batch_set_detail(struct decide_item *w, const struct said *said)
{
	free(w->row->detail);
	free(w->row->detail_words);
	w->row->detail = copy_of(&said->text);
	w->row->detail_words = copy_of(&said->words);
	w->retold = true;
}

void batch_say(struct decide_item *w, const struct decision *d)
{
	SAID_AUTO struct said said = {0};

	if (d->trouble)
		said_put(&said, SAID_JOB_POSTFIX_SAID, 1, said_text("reply", slice_of(w->trouble)));
	else if (d->says != SAID_NOTHING)
		said_put(&said, d->says, 0);
	/* Nothing to say, as before, is no news: most of a large job ends so. */
	else if (d->keeps || w->row->detail == NULL)
		return;
	batch_set_detail(w, &said);
}
