/* How far a batch is, and which state may follow which. */
#ifndef JOBS_BATCH_STATE_H
#define JOBS_BATCH_STATE_H

#include <stdbool.h>

/* The way of most: free, reading, deciding, writing, ready, running, deciding, writing, free. */
enum batch_state {
	BATCH_FREE,	/* a place that no job has */
	BATCH_READING,	/* its items come from the store */
	BATCH_DECIDING, /* within one call: what comes next is decided from all that is known */
	BATCH_WRITING,	/* its steps or outcomes go to the store */
	BATCH_ASKING,	/* the reader, the store, the queue manager or the log is asked about it */
	BATCH_READY,	/* what it is about to do is on disk; it waits for the commands before it */
	BATCH_RUNNING,	/* its command runs */
	BATCH_WAITING,	/* something failed: it goes on at wait_ms */
	BATCH_RELOADING, /* Postfix is reloaded, so that messages may go back from hold */
	BATCH_STATES
};

bool batch_state_allows(enum batch_state from, enum batch_state to);
/* Moves `*state` on to `to`. A move that there is not is a fault of this program and aborts. */
void batch_state_move(enum batch_state *state, enum batch_state to);

#endif
