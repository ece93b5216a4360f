/* One exact message that an action is meant for, and the question whether a message found under
 * that ID is still the same. Short queue IDs are reused (docs/POSTFIX.md, "Queue IDs"), so an ID
 * alone never names a message. */
#ifndef JOBS_TARGET_H
#define JOBS_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "exchange/ports.h"
#include "postfix/queue_id.h"
#include "store/job_rows.h"

/* The longest domain that a paced retry counts messages for; longer ones have none. */
#define TARGET_DOMAIN_MAX 255
/* A queue that nobody knows, where an `enum queue` stands. */
#define TARGET_QUEUE_UNKNOWN QUEUE_COUNT

struct target {
	struct slice id;
	enum queue queue;
	int64_t arrival; /* Unix seconds; -1 unknown: nothing but the ID is known */
	uint64_t inode;	 /* 0 unknown (a listing) */
	int64_t size;
	struct slice sender; /* envelope sender as the source gives it; empty: the null sender */
	int64_t created;     /* base of its lifetime, Unix seconds; -1 unknown */
	struct slice
	    domain; /* of the first recipient, lower case: its destination for paced retries */
	uint32_t recipients; /* still to do */
	struct slice reason; /* why it is still queued, of the first recipient; empty: not known */
};

/* Whether `found` (FOUND_HERE) is the message that `item` was planned for: arrival and sender
 * agree, and the inode where both know it. */
bool target_is_same(const struct job_item *item, const struct found *found);

/* Nothing but the ID was known when `item` was planned: from now on it is this message. */
void target_adopt(struct job_item *item, const struct found *found);

/* IDs of this item are never used again, so no other message can be meant. */
bool target_is_unique(const struct job_item *item);

#endif
