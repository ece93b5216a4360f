/* Numbers kept beside the columns, for the few rows whose value has no place there: a table by row,
 * 16 bytes a slot, at most half full. Private to index/. */
#ifndef INDEX_SPARSE_H
#define INDEX_SPARSE_H

#include <stdbool.h>
#include <stdint.h>

struct sparse_slot {
	uint64_t value;
	uint32_t row; /* + 1; 0: empty */
};

struct sparse {
	struct sparse_slot *slot;
	uint32_t mask; /* slots less one; 0 before the first */
	uint32_t used;
};

/* Gives everything back: there is nothing for any row. */
void sparse_free(struct sparse *b);
/* The row's value from now on. */
void sparse_set(struct sparse *b, uint32_t row, uint64_t value);
/* Nothing happens when there is no value for the row. */
void sparse_drop(struct sparse *b, uint32_t row);
bool sparse_lookup(const struct sparse *b, uint32_t row, uint64_t *value);
/* The same; false at once when there is nothing for any row. */
static inline bool sparse_find(const struct sparse *b, uint32_t row, uint64_t *value)
{
	return b->used != 0 && sparse_lookup(b, row, value);
}

#endif
