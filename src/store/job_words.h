/* The words of jobs: actions, states, outcomes, results. Each is one enum for all layers, with one
 * table of the names that the API uses; and the moves from state to state that there are. */
#ifndef STORE_JOB_WORDS_H
#define STORE_JOB_WORDS_H

#include <stdbool.h>

#include "base/slice.h"

/* What is done to the messages of a job. The numbers are stored. */
enum job_action { JOB_RETRY = 1, JOB_HOLD, JOB_RELEASE, JOB_REQUEUE, JOB_DELETE, JOB_BOUNCE };

/* How far a job is. job_state_move is the one place where it changes, in memory as in the store. */
enum job_state {
	JOB_WRITING = 1, /* its items are still being written; never runs if it stays so */
	JOB_PLANNED,	 /* complete in the store; waits for its turn */
	JOB_RUNNING,	 /* its messages are worked through, batch by batch */
	JOB_GRACE,	 /* a delete whose messages are on hold until grace_until */
	JOB_REMOVING,	 /* the grace time is over: they are being removed */
	JOB_UNDOING,	 /* undone or cancelled: what it held is being released */
	JOB_DONE,	 /* final: each message has its outcome */
	JOB_CANCELLED,	 /* final: stopped between batches, or never whole */
	JOB_UNDONE,	 /* final: what it held is back where it was */
	JOB_STATES
};

/* What is known of a message of a job; the first three are still on their way. */
enum job_outcome {
	JOB_ITEM_PLANNED, /* not tried yet */
	JOB_ITEM_SENT,	  /* given to Postfix, no answer yet */
	JOB_ITEM_HELD,	  /* on hold for the grace time of a delete */
	JOB_ITEM_DONE,
	JOB_ITEM_GONE,	    /* it had left the queue before */
	JOB_ITEM_CHANGED,   /* that ID is another message now, or somebody else acted on it */
	JOB_ITEM_REFUSED,   /* not possible; the detail says why */
	JOB_ITEM_UNKNOWN,   /* nothing can tell; the detail says why */
	JOB_ITEM_CANCELLED, /* never tried */
	JOB_ITEM_UNDONE,    /* held, and released again */
	JOB_ITEM_STOPPED,   /* never tried: its destination kept refusing, see struct job_stop */
	JOB_OUTCOMES
};

/* What became of a message that a job had tried or re-queued, as the mail log told later. */
enum job_result {
	JOB_RESULT_UNKNOWN, /* not yet, or the log did not say */
	JOB_RESULT_DELIVERED,
	JOB_RESULT_DEFERRED, /* again: for one recipient at least */
	JOB_RESULT_BOUNCED,  /* refused for good, or returned to its sender as expired */
	JOB_RESULTS
};

/* The names that the API uses: "retry", "hold", ...; "planned", "running", "grace", "done",
 * "cancelled", "undone" (JOB_WRITING is "planned", JOB_REMOVING is "running", JOB_UNDOING is
 * "grace"); "planned", "sent", "held", "done", ... The parsers give false on any other text. */
const char *job_action_name(enum job_action action);
bool job_action_parse(struct slice text, enum job_action *action);
const char *job_state_name(enum job_state state);
const char *job_outcome_name(enum job_outcome outcome);
bool job_outcome_parse(struct slice text, enum job_outcome *outcome);
/* "delivered", "deferred", "bounced"; NULL for JOB_RESULT_UNKNOWN, which is parsed as "unknown". */
const char *job_result_name(enum job_result result);
bool job_result_parse(struct slice text, enum job_result *result);
/* What the parsers take, in words: "retry, hold, release, requeue, delete or bounce". */
#define JOB_WORDS_SIZE 160
void job_action_all(char text[JOB_WORDS_SIZE]);
void job_outcome_all(char text[JOB_WORDS_SIZE]);
/* Done, cancelled or undone: nothing will happen to it any more. */
bool job_state_is_final(enum job_state state);

/* Whether a job in `from` may go on to `to`. */
bool job_state_allows(enum job_state from, enum job_state to);
/* Moves `*state` on to `to`. A move that there is not is a fault of this program and aborts. */
void job_state_move(enum job_state *state, enum job_state to);

#endif
