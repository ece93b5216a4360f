#include "index/columns/beside.h"

#include "base/hash.h"
#include "base/region.h"

#define SLOTS_MIN 16

static uint32_t home_of(const struct beside *b, uint32_t row)
{
	return (uint32_t)hash_u64(row) & b->mask;
}

/* The row's slot, or the empty one where it would go. */
static uint32_t find(const struct beside *b, uint32_t row)
{
	uint32_t at = home_of(b, row);

	while (b->slot[at].row != 0 && b->slot[at].row != row + 1)
		at = (at + 1) & b->mask;
	return at;
}

void beside_free(struct beside *b)
{
	region_free(b->slot, b->mask ? (size_t)b->mask + 1 : 0, sizeof(*b->slot));
	*b = (struct beside){0};
}

static void grow(struct beside *b)
{
	struct beside old = *b;
	uint32_t slots = old.mask ? (old.mask + 1) * 2 : SLOTS_MIN;

	b->slot = region_resize(NULL, 0, slots, sizeof(*b->slot));
	b->mask = slots - 1;
	for (uint32_t i = 0; old.mask != 0 && i <= old.mask; i++) {
		if (old.slot[i].row != 0)
			b->slot[find(b, old.slot[i].row - 1)] = old.slot[i];
	}
	beside_free(&old);
}

void beside_set(struct beside *b, uint32_t row, uint64_t value)
{
	uint32_t at;

	if (b->used >= b->mask / 2)
		grow(b);
	at = find(b, row);
	b->used += b->slot[at].row == 0;
	b->slot[at] = (struct beside_slot){value, row + 1};
}

bool beside_look(const struct beside *b, uint32_t row, uint64_t *value)
{
	const struct beside_slot *slot;

	if (b->used == 0)
		return false;
	slot = &b->slot[find(b, row)];
	*value = slot->value;
	return slot->row != 0;
}

/* Moves back those behind it that would no longer be found (Knuth 6.4, algorithm R). */
void beside_drop(struct beside *b, uint32_t row)
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
	b->slot[hole] = (struct beside_slot){0, 0};
	b->used--;
}
