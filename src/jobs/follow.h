/* Messages that jobs have sent on their way, remembered for a while so that what the mail log says
 * of them can be written beside their outcome: the new ID of a re-queued one, what became of an
 * attempt. */
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
/* The latest so many are remembered (12 MB). */
#define FOLLOW_MAX 131072

struct follow;

struct follow *follow_create(struct store *store);
/* With no write outstanding, or after the store was destroyed. */
void follow_destroy(struct follow **follow);

/* Remembers a message that was re-queued or retried; the oldest is forgotten for it. */
void follow_add(struct follow *follow, int64_t job, const struct job_item *item);
/* What the log says: kept until follow_flush. */
void follow_requeued(struct follow *follow, struct slice old_id, struct slice new_id);
void follow_attempt(struct follow *follow, struct slice id, const char *detail);
/* Writes what is new, in one transaction. True when there was something. */
bool follow_flush(struct follow *follow);
bool follow_pending(const struct follow *follow);

#endif
