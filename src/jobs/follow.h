/* Messages that jobs have sent on their way, remembered for a while so that what the mail log says
 * of them can be written beside their outcome: the new ID of a re-queued one, what became of an
 * attempt.
 *
 * Memory is bounded: FOLLOW_MAX messages are remembered (12 MB), and of each at most one result
 * waits to be written (its text is FOLLOW_REPLY_MAX bytes at most, commonly 150). */
#ifndef JOBS_FOLLOW_H
#define JOBS_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/job_rows.h"
#include "store/store.h"

/* What the log says later than this is no longer of the job's doing. */
#define FOLLOW_SECONDS 600
/* The latest so many are remembered. */
#define FOLLOW_MAX 131072
#define FOLLOW_REPLY_MAX JOB_ROWS_REPLY_MAX
/* Results in one transaction: about 20 ms of the store's thread. */
#define FOLLOW_CHUNK 2000

struct follow;

struct follow_events {
	void *context;
	/* Results of this job were written; `row` is what the store has of it now. */
	void (*counted)(void *context, const struct job_row *row);
};

/* The message of an attempt. */
struct follow_where {
	int64_t job, seq;
	int64_t refusal, destination; /* of a paced retry: pace.h's numbers; 0 none */
};
/* One recipient's attempt, as the log has it. */
struct follow_attempt {
	enum job_result result;
	struct slice recipient, reply;
};

struct follow *follow_create(struct store *store, const struct follow_events *events);
/* With no write outstanding, or after the store was destroyed. */
void follow_destroy(struct follow **follow);

/* Remembers a message that was re-queued or retried; the oldest is forgotten for it. */
void follow_add(struct follow *follow, int64_t job, const struct job_item *item);
/* What the log says: kept until follow_flush. */
void follow_requeued(struct follow *follow, struct slice old_id, struct slice new_id);
/* The queue manager took it up: what comes now replaces what an earlier attempt gave. */
void follow_began(struct follow *follow, struct slice id);
/* The result of a message with several recipients is the one that keeps it longest: deferred, then
 * bounced, then delivered. True when it is followed; then `where` says which. */
bool follow_attempted(struct follow *follow, struct slice id, const struct follow_attempt *attempt,
    struct follow_where *where);
/* Writes what is new, at most FOLLOW_CHUNK in one transaction, one at a time. */
void follow_flush(struct follow *follow);
bool follow_pending(const struct follow *follow);
/* Calls `take` with all IDs that are still followed, at most 500 at once, until it says false: for
 * a log reader that has just come. */
void follow_each(const struct follow *follow,
    bool (*take)(void *context, const struct slice *ids, size_t count), void *context);

#endif
