/* Entries found by their key (table.h), and a heap of them by weight that finds the smallest one.
 * The heap is made when the table is full for the first time: most tables never are. */
#include "base/rate_table.h"

#include <stdlib.h>
#include <string.h>

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

struct slice rate_entry_key(const struct rate_entry *entry)
{
	return slice_make(entry->key, entry->key_len);
}

static struct slice text_of(const void *owner, uint32_t number)
{
	const struct rate_table *t = owner;

	return rate_entry_key(&t->entries[number]);
}

void rate_table_init(struct rate_table *t, uint32_t max)
{
	*t = (struct rate_table){.max = max};
	table_init(&t->keys, text_of);
}

void rate_table_clear(struct rate_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->entries[i].key);
	free(t->entries);
	free(t->heap);
	table_free(&t->keys);
	*t = (struct rate_table){.max = t->max, .keys = t->keys};
}

const struct rate_entry *rate_table_find(const struct rate_table *t, struct slice key)
{
	uint32_t number = table_find(&t->keys, t, key);

	return number == TABLE_NONE ? NULL : &t->entries[number];
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
	table_remove(&t->keys, t, t->heap[0]);
	rate_counts_add(&t->other, &entry->counts);
	t->key_bytes -= entry->key_len;
	free(entry->key);
	entry->error = entry->weight;
	entry->counts = (struct rate_counts){{0}};
	return t->heap[0];
}

/* ---- counting ---- */

static void grow(struct rate_table *t)
{
	uint32_t capacity = t->capacity == 0 ? CAPACITY_FIRST : t->capacity * 2;

	t->capacity = capacity < t->max ? capacity : t->max;
	t->entries = memory_resize(t->entries, t->capacity, sizeof(*t->entries));
}

static uint32_t add_key(struct rate_table *t, struct slice key)
{
	uint32_t number = t->count;

	if (t->count == t->max) {
		number = evict(t);
	} else {
		if (t->count == t->capacity)
			grow(t);
		t->entries[number] = (struct rate_entry){.error = 0};
		t->count++;
	}
	/* Not as a string: a stranger's text may have a NUL. */
	t->entries[number].key = memory_alloc(key.len + 1);
	memcpy(t->entries[number].key, key.data, key.len);
	t->entries[number].key_len = (uint32_t)key.len;
	t->key_bytes += key.len;
	table_add(&t->keys, t, number);
	return number;
}

void rate_table_add(struct rate_table *t, struct slice key, const struct rate_counts *counts)
{
	struct rate_entry *entry;
	uint32_t number;

	if (key.len > RATES_KEY_MAX) {
		rate_counts_add(&t->other, counts);
		return;
	}
	number = table_find(&t->keys, t, key);
	if (number == TABLE_NONE)
		number = add_key(t, key);
	entry = &t->entries[number];
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
	return t->capacity * sizeof(*t->entries) + t->keys.slots * sizeof(*t->keys.slot) +
	       (t->heap != NULL ? t->count * sizeof(*t->heap) : 0) + t->key_bytes +
	       t->count * sizeof(void *) * 2;
}
