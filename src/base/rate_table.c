/* A hash table of keys, and a heap of the same entries by weight that finds the smallest one. The
 * heap is made when the table is full for the first time: most tables never are. */
#include "base/rate_table.h"

#include <stdlib.h>

#include "base/memory.h"

#define CAPACITY_FIRST 16

void rate_counts_add(struct rate_counts *to, const struct rate_counts *counts)
{
	for (int i = 0; i < RATE_RESULTS; i++)
		to->n[i] =
		    counts->n[i] > UINT32_MAX - to->n[i] ? UINT32_MAX : to->n[i] + counts->n[i];
}

uint64_t rate_counts_sum(const struct rate_counts *counts)
{
	uint64_t sum = 0;

	for (int i = 0; i < RATE_RESULTS; i++)
		sum += counts->n[i];
	return sum;
}

void rate_table_init(struct rate_table *t, uint32_t max)
{
	*t = (struct rate_table){.max = max, .hash_key = hash_key_random()};
}

void rate_table_clear(struct rate_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->entries[i].key);
	free(t->entries);
	free(t->slots);
	free(t->heap);
	*t = (struct rate_table){.max = t->max, .hash_key = t->hash_key};
}

struct slice rate_entry_key(const struct rate_entry *entry)
{
	return slice_make(entry->key, entry->key_len);
}

/* ---- the keys ---- */

/* The slot of a key, or the free one where it would be. */
static uint32_t slot_of(const struct rate_table *t, uint64_t hash, struct slice key)
{
	uint32_t mask = t->slot_count - 1, at = (uint32_t)hash & mask;

	for (;; at = (at + 1) & mask) {
		const struct rate_entry *entry;

		if (t->slots[at] == 0)
			return at;
		entry = &t->entries[t->slots[at] - 1];
		if (entry->hash == hash && slice_equal(rate_entry_key(entry), key))
			return at;
	}
}

/* Takes a slot out and closes the gap, so that no search ends too early. */
static void free_slot(struct rate_table *t, uint32_t at)
{
	uint32_t mask = t->slot_count - 1;

	for (uint32_t next = (at + 1) & mask; t->slots[next] != 0; next = (next + 1) & mask) {
		uint32_t home = (uint32_t)t->entries[t->slots[next] - 1].hash & mask;

		/* It may move back unless that would be before its home. */
		if (((next - home) & mask) >= ((next - at) & mask)) {
			t->slots[at] = t->slots[next];
			at = next;
		}
	}
	t->slots[at] = 0;
}

/* Twice as many entries; slots are four times the entries, so that searches are short. */
static void grow(struct rate_table *t)
{
	uint32_t capacity = t->capacity == 0 ? CAPACITY_FIRST : t->capacity * 2;

	t->capacity = capacity < t->max ? capacity : t->max;
	t->entries = memory_resize(t->entries, t->capacity, sizeof(*t->entries));
	free(t->slots);
	for (t->slot_count = CAPACITY_FIRST * 2; t->slot_count < capacity * 2;)
		t->slot_count *= 2;
	t->slots = memory_zero(t->slot_count, sizeof(*t->slots));
	for (uint32_t i = 0; i < t->count; i++)
		t->slots[slot_of(t, t->entries[i].hash, rate_entry_key(&t->entries[i]))] = i + 1;
}

const struct rate_entry *rate_table_find(const struct rate_table *t, struct slice key)
{
	uint32_t at;

	if (t->count == 0)
		return NULL;
	at = t->slots[slot_of(t, hash_bytes(&t->hash_key, key), key)];
	return at == 0 ? NULL : &t->entries[at - 1];
}

/* ---- the smallest ---- */

static void put_in_heap(struct rate_table *t, uint32_t place, uint32_t entry)
{
	t->heap[place] = entry;
	t->entries[entry].place = place;
}

/* Weights only grow: an entry only moves away from the top. */
static void sink(struct rate_table *t, uint32_t place)
{
	uint32_t entry = t->heap[place];

	for (uint32_t child; (child = place * 2 + 1) < t->count; place = child) {
		if (child + 1 < t->count &&
		    t->entries[t->heap[child + 1]].weight < t->entries[t->heap[child]].weight)
			child++;
		if (t->entries[t->heap[child]].weight >= t->entries[entry].weight)
			break;
		put_in_heap(t, place, t->heap[child]);
	}
	put_in_heap(t, place, entry);
}

static void make_heap(struct rate_table *t)
{
	t->heap = memory_alloc(t->count * sizeof(*t->heap));
	for (uint32_t i = 0; i < t->count; i++)
		put_in_heap(t, i, i);
	for (uint32_t i = t->count / 2; i > 0; i--)
		sink(t, i - 1);
}

/* The smallest gives way, and its slot is free. */
static uint32_t evict(struct rate_table *t)
{
	struct rate_entry *entry;

	if (t->heap == NULL)
		make_heap(t);
	entry = &t->entries[t->heap[0]];
	free_slot(t, slot_of(t, entry->hash, rate_entry_key(entry)));
	rate_counts_add(&t->other, &entry->counts);
	t->key_bytes -= entry->key_len;
	free(entry->key);
	entry->error = entry->weight;
	entry->counts = (struct rate_counts){{0}};
	return t->heap[0];
}

/* ---- counting ---- */

static struct rate_entry *new_entry(struct rate_table *t, struct slice key, uint64_t hash)
{
	struct rate_entry *entry;
	uint32_t number = t->count;

	if (t->count == t->max) {
		number = evict(t);
	} else {
		if (t->count == t->capacity)
			grow(t);
		t->entries[number] = (struct rate_entry){.error = 0};
		t->count++;
	}
	entry = &t->entries[number];
	entry->key = memory_strndup(key.data, key.len);
	entry->key_len = (uint32_t)key.len;
	entry->hash = hash;
	t->key_bytes += key.len;
	t->slots[slot_of(t, hash, key)] = number + 1;
	return entry;
}

void rate_table_add(struct rate_table *t, struct slice key, const struct rate_counts *counts)
{
	uint64_t hash = hash_bytes(&t->hash_key, key);
	struct rate_entry *entry;
	uint32_t slot;

	if (key.len > RATES_KEY_MAX) {
		rate_counts_add(&t->other, counts);
		return;
	}
	slot = t->count == 0 ? 0 : t->slots[slot_of(t, hash, key)];
	entry = slot != 0 ? &t->entries[slot - 1] : new_entry(t, key, hash);
	rate_counts_add(&entry->counts, counts);
	entry->weight = entry->error + rate_counts_sum(&entry->counts);
	if (t->heap != NULL)
		sink(t, entry->place);
}

/* ---- reading ---- */

static bool is_larger(
    const struct rate_entry *a, const struct rate_entry *b, enum rate_result result)
{
	if (a->counts.n[result] != b->counts.n[result])
		return a->counts.n[result] > b->counts.n[result];
	return slice_compare(rate_entry_key(a), rate_entry_key(b)) < 0;
}

size_t rate_table_largest(const struct rate_table *t, enum rate_result result, size_t limit,
    const struct rate_entry **out)
{
	size_t count = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		const struct rate_entry *entry = &t->entries[i];
		size_t at = count;

		if (entry->counts.n[result] == 0)
			continue;
		while (at > 0 && is_larger(entry, out[at - 1], result))
			at--;
		if (at == limit)
			continue;
		count += count < limit;
		for (size_t j = count - 1; j > at; j--)
			out[j] = out[j - 1];
		out[at] = entry;
	}
	return count;
}

size_t rate_table_memory(const struct rate_table *t)
{
	return t->capacity * sizeof(*t->entries) + t->slot_count * sizeof(*t->slots) +
	       (t->heap != NULL ? t->count * sizeof(*t->heap) : 0) + t->key_bytes +
	       t->count * sizeof(void *) * 2;
}
