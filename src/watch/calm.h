/* The sentence above everything: whether somebody is needed, or how calm it is, compared with what
 * was usual. Pure. */
#ifndef WATCH_CALM_H
#define WATCH_CALM_H

#include <stdbool.h>

#include "base/said.h"
#include "store/usual.h"

struct calm {
	unsigned needs;	  /* incidents that need somebody now */
	unsigned watch;	  /* those that somebody should look at */
	bool queue_known; /* else of the queue nothing is said */
	bool log_behind;  /* the mail log is still being counted: what it tells is not known yet */
	int64_t deferred;
	int64_t oldest_age; /* seconds, of the oldest message; -1: there is none */
	unsigned weekday;   /* 0 is Sunday */
	struct usual usual; /* weeks 0: nothing to compare with */
};

/* "3 need somebody, 2 to watch.", "Nobody is needed; 2 to watch.", or "Nothing unusual. 212
 * deferred, as on other Sundays. Oldest 2 h." */
void calm_sentence(struct said *said, const struct calm *calm);

#endif
