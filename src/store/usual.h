/* What the depth of the queue was at other times, to compare with. */
#ifndef STORE_USUAL_H
#define STORE_USUAL_H

#include "store/db.h"

/* Weeks, and days, that are looked back: as far as there are fine samples. */
#define USUAL_WEEKS 4
#define USUAL_DAYS 28

struct usual {
	/* Deferred messages at the same hour of the same day in the weeks before. */
	unsigned weeks; /* of which there are samples; 0: nothing is known */
	int64_t least, most;
	/* By how much they changed in an hour at the same time of the days before: the mean,
	 * without its sign. */
	unsigned days; /* 0: nothing is known */
	int64_t change;
	/* An hour ago; -1: not known. */
	int64_t hour_ago;
};

/* What there is no sample for is not known. */
enum db_result usual_read(struct db *db, int64_t now, struct usual *out, struct error *err);

#endif
