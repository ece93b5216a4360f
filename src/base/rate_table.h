/* Counts by key, of a bounded number of keys: what is counted for one enum rate_kind. Where more
 * keys come than there is room for, the largest stay (Space-Saving, Metwally, Agrawal and El Abbadi
 * 2005): a new key takes the place of the smallest, whose counts go to `other`, and is given the
 * smallest's weight as its error. So
 *
 *   - each key's counts and `other` together are exactly what was added;
 *   - no key is counted more than it was added, nor less by more than its error;
 *   - an error is at most all that was added, divided by `max`;
 *   - who has more than that share of all is among the keys. */
#ifndef BASE_RATE_TABLE_H
#define BASE_RATE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/rates.h"
#include "base/table.h"

struct rate_entry {
	char *key;
	uint32_t key_len;
	struct rate_counts counts;
	uint64_t weight; /* the sum of its counts, and error */
	uint64_t error;
	uint32_t place; /* in the heap; rate_table.c's own */
};

struct rate_table {
	struct rate_entry *entries;
	uint32_t count, max;
	struct rate_counts other; /* of keys that gave way, and of those that are too long */
	/* The rest belongs to rate_table.c. */
	struct table keys;
	uint32_t capacity;
	uint32_t *heap; /* entries, the smallest first; NULL until the table is full */
	size_t key_bytes;
};

/* Empty; at most `max` keys, at least 1. */
void rate_table_init(struct rate_table *table, uint32_t max);
/* Gives everything back and leaves it empty; it may be used again. */
void rate_table_clear(struct rate_table *table);

/* Counts are at most UINT32_MAX: what is above stays that. A key longer than RATES_KEY_MAX counts
 * as `other`. */
void rate_table_add(struct rate_table *table, struct slice key, const struct rate_counts *counts);
/* NULL where it is not there. Until the next rate_table_add. */
const struct rate_entry *rate_table_find(const struct rate_table *table, struct slice key);
struct slice rate_entry_key(const struct rate_entry *entry);

/* At most `limit` entries with any of that result, the largest first; of equal ones the smaller
 * key. Returns how many. */
size_t rate_table_largest(const struct rate_table *table, enum rate_result result, size_t limit,
    const struct rate_entry **out);

/* Bytes that it takes. */
size_t rate_table_memory(const struct rate_table *table);

void rate_counts_add(struct rate_counts *to, const struct rate_counts *counts);
uint64_t rate_counts_sum(const struct rate_counts *counts);

#endif
