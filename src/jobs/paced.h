/* The batches of a paced retry: what pace.h lets through, taken from the store by destination. */
#ifndef JOBS_PACED_H
#define JOBS_PACED_H

#include "jobs/engine.h"

enum paced_next {
	PACED_NOTHING,	    /* nothing (more) to pace: what is still open is driven as ever */
	PACED_DESTINATIONS, /* what is left for each is to be read first, by paced_read_destinations
			     */
	PACED_PICKS,	    /* the batch knows what to take: to be read by paced_read_picks */
	PACED_LATER,	    /* nothing may be sent now; the job waits */
};
enum paced_next paced_begin(struct batch *batch);

/* store_work of a batch, and what is to be done with the destinations once they are read. */
enum db_result paced_read_destinations(struct db *db, void *batch, struct error *err);
void paced_take_destinations(struct batch *batch);
enum db_result paced_read_picks(struct db *db, void *batch, struct error *err);

/* The batch is of messages for a destination that gave the same refusal again: they are left as
 * they are. To be written. */
bool paced_gives_up(const struct batch *batch);
void paced_give_up(struct batch *batch);

/* A paced retry goes no further with a destination that gives the same refusal again. */
void paced_judge(
    struct jobs *jobs, const struct follow_where *where, const struct follow_attempt *attempt);

#endif
