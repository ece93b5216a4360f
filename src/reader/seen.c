#include "reader/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define SLOTS_MIN 64
#define NONE UINT32_MAX

/* Entries stand close together; `slots` finds them: the index of an entry, by linear probing. */
struct seen {
	struct hash_key key;
	struct seen_entry *entries;
	size_t count, capacity;
	uint32_t *slots;
	size_t mask; /* number of slots less one; a power of two, at least twice the entries */
};

static void make_slots(struct seen *seen, size_t slots)
{
	free(seen->slots);
	seen->slots = memory_alloc(slots * sizeof(*seen->slots));
	memset(seen->slots, 0xff, slots * sizeof(*seen->slots));
	seen->mask = slots - 1;
}

struct seen *seen_create(void)
{
	struct seen *seen = memory_zero(1, sizeof(*seen));

	seen->key = hash_key_random();
	make_slots(seen, SLOTS_MIN);
	return seen;
}

static void free_id(struct seen_entry *e)
{
	if (e->id_len > SEEN_ID_INLINE)
		free(e->id.outside);
}

void seen_clear(struct seen *seen)
{
	for (size_t i = 0; i < seen->count; i++)
		free_id(&seen->entries[i]);
	free(seen->entries);
	seen->entries = NULL;
	seen->count = seen->capacity = 0;
	make_slots(seen, SLOTS_MIN);
}

void seen_destroy(struct seen **pointer)
{
	if (*pointer == NULL)
		return;
	seen_clear(*pointer);
	free((*pointer)->slots);
	free(*pointer);
	*pointer = NULL;
}

size_t seen_count(const struct seen *seen)
{
	return seen->count;
}

struct seen_entry *seen_at(struct seen *seen, size_t index)
{
	return &seen->entries[index];
}

struct slice seen_id(const struct seen_entry *e)
{
	return slice_make(e->id_len > SEEN_ID_INLINE ? e->id.outside : e->id.bytes, e->id_len);
}

static size_t home_of(const struct seen *seen, struct slice id)
{
	return (size_t)hash_bytes(&seen->key, id) & seen->mask;
}

/* The slot that holds `id`, or the empty one where it would be. */
static size_t slot_of(const struct seen *seen, struct slice id)
{
	size_t slot = home_of(seen, id);

	while (seen->slots[slot] != NONE &&
	       !slice_equal(seen_id(&seen->entries[seen->slots[slot]]), id))
		slot = (slot + 1) & seen->mask;
	return slot;
}

struct seen_entry *seen_find(struct seen *seen, struct slice id)
{
	uint32_t index = seen->slots[slot_of(seen, id)];

	return index == NONE ? NULL : &seen->entries[index];
}

static void grow(struct seen *seen)
{
	if (seen->count == seen->capacity) {
		seen->capacity += seen->capacity / 4 + 64;
		seen->entries =
		    memory_resize(seen->entries, seen->capacity, sizeof(*seen->entries));
	}
	if ((seen->count + 1) * 2 <= seen->mask + 1)
		return;
	make_slots(seen, (seen->mask + 1) * 2);
	for (size_t i = 0; i < seen->count; i++)
		seen->slots[slot_of(seen, seen_id(&seen->entries[i]))] = (uint32_t)i;
}

struct seen_entry *seen_add(struct seen *seen, struct slice id)
{
	struct seen_entry *e = seen_find(seen, id);

	if (e != NULL)
		return e;
	grow(seen);
	seen->slots[slot_of(seen, id)] = (uint32_t)seen->count;
	e = &seen->entries[seen->count++];
	*e = (struct seen_entry){.id_len = (uint8_t)id.len};
	if (id.len > SEEN_ID_INLINE)
		e->id.outside = memory_strndup(id.data, id.len);
	else
		memcpy(e->id.bytes, id.data, id.len);
	return e;
}

/* Empties a slot and moves those behind it that would no longer be found. */
static void empty_slot(struct seen *seen, size_t hole)
{
	size_t slot = hole;

	for (;;) {
		size_t home;

		slot = (slot + 1) & seen->mask;
		if (seen->slots[slot] == NONE)
			break;
		home = home_of(seen, seen_id(&seen->entries[seen->slots[slot]]));
		/* It may stay when its home is after the hole, in the order of probing. */
		if (((slot - home) & seen->mask) < ((slot - hole) & seen->mask))
			continue;
		seen->slots[hole] = seen->slots[slot];
		hole = slot;
	}
	seen->slots[hole] = NONE;
}

void seen_remove(struct seen *seen, struct seen_entry *e)
{
	size_t index = (size_t)(e - seen->entries);
	size_t last = seen->count - 1;

	empty_slot(seen, slot_of(seen, seen_id(e)));
	free_id(e);
	if (index != last) {
		seen->slots[slot_of(seen, seen_id(&seen->entries[last]))] = (uint32_t)index;
		seen->entries[index] = seen->entries[last];
	}
	seen->count--;
}

uint64_t seen_mix(uint64_t a, uint64_t b)
{
	return hash_u64(a ^ hash_u64(b + 0x9e3779b97f4a7c15u));
}
