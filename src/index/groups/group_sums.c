/* Adding up by number. Where the numbers are few, sums stand in an array and two threads have one
 * each; where two keys make too many pairs, sums stand in a hash table, and each thread adds up
 * half of the keys, so that nothing has to be merged. */
#include "index/groups/group_sums.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "index/columns/row_values.h"
#include "index/run/workers.h"

/* Up to so many sums stand in an array by their numbers: what two keys may make of it (8 MB, about
 * what a processor keeps near), and what one may (the senders, at worst, of a million messages). */
#define DENSE_PAIRS ((uint64_t)1 << 18)
/* Sums that both threads may have of their own, to be added in the end. */
#define DENSE_TWICE ((uint64_t)1 << 16)
#define TABLE_MIN (1u << 14)

/* Rows in a piece, by words of 64: each thread takes the next one when it is through. */
#define PIECE_WORDS 256

struct counting {
	struct group_sums *all;
	struct group_sums_part *part;
	uint32_t
	    half; /* of the keys, when both threads see all rows: by the lowest bit of the hash */
	bool halves;
};

static void take_dense(void *context, const struct group_entry *entries, size_t count)
{
	const struct counting *c = context;
	const struct index *ix = c->all->keys.ix;
	size_t columns = c->all->keys.count > 1 ? c->all->numbers[1] : 0;

	for (size_t i = 0; i < count; i++) {
		const struct group_entry *e = &entries[i];
		group_sum_add(
		    &c->part->sums[e->number[0] * columns + e->number[c->all->keys.count - 1]], ix,
		    e);
	}
}

/* ---- Many different keys ---- */

static uint64_t key_of(const struct group_entry *e)
{
	return (uint64_t)e->number[0] << 32 | e->number[1];
}

static void table_grow(struct group_sums_part *p)
{
	uint32_t slots = p->mask ? (p->mask + 1) * 2 : TABLE_MIN;

	free(p->table);
	p->table = memory_zero(slots, sizeof(*p->table));
	p->mask = slots - 1;
	for (size_t i = 0; i < p->count; i++) {
		uint32_t slot = (uint32_t)(hash_u64(p->keys[i]) >> 1) & p->mask;
		while (p->table[slot] != 0)
			slot = (slot + 1) & p->mask;
		p->table[slot] = (uint32_t)i + 1;
	}
}

static struct group_sum *sum_for(struct group_sums_part *p, uint64_t key, uint64_t hash)
{
	uint32_t slot;

	if (p->count >= p->mask / 2)
		table_grow(p);
	for (slot = (uint32_t)(hash >> 1) & p->mask; p->table[slot] != 0;
	     slot = (slot + 1) & p->mask) {
		if (p->keys[p->table[slot] - 1] == key)
			return &p->sums[p->table[slot] - 1];
	}
	if (p->count == p->cap) {
		p->cap = p->cap ? p->cap * 2 : TABLE_MIN;
		p->sums = memory_resize(p->sums, p->cap, sizeof(*p->sums));
		p->keys = memory_resize(p->keys, p->cap, sizeof(*p->keys));
	}
	p->keys[p->count] = key;
	p->sums[p->count] = (struct group_sum){0};
	p->table[slot] = (uint32_t)++p->count;
	return &p->sums[p->count - 1];
}

/* The slots are fetched from memory some entries ahead, together. */
static void take_sparse(void *context, const struct group_entry *entries, size_t count)
{
	enum { AHEAD = 32 };
	const struct counting *c = context;
	struct group_sums_part *p = c->part;
	uint64_t hash[AHEAD];

	for (size_t from = 0; from < count; from += AHEAD) {
		size_t n = count - from < AHEAD ? count - from : AHEAD;
		for (size_t i = 0; i < n; i++) {
			hash[i] = hash_u64(key_of(&entries[from + i]));
			if (p->table)
				__builtin_prefetch(&p->table[(uint32_t)(hash[i] >> 1) & p->mask]);
		}
		for (size_t i = 0; i < n; i++) {
			if (!c->halves || (hash[i] & 1) == c->half)
				group_sum_add(sum_for(p, key_of(&entries[from + i]), hash[i]),
				    c->all->keys.ix, &entries[from + i]);
		}
	}
}

/* ---- All rows ---- */

/* A row by a single key that differs between its recipients: most of what is asked, so it is done
 * without entries. In the line of its caller, where it is known whether there is a scope. */
static inline void count_row(
    const struct group_sums *t, const struct inside *inside, struct group_sum *sums, uint32_t row)
{
	const struct index *ix = t->keys.ix;
	struct seen seen = row_seen(ix, inside, row);
	struct group_entry entry = {.row = row, .recipients = 1};
	uint32_t beyond = t->numbers[0] - 1;
	bool some = false;

	for (uint32_t i = 0; i < seen.kept; i++) {
		const struct recipient *r = seen_at(&seen, i);
		if (recipient_is_done(r))
			continue;
		some = true;
		group_sum_add(
		    &sums[group_keys_recipient(ix, t->keys.keys[0], r, beyond)], ix, &entry);
	}
	entry.recipients = 0;
	if (!some)
		group_sum_add(&sums[0], ix, &entry);
}

static void count_recipients(
    const struct group_sums *t, struct group_sum *sums, size_t from, size_t to)
{
	const struct index *ix = t->keys.ix;

	for (size_t w = from; w < to; w++) {
		if (w + 1 < to)
			rows_expect_recipients(ix, t->bits[w + 1], (uint32_t)(w + 1) * 64);
		for (uint64_t left = t->bits[w]; left != 0; left &= left - 1) {
			uint32_t row = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
			if (t->keys.inside)
				count_row(t, t->keys.inside, sums, row);
			else
				count_row(t, NULL, sums, row);
		}
	}
}

static void count_pieces(struct group_sums *t, struct counting *c)
{
	bool plain = t->keys.count == 1 && group_keys_per_recipient(t->keys.keys[0]);
	size_t from;

	while ((from = atomic_fetch_add(&t->next, PIECE_WORDS)) < t->words) {
		size_t to = t->words - from > PIECE_WORDS ? from + PIECE_WORDS : t->words;
		if (plain)
			count_recipients(t, c->part->sums, from, to);
		else
			group_keys_walk(&t->keys, t->bits, from, to, take_dense, c);
	}
}

/* The rows that this thread comes to, or all of them for a half of the keys. */
static void count_half(void *context, size_t half, struct buffer *scratch)
{
	struct group_sums *t = context;
	struct counting c = {.all = t, .part = &t->part[half], .half = (uint32_t)half};

	(void)scratch;
	c.halves = !t->dense && t->two;
	if (t->dense)
		count_pieces(t, &c);
	else
		group_keys_walk(&t->keys, t->bits, 0, t->words, take_sparse, &c);
}

static bool many_rows(const uint64_t *bits, size_t words)
{
	uint64_t count = 0;

	for (size_t w = 0; w < words && count <= GROUP_SUMS_TWO_THREADS_ROWS; w++)
		count += (uint64_t)__builtin_popcountll(bits[w]);
	return count > GROUP_SUMS_TWO_THREADS_ROWS;
}

void group_sums_make(
    struct group_sums *t, const struct group_keys *keys, const uint64_t *bits, size_t words)
{
	uint64_t cells = 1;
	bool two = many_rows(bits, words);

	*t = (struct group_sums){.keys = *keys, .bits = bits, .words = words};
	for (size_t k = 0; k < keys->count; k++) {
		/* One more for what is not known yet. */
		t->numbers[k] = group_keys_numbers(keys->ix, keys->keys[k]) + 1;
		cells *= t->numbers[k];
	}
	t->dense = keys->count == 1 || cells <= DENSE_PAIRS;
	two = two && (!t->dense || cells <= DENSE_TWICE);
	for (size_t i = 0; t->dense && i < (two ? 2 : 1); i++) {
		t->part[i].sums = memory_zero(cells, sizeof(*t->part[i].sums));
		t->part[i].count = cells;
	}
	t->two = two;
	workers_run(two ? 2 : 1, two, count_half, t);
	for (size_t i = 0; two && t->dense && i < cells; i++)
		group_sum_merge(&t->part[0].sums[i], &t->part[1].sums[i]);
	if (t->dense)
		t->part[1].count = 0;
}

void group_sums_free(struct group_sums *t)
{
	for (size_t i = 0; i < 2; i++) {
		free(t->part[i].sums);
		free(t->part[i].keys);
		free(t->part[i].table);
	}
	*t = (struct group_sums){0};
}

const struct group_sum *group_sums_next(const struct group_sums *t, size_t *at, uint32_t number[2])
{
	for (;;) {
		size_t i = *at;
		const struct group_sums_part *p = &t->part[i >= t->part[0].count];
		i -= p == t->part ? 0 : t->part[0].count;
		if (i >= p->count)
			return NULL;
		++*at;
		if (p->sums[i].messages == 0)
			continue;
		if (t->dense) {
			number[0] = (uint32_t)(t->keys.count > 1 ? i / t->numbers[1] : i);
			number[1] = (uint32_t)(t->keys.count > 1 ? i % t->numbers[1] : 0);
		} else {
			number[0] = (uint32_t)(p->keys[i] >> 32);
			number[1] = (uint32_t)p->keys[i];
		}
		return &p->sums[i];
	}
}
