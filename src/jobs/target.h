/* One exact message that an action is meant for, and the question whether a message found under that
 * ID is still the same. Short queue IDs are reused (POSTFIX.md's facts: microseconds and inode only),
 * so an ID alone never names a message. */
#ifndef JOBS_TARGET_H
#define JOBS_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/job_rows.h"

/* Where a message can be. In this order in the store; do not renumber. */
enum target_queue {
	TARGET_UNKNOWN = 0, TARGET_INCOMING, TARGET_ACTIVE, TARGET_DEFERRED, TARGET_HOLD,
	TARGET_MAILDROP, TARGET_CORRUPT
};

const char *target_queue_name(enum target_queue queue);

struct target {
	struct slice id;
	enum target_queue queue;
	int64_t arrival;       /* Unix seconds; -1 unknown */
	uint64_t inode;        /* 0 unknown (a listing) */
	int64_t size;
	struct slice sender;   /* envelope sender as the source gives it; empty: the null sender */
	bool sender_known;
	int64_t created;       /* base of its lifetime, Unix seconds; -1 unknown */
	struct slice domain;   /* of the first recipient, lower case: its destination for paced retries */
};

/* What was found when looking for an ID. */
enum found_state {
	FOUND_MISSING, /* in no queue; looked twice */
	FOUND_HERE,
	FOUND_UNREADABLE, /* there, but its envelope cannot be read: never acted on */
	FOUND_NOBODY,  /* the reader or helper did not answer */
};

struct found {
	enum found_state state;
	enum target_queue queue;
	int64_t arrival; /* as in target */
	uint64_t inode;
	struct slice sender;
	bool sender_known;
};

/* A 64-bit mix of the sender, never 0, the same in every process and version. */
uint64_t target_sender_hash(struct slice sender);

/* Whether `found` (FOUND_HERE) is the message that `item` was planned for: every mark that both know
 * must agree, and at least arrival and sender must be known to both. */
bool target_is_same(const struct job_item *item, const struct found *found);

#endif
