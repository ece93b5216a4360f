/* Two ways to keep a set of queue IDs: as a hash table of their hashes while it grows, and as a
 * Bloom filter once it is finished. The hashes are keyed, so nobody can choose IDs that fall on one
 * slot. Queue IDs in log lines come from strangers too: a log line can have any text. */
#include "logreader/log_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define CAPACITY_MIN 64
#define FILTER_BITS_AN_ID 12
#define FILTER_PROBES 8

/* 0 marks a free slot, so the one hash that is 0 shares a place with another. */
static uint64_t not_zero(uint64_t hash)
{
	return hash != 0 ? hash : 1;
}

void log_ids_free(struct log_ids *ids)
{
	free(ids->slots);
	*ids = (struct log_ids){0};
}

void log_ids_clear(struct log_ids *ids)
{
	if (ids->count > 0)
		memset(ids->slots, 0, ids->capacity * sizeof(*ids->slots));
	ids->count = 0;
}

/* The slot with the hash, or the free one where it belongs. There always is a free one. */
static size_t slot_of(const struct log_ids *ids, uint64_t hash)
{
	size_t at = hash & (ids->capacity - 1);

	while (ids->slots[at] != 0 && ids->slots[at] != hash)
		at = (at + 1) & (ids->capacity - 1);
	return at;
}

static void grow(struct log_ids *ids)
{
	struct log_ids larger = {
	    .capacity = ids->capacity > 0 ? ids->capacity * 2 : CAPACITY_MIN, .count = ids->count};

	larger.slots = memory_zero(larger.capacity, sizeof(*larger.slots));
	for (size_t i = 0; i < ids->capacity; i++)
		if (ids->slots[i] != 0)
			larger.slots[slot_of(&larger, ids->slots[i])] = ids->slots[i];
	free(ids->slots);
	*ids = larger;
}

bool log_ids_add(struct log_ids *ids, uint64_t hash)
{
	size_t at;

	hash = not_zero(hash);
	/* Half full at most: linear probing stays short, and there is always a free slot to stop
	 * at. */
	if (ids->count >= ids->capacity / 2)
		grow(ids);
	at = slot_of(ids, hash);
	if (ids->slots[at] != 0)
		return false;
	ids->slots[at] = hash;
	ids->count++;
	return true;
}

bool log_ids_contains(const struct log_ids *ids, uint64_t hash)
{
	/* Without this check an empty table would be indexed: it has no slots yet. */
	return ids->count > 0 && ids->slots[slot_of(ids, not_zero(hash))] != 0;
}

bool log_ids_remove(struct log_ids *ids, uint64_t hash)
{
	size_t mask = ids->capacity - 1, gap, at;

	if (!log_ids_contains(ids, hash))
		return false;
	gap = slot_of(ids, not_zero(hash));
	/* What stands behind the gap moves up unless it is nearer to its own place than to the gap.
	 */
	for (at = (gap + 1) & mask; ids->slots[at] != 0; at = (at + 1) & mask) {
		size_t home = ids->slots[at] & mask;

		/* No marks for removed slots: a set that IDs enter and leave for years does not
		 * fill up with them. */
		if (((at - home) & mask) >= ((at - gap) & mask)) {
			ids->slots[gap] = ids->slots[at];
			gap = at;
		}
	}
	ids->slots[gap] = 0;
	ids->count--;
	return true;
}

/* The i-th probe (Kirsch and Mitzenmacher: two hashes make any number of them). */
static size_t probe(uint64_t hash, unsigned i, size_t bits)
{
	return (size_t)(((hash & UINT32_MAX) + i * (hash >> 32 | 1)) % bits);
}

void log_filter_make(struct log_filter *filter, const struct log_ids *ids)
{
	size_t bits;

	*filter = (struct log_filter){0};
	if (ids->count == 0)
		return;
	/* The size follows the number of IDs, so a quiet block has a small filter. */
	filter->count = (uint32_t)((ids->count * FILTER_BITS_AN_ID + 63) / 64);
	filter->words = memory_zero(filter->count, sizeof(*filter->words));
	bits = (size_t)filter->count * 64;
	for (size_t slot = 0; slot < ids->capacity; slot++) {
		for (unsigned i = 0; ids->slots[slot] != 0 && i < FILTER_PROBES; i++) {
			size_t bit = probe(ids->slots[slot], i, bits);

			filter->words[bit / 64] |= UINT64_C(1) << bit % 64;
		}
	}
}

void log_filter_free(struct log_filter *filter)
{
	free(filter->words);
	*filter = (struct log_filter){0};
}

bool log_filter_may_contain(const struct log_filter *filter, uint64_t hash)
{
	size_t bits = (size_t)filter->count * 64;

	if (bits == 0)
		return false;
	for (unsigned i = 0; i < FILTER_PROBES; i++) {
		size_t bit = probe(not_zero(hash), i, bits);

		if ((filter->words[bit / 64] >> bit % 64 & 1) == 0)
			return false;
	}
	return true;
}

size_t log_filter_memory(const struct log_filter *filter)
{
	return (size_t)filter->count * sizeof(*filter->words);
}
