/* Numbers kept beside the columns, for the few rows whose value has no place there: a table by row,
 * 16 bytes a slot, at most half full. Private to index/. */
#ifndef INDEX_BESIDE_H
#define INDEX_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

struct beside_slot {
	uint64_t value;
	uint32_t row; /* + 1; 0: empty */
};

struct beside {
	struct beside_slot *slot;
	uint32_t mask; /* slots less one; 0 before the first */
	uint32_t used;
};

/* Gives everything back: there is nothing for any row. */
void beside_free(struct beside *b);
/* The row's value from now on. */
void beside_set(struct beside *b, uint32_t row, uint64_t value);
/* Nothing happens when there is no value for the row. */
void beside_drop(struct beside *b, uint32_t row);
bool beside_look(const struct beside *b, uint32_t row, uint64_t *value);
/* The same; false at once when there is nothing for any row. */
static inline bool beside_find(const struct beside *b, uint32_t row, uint64_t *value)
{
	return b->used != 0 && beside_look(b, row, value);
}

#endif
