/* The depth of the queue over time. A sample every 5 minutes, kept for SAMPLES_FINE_DAYS; hours of
 * them (the largest number of each queue) for SAMPLES_HOUR_DAYS. A time without samples
 * stays without: a gap is never zero. */
#ifndef STORE_SAMPLES_H
#define STORE_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"
#include "store/db.h"

#define SAMPLES_STEP 300       /* seconds */
#define SAMPLES_FINE_DAYS 35   /* 10,080 rows */
#define SAMPLES_HOUR_DAYS 1100 /* three years; 26,400 rows */

struct sample {
	int64_t taken;		    /* Unix seconds: when, or the beginning of the step */
	int64_t count[QUEUE_COUNT]; /* by enum queue: messages, the most within the step; -1: not
				       known */
	int64_t bytes;
};

/* Stores one (of several in the same 5 minutes the largest numbers), and moves what is too old to
 * hours. */
enum db_result samples_add(struct db *db, const struct sample *sample, struct error *err);

struct samples_range {
	int64_t from, to;  /* asked for; Unix seconds, from < to */
	size_t max_points; /* at most so many; at least 1 */
	int64_t interval;  /* seconds between samples: no finer step, where each would have gaps */
	int64_t step;	   /* filled in: seconds between points, a multiple of SAMPLES_STEP */
	struct sample
	    *points; /* filled in: steps that have samples, in order; the caller frees it */
	size_t count;
};

/* The finest step of those that people can read that gives no more than max_points, and no finer
 * one than `interval`. */
int64_t samples_choose_step(const struct samples_range *range);
/* When the first sample that is kept was taken; 0: there is none. */
enum db_result samples_first(struct db *db, int64_t *taken, struct error *err);
/* Reads a range, in the finest step that gives no more than max_points. */
enum db_result samples_read(struct db *db, struct samples_range *range, struct error *err);

#endif
