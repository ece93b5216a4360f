/* What is under way as the database has it, and how it shall end. The service does the rest: what
 * is written here is what an undo, a cancel or the end of a grace time would have written. */
#ifndef CHECK_LEAVE_STORE_H
#define CHECK_LEAVE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "config/config.h"

enum leave_wish {
	LEAVE_LOOK,	  /* changes nothing */
	LEAVE_BRING_BACK, /* deletes in their grace time are undone */
	LEAVE_FINISH,	  /* their grace time is over */
};

struct leave_counts {
	int64_t deletes,
	    held;     /* in their grace time or at its end, and the messages that they hold */
	int64_t jobs; /* others that have not ended. Retries do not count: nothing waits for them */
	int64_t pauses;
};

/* Counts; and where a wish is more than to look, jobs that run are cancelled (what they have on
 * hold comes back) and pauses end. The service must not run then. In a child that becomes the
 * service's user, as everything that touches the database. A database that is not there has nothing
 * under way.
 */
bool leave_store(const struct config *config, enum leave_wish wish, struct leave_counts *counts,
    struct error *err);

#endif
