/* Sorting and selecting many numbered items by keys of eight bytes, linear in their number whatever
 * their order. Private to index/.
 *
 * An entry's key is the first eight bytes of its place; when two are the same, what is behind it
 * decides. */
#ifndef INDEX_SORT_H
#define INDEX_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sort_entry {
	uint64_t key;
	uint32_t item;
};

/* An order. */
struct sort_by {
	const void *context;
	/* Eight bytes more of an item's place, `level` 1 to levels - 1: level 0 is the key that an
	 * entry comes with. */
	uint64_t (*key)(const void *context, uint32_t item, unsigned level);
	unsigned levels;
	/* Below 0, 0 or above 0 as the first comes before, with or after the second: by their keys,
	 * then by everything that is behind them. */
	int (*compare)(const void *context, const struct sort_entry *a, const struct sort_entry *b);
};

/* Puts entries into order. What is in their keys afterwards is of no use. */
void sort_all(const struct sort_by *by, struct sort_entry *entries, size_t count);
/* Brings the first `k` in order to the front (not sorted among themselves). Linear on average. */
void sort_select(const struct sort_by *by, struct sort_entry *entries, size_t count, size_t k);

/* `count` places in an order that has nothing to do with their own: n * step % count, n from 0.
 * Whatever things are sorted by, the first few places are then a fair sample of all. */
uint32_t sort_scatter_step(uint32_t count);
static inline uint32_t sort_scatter(uint32_t n, uint32_t step, uint32_t count)
{
	return (uint32_t)((uint64_t)n * step % count);
}

/* The first `wanted` of a stream of entries. A few comparisons for each that comes before the last
 * of those so far, one for the others. */
struct sort_top {
	const struct sort_by *by;
	struct sort_entry *entries;
	size_t count, cap, wanted;
	/* Once there are enough: nothing behind `last` can be among the first any more. */
	bool full;
	struct sort_entry last;
	uint64_t cuts; /* how often `last` was found anew */
};
void sort_top_init(struct sort_top *top, const struct sort_by *by, size_t wanted);
void sort_top_add(struct sort_top *top, struct sort_entry entry);
/* Puts them into order: the first `count` (at most `wanted`) of top->entries. */
void sort_top_finish(struct sort_top *top);
void sort_top_free(struct sort_top *top);
/* Whether no entry with this key can be among the first any more. */
static inline bool sort_top_excludes(const struct sort_top *top, uint64_t key)
{
	return top->full && key > top->last.key;
}

#endif
