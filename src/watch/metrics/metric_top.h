/* The largest of very many keys, as a set that does not flap: what is in it stays for a while, so
 * that a graph of a key has no gaps. Pure. */
#ifndef WATCH_METRIC_TOP_H
#define WATCH_METRIC_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Seconds that a key stays after it was among the largest for the last time. Until then another
 * takes its place only with twice as much. */
#define METRIC_TOP_STAY 600

struct metric_top_entry {
	struct slice key;
	uint64_t value;
};

struct metric_top;

/* At most `max` keys, also 0. */
struct metric_top *metric_top_create(size_t max);
/* Accepts a pointer to NULL. */
void metric_top_destroy(struct metric_top **top);

/* What there is now, the largest first. `all`: there are no others, so a key that is not among them
 * has nothing; else nobody knows what it has. `now` is Unix time. Keys are copied. */
void metric_top_take(struct metric_top *top, const struct metric_top_entry *entries, size_t count,
    bool all, int64_t now);

size_t metric_top_count(const struct metric_top *top);
/* By number below that. `value` -1: not known. */
struct slice metric_top_at(const struct metric_top *top, size_t i, int64_t *value);
bool metric_top_has(const struct metric_top *top, struct slice key);

#endif
