/* A radix sort over keys of eight bytes, which does not slow down for any order of its input, and
 * the selection of the first few of a stream. Few entries are sorted by comparing. */
#include "index/views/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Up to so many, comparisons are cheaper than passes over the digits of the keys. */
#define SORT_FEW 128
#define SORT_INSERT 12
/* The first of a stream are collected up to this many times their number before the worse part is
 * dropped: two or three comparisons for each. */
#define SORT_TOP_ROOM 4

#define DIGITS 8
#define VALUES 256

static int compare_for_qsort(const void *a, const void *b, void *by)
{
	const struct sort_by *order = by;

	return order->compare(order->context, a, b);
}

/* Runs of two or three messages of the same second are many: they are put in order in place. */
static void insert_each(const struct sort_by *by, struct sort_entry *entries, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct sort_entry entry = entries[i];
		size_t at = i;
		for (; at > 0 && by->compare(by->context, &entry, &entries[at - 1]) < 0; at--)
			entries[at] = entries[at - 1];
		entries[at] = entry;
	}
}

static void sort_few(const struct sort_by *by, struct sort_entry *entries, size_t count)
{
	if (count <= SORT_INSERT) {
		insert_each(by, entries, count);
		return;
	}
	qsort_r(entries, count, sizeof(*entries), compare_for_qsort, (void *)(uintptr_t)by);
}

/* How often each value of each digit occurs. */
static void count_digits(
    const struct sort_entry *entries, size_t count, uint32_t counts[DIGITS][VALUES])
{
	memset(counts, 0, DIGITS * sizeof(*counts));
	for (size_t i = 0; i < count; i++) {
		uint64_t key = entries[i].key;
		for (unsigned d = 0; d < DIGITS; d++)
			counts[d][key >> (8 * d) & (VALUES - 1)]++;
	}
}

static void move_by_digit(const struct sort_entry *from, struct sort_entry *to, size_t count,
    unsigned digit, const uint32_t counts[VALUES])
{
	uint32_t places[VALUES], place = 0;

	for (unsigned v = 0; v < VALUES; v++) {
		places[v] = place;
		place += counts[v];
	}
	for (size_t i = 0; i < count; i++)
		to[places[from[i].key >> (8 * digit) & (VALUES - 1)]++] = from[i];
}

/* A radix sort from the lowest digit, by the keys alone. Digits that are the same in all cost
 * nothing more. `other` has room for as many. */
static void sort_keys(struct sort_entry *entries, struct sort_entry *other, size_t count)
{
	uint32_t counts[DIGITS][VALUES];
	struct sort_entry *from = entries, *to = other, *swap;

	count_digits(entries, count, counts);
	for (unsigned d = 0; d < DIGITS; d++) {
		if (counts[d][entries[0].key >> (8 * d) & (VALUES - 1)] == count)
			continue;
		move_by_digit(from, to, count, d, counts[d]);
		swap = from;
		from = to;
		to = swap;
	}
	if (from != entries)
		memcpy(entries, from, count * sizeof(*entries));
}

/* Recursion is at most by->levels deep. */
static void sort_level(const struct sort_by *by, struct sort_entry *entries,
    struct sort_entry *other, size_t count, unsigned level)
{
	if (count <= SORT_FEW || level == by->levels) {
		sort_few(by, entries, count);
		return;
	}
	for (size_t i = 0; level > 0 && i < count; i++)
		entries[i].key = by->key(by->context, entries[i].item, level);
	sort_keys(entries, other, count);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && entries[end].key == entries[i].key;)
			end++;
		if (end - i > 1)
			sort_level(by, entries + i, other + i, end - i, level + 1);
	}
}

void sort_all(const struct sort_by *by, struct sort_entry *entries, size_t count)
{
	MEMORY_AUTO struct sort_entry *other = NULL;

	if (count > SORT_FEW)
		other = memory_alloc(count * sizeof(*other));
	sort_level(by, entries, other, count, 0);
}

static void swap_entries(struct sort_entry *a, struct sort_entry *b)
{
	struct sort_entry t = *a;

	*a = *b;
	*b = t;
}

/* Hoare's selection. The pivot is taken at a place that nobody outside can foresee usefully: the
 * median of first, middle and last after each cut. */
void sort_select(const struct sort_by *by, struct sort_entry *entries, size_t count, size_t k)
{
	size_t low = 0, high = count;

	while (high - low > 1 && k > low && k < high) {
		size_t i = low, j = high - 1, mid = low + (high - low) / 2;
		if (by->compare(by->context, &entries[mid], &entries[low]) < 0)
			swap_entries(&entries[mid], &entries[low]);
		if (by->compare(by->context, &entries[j], &entries[low]) < 0)
			swap_entries(&entries[j], &entries[low]);
		if (by->compare(by->context, &entries[j], &entries[mid]) < 0)
			swap_entries(&entries[j], &entries[mid]);
		if (high - low <= 3)
			break;
		struct sort_entry pivot = entries[mid];
		for (;;) {
			while (by->compare(by->context, &entries[i], &pivot) < 0)
				i++;
			while (by->compare(by->context, &pivot, &entries[j]) < 0)
				j--;
			if (i >= j)
				break;
			swap_entries(&entries[i++], &entries[j--]);
		}
		/* Entries up to j are not after the pivot, those behind are not before it. */
		if (k <= j + 1)
			high = j + 1;
		else
			low = j + 1;
	}
}

/* ---- The first of many ---- */

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

uint32_t sort_scatter_step(uint32_t count)
{
	/* Steps of the golden section spread evenly; without a common divisor they meet every
	 * place. */
	uint32_t step = (uint32_t)((double)count * 0.618) | 1;

	while (common_divisor(step, count) > 1)
		step++;
	return step;
}

void sort_top_init(struct sort_top *top, const struct sort_by *by, size_t wanted)
{
	*top = (struct sort_top){.by = by, .wanted = wanted, .cap = wanted * SORT_TOP_ROOM};
	top->entries = memory_alloc(top->cap * sizeof(*top->entries));
}

/* Keeps the first `wanted` of what has come together; the last of these is what everything that
 * follows has to beat. */
static void cut(struct sort_top *top)
{
	const struct sort_by *by = top->by;

	sort_select(by, top->entries, top->count, top->wanted);
	top->count = top->wanted;
	top->full = true;
	top->cuts++;
	top->last = top->entries[0];
	for (size_t i = 1; i < top->count; i++) {
		if (by->compare(by->context, &top->entries[i], &top->last) > 0)
			top->last = top->entries[i];
	}
}

void sort_top_add(struct sort_top *top, struct sort_entry entry)
{
	if (top->full && top->by->compare(top->by->context, &entry, &top->last) > 0)
		return;
	top->entries[top->count++] = entry;
	if (top->count == top->cap)
		cut(top);
}

void sort_top_finish(struct sort_top *top)
{
	if (top->count > top->wanted)
		cut(top);
	sort_all(top->by, top->entries, top->count);
}

void sort_top_free(struct sort_top *top)
{
	free(top->entries);
	*top = (struct sort_top){0};
}
