/* What is particular to the batches of a paced retry. The store says how many messages are left for
 * each destination, pace.h says whose turn it is, and what the log tells of the attempts decides
 * whether a destination is gone on with. */
#include "jobs/paced.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/batch_steps.h"
#include "jobs/pace.h"
#include "jobs/unfinished.h"

/* What is told of the job while it goes on; the store has the whole of it. */
static void tell_stop(struct job_row *row, const struct job_stop *stop)
{
	for (size_t i = 0; i < row->stops; i++)
		if (strcmp(row->stop[i].destination, stop->destination) == 0) {
			row->stop[i].untried += stop->untried;
			return;
		}
	if (row->stops < JOB_ROWS_STOPS_MAX)
		row->stop[row->stops++] = *stop;
}

bool paced_gives_up(const struct batch *b)
{
	return b->pick != NULL && b->pick[0].stop != NULL;
}

void paced_give_up(struct batch *b)
{
	const struct pace_pick *pick = &b->pick[0];
	SAID_AUTO struct said said = {0};

	said_put(&said, SAID_JOB_STOPPED, 1, said_text("reply", slice_of(pick->stop)));
	snprintf(b->stop.destination, sizeof(b->stop.destination), "%.*s",
	    SLICE_ARGS(pick->destination));
	snprintf(b->stop.reply, sizeof(b->stop.reply), "%s", pick->stop);
	b->stop.untried = (int64_t)b->items.count;
	for (size_t i = 0; i < b->items.count; i++) {
		batch_set_detail(&b->work[i], &said);
		batch_set_step(b, &b->work[i], JOB_STEP_SETTLED, JOB_ITEM_STOPPED);
	}
	tell_stop(&b->job->row, &b->stop);
}

enum db_result paced_read_destinations(struct db *db, void *context, struct error *err)
{
	struct batch *b = context;
	const char *after = b->job->destination;

	return job_rows_destinations(
	    db, b->row.id, after[0] != '\0' ? after : NULL, b->destinations, err);
}

void paced_take_destinations(struct batch *b)
{
	struct unfinished *job = b->job;
	const struct job_destinations *d = b->destinations;

	for (size_t i = 0; i < d->count; i++)
		pace_add(job->pace, slice_of(d->item[i].name), d->item[i].left,
		    d->item[i].reply[0] != '\0' ? d->item[i].reply : NULL);
	/* A full answer may not be all of them: then the next batch reads on from its last name. */
	job->paced = d->count < sizeof(d->item) / sizeof(d->item[0]);
	snprintf(job->destination, sizeof(job->destination), "%s",
	    job->paced ? "" : d->item[d->count - 1].name);
}

enum db_result paced_read_picks(struct db *db, void *context, struct error *err)
{
	struct batch *b = context;
	enum db_result result = DB_OK;

	for (size_t i = 0; i < b->picks && result == DB_OK; i++)
		result = job_rows_untried(
		    db, b->row.id, b->pick[i].destination, b->pick[i].count, &b->items, err);
	return result;
}

enum paced_next paced_begin(struct batch *b)
{
	struct jobs *jobs = b->jobs;
	struct unfinished *job = b->job;
	/* Without the log nobody hears a refusal: then each destination only gets its pace. */
	bool probing = jobs->events.follow != NULL && !jobs->deaf;

	/* A recovery asks what became of commands, and their pace is over. */
	if (job->pace == NULL || b->recover)
		return PACED_NOTHING;
	if (!job->paced) {
		if (job->destination[0] == '\0')
			pace_forget(job->pace);
		b->destinations = memory_zero(1, sizeof(*b->destinations));
		return PACED_DESTINATIONS;
	}
	if (pace_left(job->pace) == 0)
		return PACED_NOTHING;
	b->pick = memory_zero(PORTS_BATCH_MAX, sizeof(*b->pick));
	b->picks = pace_take(job->pace, b->pick, PORTS_BATCH_MAX, probing, clock_monotonic_ms());
	if (b->picks > 0)
		return PACED_PICKS;
	/* Until then nothing may be sent, and other jobs have the place. */
	job->wait_ms = pace_next_ms(job->pace);
	return PACED_LATER;
}

/* ---- what the log says ---- */

/* The domain of an address, in lower case; "" where it has none. */
static struct slice domain_of(struct slice address, char out[JOB_ROWS_DESTINATION_MAX + 1])
{
	size_t at = address.len, len = 0;

	while (at > 0 && address.data[at - 1] != '@')
		at--;
	for (size_t i = at; at > 0 && i < address.len && len < JOB_ROWS_DESTINATION_MAX; i++) {
		char c = address.data[i];

		out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return slice_make(out, len);
}

void paced_judge(
    struct jobs *jobs, const struct follow_where *where, const struct follow_attempt *attempt)
{
	char name[JOB_ROWS_DESTINATION_MAX + 1];
	struct slice domain = domain_of(attempt->recipient, name);
	struct unfinished *job = unfinished_find(jobs, where->job);
	bool same = attempt->result == JOB_RESULT_DEFERRED && where->refusal != 0 &&
		    pace_refusal(attempt->reply) == where->refusal;

	if (job == NULL || job->pace == NULL || domain.len == 0 ||
	    /* An alias or a forward may lead elsewhere: what that host says is not about the
	     * destination. */
	    pace_destination(domain) != where->destination)
		return;
	if (pace_answered(
		job->pace, domain, same, slice_first(attempt->reply, JOB_ROWS_REPLY_MAX)) ||
	    !same)
		job->wait_ms = 0;
}
