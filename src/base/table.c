/* Open addressing with linear probing. A text's home is where its hash points; a thing stands there
 * or behind, with no empty slot between. That is why a gap is closed at once when something goes.
 */
#include "base/table.h"

#include <stdlib.h>

#include "base/memory.h"

#define SLOTS_MIN 64

void table_init(struct table *t, table_text *text_of)
{
	*t = (struct table){.text_of = text_of, .key = hash_key_random()};
}

void table_free(struct table *t)
{
	free(t->slot);
	t->slot = NULL;
	t->slots = t->used = 0;
}

static size_t home_of(const struct table *t, struct slice text)
{
	return (size_t)hash_bytes(&t->key, text) & (t->slots - 1);
}

/* The slot where the text is, or the empty one where it belongs. There is an empty one. */
static size_t slot_of(const struct table *t, const void *owner, struct slice text)
{
	size_t at = home_of(t, text);

	while (t->slot[at] != 0 && !slice_equal(t->text_of(owner, t->slot[at] - 1), text))
		at = (at + 1) & (t->slots - 1);
	return at;
}

uint32_t table_find(const struct table *t, const void *owner, struct slice text)
{
	/* 0 - 1 is TABLE_NONE. */
	return t->used > 0 ? t->slot[slot_of(t, owner, text)] - 1 : TABLE_NONE;
}

/* Every text is hashed again: tables keep numbers and no hashes, to be small. */
static void grow(struct table *t, const void *owner)
{
	uint32_t *old = t->slot;
	size_t slots = t->slots;

	t->slots = slots > 0 ? slots * 2 : SLOTS_MIN;
	t->slot = memory_zero(t->slots, sizeof(*t->slot));
	for (size_t i = 0; i < slots; i++)
		if (old[i] != 0)
			t->slot[slot_of(t, owner, t->text_of(owner, old[i] - 1))] = old[i];
	free(old);
}

void table_add(struct table *t, const void *owner, uint32_t number)
{
	/* Half empty at least, so that a search ends soon and there is always an empty slot. */
	if (t->used >= t->slots / 2)
		grow(t, owner);
	t->slot[slot_of(t, owner, t->text_of(owner, number))] = number + 1;
	t->used++;
}

void table_remove(struct table *t, const void *owner, uint32_t number)
{
	size_t mask = t->slots - 1, gap = slot_of(t, owner, t->text_of(owner, number));

	/* What stands behind the gap moves into it, unless its home is behind the gap, too. */
	for (size_t at = (gap + 1) & mask; t->slot[at] != 0; at = (at + 1) & mask) {
		size_t home = home_of(t, t->text_of(owner, t->slot[at] - 1));
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		t->slot[gap] = t->slot[at];
		gap = at;
	}
	t->slot[gap] = 0;
	t->used--;
}

void table_renumber(struct table *t, const void *owner, uint32_t from, uint32_t to)
{
	t->slot[slot_of(t, owner, t->text_of(owner, from))] = to + 1;
}
