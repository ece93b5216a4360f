/* Numbers over time by key: how deep the queue was and what the log was counted by, the
 * SERIES_LARGEST keys of each five minutes. Kept for SERIES_FINE_DAYS, then by the hour for
 * SERIES_HOUR_DAYS, and never more than SERIES_BYTES_MAX in all: beyond it the oldest go first. A
 * time without samples stays without: a gap is never zero. */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/rates.h"
#include "store/db.h"

#define SERIES_STEP 300 /* seconds */
#define SERIES_FINE_DAYS 35
#define SERIES_HOUR_DAYS 1100 /* three years */
#define SERIES_LARGEST 20
/* Counted with what the database adds to it: 100 MB of its file. */
#define SERIES_BYTES_MAX INT64_C(100000000)
/* A batch that is so large goes out: one transaction stays well within the room of the database's
 * log (db_room.h). */
#define SERIES_BATCH_BYTES ((size_t)256 << 10)

/* What is told of a key. The numbers are in the store: append only. */
enum series_what {
	SERIES_DEPTH,	 /* messages in the queue, the most within the step */
	SERIES_RECEIVED, /* and each enum rate_result behind it: recipients within the step */
	SERIES_WHATS = SERIES_RECEIVED + RATE_RESULTS
};
/* "depth", "received", ...; NULL for other numbers. */
const char *series_what_name(enum series_what what);
bool series_what_parse(struct slice name, enum series_what *what);

struct series_item {
	struct slice key; /* at most RATES_KEY_MAX bytes */
	uint64_t n;
};

/* Appends one sample to a batch: the keys of `kind` in the step that begins at `taken`, and what
 * the other keys have together. Of RATE_TOTAL there is one item with an empty key, 0 where nothing
 * was counted: that the total is there says that the step is known. */
void series_put(struct buffer *batch, int64_t taken, enum rate_kind kind, enum series_what what,
    const struct series_item *items, size_t count, uint64_t other);

/* Stores a batch, which has rates or depths but not both: a sample replaces the one of the same
 * step. Moves what is too old to hours, and removes the oldest. */
enum db_result series_store(struct db *db, struct slice batch, struct error *err);
/* Removes the oldest until no more than `bytes` are left; for tests, and for series_store. */
enum db_result series_trim(struct db *db, int64_t bytes, struct error *err);
/* The newest step whose rates are stored; 0: none. */
enum db_result series_newest(struct db *db, int64_t *taken, struct error *err);

#define SERIES_GAP (-1)

struct series_line {
	char *key;
	int64_t *values; /* `count` of them; SERIES_GAP: not known */
};

struct series_range {
	enum rate_kind kind;
	enum series_what what; /* of RATE_TOTAL not SERIES_DEPTH */
	int64_t from, to;      /* asked for; Unix seconds, from < to */
	size_t max_points;     /* at most so many, and 2 more; at least 1 */
	size_t limit;	       /* keys, at most SERIES_LARGEST */
	/* Filled in; to be freed by series_free. */
	int64_t start, step; /* of the first value; seconds between values */
	size_t count;
	struct series_line lines[SERIES_LARGEST]; /* the largest over the range first */
	size_t line_count;
	int64_t *other;
	int64_t known_from; /* the first sample that is kept of it; 0: none */
};

/* Reads a range, in the finest step of those that people can read that gives no more than
 * max_points; no finer than what is kept of its beginning. In a step that is known, a key that was
 * not among the largest has 0 and is in `other`. */
enum db_result series_read(struct db *db, struct series_range *range, struct error *err);
/* Frees what was filled in; may be called again. */
void series_free(struct series_range *range);

#endif
