/* The hash table by row of a sparse column. Rows are numbers of our own, so the hash needs no key.
 */
#include "index/columns/sparse.h"

#include "base/hash.h"
#include "base/region.h"

#define SLOTS_MIN 16

static uint32_t home_of(const struct sparse *b, uint32_t row)
{
	return (uint32_t)hash_u64(row) & b->mask;
}

/* The row's slot, or the empty one where it would go. */
static uint32_t find(const struct sparse *b, uint32_t row)
{
	uint32_t at = home_of(b, row);

	while (b->slot[at].row != 0 && b->slot[at].row != row + 1)
		at = (at + 1) & b->mask;
	return at;
}

void sparse_free(struct sparse *b)
{
	region_free(b->slot, b->mask ? (size_t)b->mask + 1 : 0, sizeof(*b->slot));
	*b = (struct sparse){0};
}

static void grow(struct sparse *b)
{
	struct sparse old = *b;
	uint32_t slots = old.mask ? (old.mask + 1) * 2 : SLOTS_MIN;

	b->slot = region_resize(NULL, 0, slots, sizeof(*b->slot));
	b->mask = slots - 1;
	for (uint32_t i = 0; old.mask != 0 && i <= old.mask; i++) {
		if (old.slot[i].row != 0)
			b->slot[find(b, old.slot[i].row - 1)] = old.slot[i];
	}
	sparse_free(&old);
}

void sparse_set(struct sparse *b, uint32_t row, uint64_t value)
{
	uint32_t at;

	if (b->used >= b->mask / 2)
		grow(b);
	at = find(b, row);
	b->used += b->slot[at].row == 0;
	b->slot[at] = (struct sparse_slot){value, row + 1};
}

bool sparse_lookup(const struct sparse *b, uint32_t row, uint64_t *value)
{
	const struct sparse_slot *slot;

	if (b->used == 0)
		return false;
	slot = &b->slot[find(b, row)];
	*value = slot->value;
	return slot->row != 0;
}

/* Moves back those behind it that would no longer be found (Knuth 6.4, algorithm R). */
void sparse_drop(struct sparse *b, uint32_t row)
{
	uint32_t hole, at;

	if (b->used == 0)
		return;
	hole = at = find(b, row);
	if (b->slot[hole].row == 0)
		return;
	for (;;) {
		uint32_t home;
		at = (at + 1) & b->mask;
		if (b->slot[at].row == 0)
			break;
		home = home_of(b, b->slot[at].row - 1);
		if (((at - home) & b->mask) < ((at - hole) & b->mask))
			continue;
		b->slot[hole] = b->slot[at];
		hole = at;
	}
	b->slot[hole] = (struct sparse_slot){0, 0};
	b->used--;
}
