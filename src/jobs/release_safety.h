/* Whether a message may go back from hold to the queue manager without being destroyed by it.
 *
 * A queue manager that had a message in active, and still knows it, removes the file when it takes
 * the message up again: no delivery, no bounce, only "removed" in the log (docs/POSTFIX.md). So a
 * message goes back only where the queue manager that runs cannot know it: this one began after the
 * message was put on hold. What is not known counts as unsafe. Pure functions. */
#ifndef JOBS_RELEASE_SAFETY_H
#define JOBS_RELEASE_SAFETY_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/ports.h"
#include "jobs/target.h"

/* Times of a file come from the kernel's coarse clock, at most 10 ms old; where a file system keeps
 * whole seconds they may be two seconds old. Those of a process are rounded down. */
#define RELEASE_MARGIN_US 100000
#define RELEASE_MARGIN_WHOLE_US 2000000

/* How long the command that put it on hold may have run after that. */
#define RELEASE_IDLE_US INT64_C(600000000)

/* cleanup writes the end of a message and makes it ready in one go. */
#define RELEASE_RECEIPT_US 100000
/* How late the mail log may be. */
#define RELEASE_LOG_US INT64_C(5000000)

/* A file on hold, as it was seen. Zero-initialised: not yet. */
struct release_sight {
	bool seen;
	uint64_t inode;
	int64_t changed_us;    /* its ctime, Unix time; 0 not known */
	int64_t modified_us;   /* its mtime */
	bool never_active;     /* the log says so, see release_may_be_from_receipt */
	int64_t idle_us;       /* Unix time: until then it was in deferred or on hold, and not yet
				  away from hold; 0 not known (struct job_item) */
	int64_t since_boot_us; /* by clock_boot_us: from then on at the latest it was on hold */
};

/* Takes in what a look found, which was answered at `boot_us`. The same file with the same ctime
 * has not been away in the meantime. */
void release_sight_take(struct release_sight *sight, const struct found *found, int64_t boot_us);

struct release_facts {
	struct ports_qmgr qmgr;
	/* Unix time less clock_boot_us: the smallest that is known. Where the clock was set forward
	 * the times of older files are compared with what it showed before. */
	int64_t wall_offset_us;
	/* Where processes cannot be seen: when the last reload was begun that ended well, long
	 * enough ago for the queue manager to have followed it (clock_boot_us); 0 none. */
	int64_t reloaded_boot_us;
};

/* Whether it looks as if it came on hold at its receipt, by a rule or a milter: nothing was written
 * to it for any time before that. Then the mail log is asked whether the queue manager ever took
 * it up; of the last moments it may not tell yet. */
bool release_may_be_from_receipt(const struct release_sight *sight, int64_t now_us);

bool release_is_safe(const struct release_sight *sight, const struct release_facts *facts);

#endif
