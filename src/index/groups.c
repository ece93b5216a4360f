#include "index/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/group_keys.h"
#include "index/run.h"

/* What one group has added up. */
struct sum {
	uint32_t key[2];   /* numbers: in a dictionary, a queue, a bucket, a diagnosis + 1 */
	uint32_t last_row; /* + 1: whose message was counted here last */
	uint32_t oldest;
	uint64_t messages, recipients, bytes;
};

struct counting {
	struct index *ix;
	const enum group_key *keys;
	size_t key_count;
	int64_t now;
	struct sum *sums;
	uint32_t count, cap;
	uint32_t *table; /* sum + 1 by hash of its keys */
	uint32_t mask;
};

/* ---- Adding up ---- */

static uint32_t hash_of(const uint32_t key[2])
{
	return (uint32_t)hash_u64((uint64_t)key[0] << 32 | key[1]);
}

static void table_grow(struct counting *c)
{
	uint32_t slots = c->mask ? (c->mask + 1) * 2 : 1024;

	free(c->table);
	c->table = memory_zero(slots, sizeof(*c->table));
	c->mask = slots - 1;
	for (uint32_t i = 0; i < c->count; i++) {
		uint32_t slot = hash_of(c->sums[i].key) & c->mask;
		while (c->table[slot] != 0)
			slot = (slot + 1) & c->mask;
		c->table[slot] = i + 1;
	}
}

static struct sum *sum_for(struct counting *c, const uint32_t key[2])
{
	uint32_t slot;

	if (c->count >= c->mask / 2)
		table_grow(c);
	for (slot = hash_of(key) & c->mask; c->table[slot] != 0; slot = (slot + 1) & c->mask) {
		struct sum *s = &c->sums[c->table[slot] - 1];
		if (s->key[0] == key[0] && s->key[1] == key[1])
			return s;
	}
	if (c->count == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 512;
		c->sums = memory_resize(c->sums, c->cap, sizeof(*c->sums));
	}
	c->sums[c->count] = (struct sum){.key = {key[0], key[1]}, .oldest = UINT32_MAX};
	c->table[slot] = ++c->count;
	return &c->sums[c->count - 1];
}

static void add(struct counting *c, const uint32_t key[2], uint32_t row, uint32_t recipients)
{
	struct sum *s = sum_for(c, key);

	s->recipients += recipients;
	if (s->last_row == row + 1)
		return;
	s->last_row = row + 1;
	s->messages++;
	s->bytes += internal_size(c->ix, row);
	if (c->ix->c.arrival[row] < s->oldest)
		s->oldest = c->ix->c.arrival[row];
}

static void count_row(struct counting *c, uint32_t row)
{
	const struct recipient *list = internal_recipients(c->ix, row);
	uint32_t key[2] = {0, 0};
	bool each = false, some = false;

	for (size_t k = 0; k < c->key_count; k++) {
		if (group_keys_per_recipient(c->keys[k]))
			each = true;
		else
			key[k] = group_keys_of_row(c->ix, c->keys[k], c->now, row);
	}
	if (!each) {
		add(c, key, row, internal_todo(c->ix, row));
		return;
	}
	for (uint32_t i = 0; i < internal_kept(c->ix, row); i++) {
		if (list[i].reason & RECIPIENT_DONE)
			continue;
		some = true;
		for (size_t k = 0; k < c->key_count; k++) {
			if (group_keys_per_recipient(c->keys[k]))
				key[k] = group_keys_of_recipient(c->ix, c->keys[k], &list[i]);
		}
		add(c, key, row, 1);
	}
	/* Nobody left to deliver to: still a message of this queue. */
	if (!some) {
		for (size_t k = 0; k < c->key_count; k++)
			key[k] = group_keys_per_recipient(c->keys[k]) ? 0 : key[k];
		add(c, key, row, 0);
	}
}

/* ---- The largest ---- */

static bool smaller(const struct sum *a, const struct sum *b)
{
	return a->messages != b->messages ? a->messages < b->messages
					  : a->recipients < b->recipients;
}

/* A heap with the smallest of the largest on top. */
static void heap_sink(const struct sum **heap, size_t count, size_t at)
{
	for (;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
			if (smaller(heap[child], heap[least]))
				least = child;
		}
		if (least == at)
			return;
		const struct sum *t = heap[at];
		heap[at] = heap[least];
		heap[least] = t;
		at = least;
	}
}

static void add_other(struct groups *out, const struct sum *s)
{
	if (out->other_groups++ == 0 || s->oldest < out->other.oldest_arrival)
		out->other.oldest_arrival = s->oldest;
	out->other.messages += s->messages;
	out->other.recipients += s->recipients;
	out->other.bytes += s->bytes;
}

static size_t take_largest(
    const struct counting *c, const struct sum **heap, size_t limit, struct groups *out)
{
	size_t count = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		const struct sum *s = &c->sums[i];
		if (count < limit) {
			heap[count++] = s;
			if (count == limit) {
				for (size_t k = count; k > 0; k--)
					heap_sink(heap, count, k - 1);
			}
		} else if (smaller(heap[0], s)) {
			add_other(out, heap[0]);
			heap[0] = s;
			heap_sink(heap, count, 0);
		} else {
			add_other(out, s);
		}
	}
	return count;
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int order;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	order = slice_compare(x->key, y->key);
	return order != 0 ? order : slice_compare(x->key2, y->key2);
}

/* A class of reasons has the diagnosis of its first reason. One pass over the reasons for all
 * groups. */
static void diagnose_classes(struct index *ix, const struct sum **heap, struct groups *out)
{
	MEMORY_AUTO uint32_t *item_of = memory_zero(ix->classes.count, sizeof(*item_of));

	for (size_t i = 0; i < out->count; i++)
		item_of[heap[i]->key[0]] = (uint32_t)i + 1;
	for (uint32_t n = 1; n < ix->reasons.count; n++) {
		uint32_t class = dict_used(&ix->reasons, n) ? ix->reasons.note[n] : 0;
		uint32_t item = class ? item_of[class] : 0;
		if (item != 0 && !out->items[item - 1].diagnosis)
			out->items[item - 1].diagnosis = internal_diagnosis(ix, n);
	}
}

/* Texts are collected first and pointed at when they no longer move. */
static void make_items(const struct counting *c, const struct sum **heap, struct groups *out)
{
	struct buffer texts = {0};
	char scratch[GROUP_CLIENT_MAX];

	for (size_t i = 0; i < out->count; i++) {
		const struct sum *s = heap[i];
		struct slice key = group_keys_text(c->ix, c->keys[0], s->key[0], scratch),
			     key2 = {"", 0};
		out->items[i] = (struct group){.number = s->key[0],
		    .messages = s->messages,
		    .recipients = s->recipients,
		    .bytes = s->bytes,
		    .oldest_arrival = s->oldest};
		buffer_append_slice(&texts, key);
		if (c->key_count > 1) {
			key2 = group_keys_text(c->ix, c->keys[1], s->key[1], scratch);
			buffer_append_slice(&texts, key2);
		}
		out->items[i].key.len = key.len;
		out->items[i].key2.len = key2.len;
	}
	const char *at = buffer_string(&texts);
	for (size_t i = 0; i < out->count; i++) {
		out->items[i].key.data = at;
		at += out->items[i].key.len;
		out->items[i].key2.data = at;
		at += out->items[i].key2.len;
	}
	out->memory = texts.data;
	if (c->keys[0] == GROUP_REASON)
		diagnose_classes(c->ix, heap, out);
	for (size_t i = 0; c->keys[0] == GROUP_DIAGNOSIS && i < out->count; i++)
		out->items[i].diagnosis =
		    heap[i]->key[0] ? diagnosis_at(heap[i]->key[0] - 1) : NULL;
	qsort(out->items, out->count, sizeof(*out->items), compare_groups);
}

static void finish(struct counting *c, size_t limit, struct groups *out)
{
	MEMORY_AUTO const struct sum **heap = NULL;

	limit = limit > GROUPS_LIMIT_MAX ? GROUPS_LIMIT_MAX : limit;
	heap = memory_alloc((limit + 1) * sizeof(*heap));
	out->items = memory_alloc((limit + 1) * sizeof(*out->items));
	out->count = limit ? take_largest(c, heap, limit, out) : 0;
	make_items(c, heap, out);
	free(c->sums);
	free(c->table);
}

void groups_count(struct index *ix, const struct filter *filter, const enum group_key *keys,
    size_t key_count, size_t limit, int64_t now, struct groups *out)
{
	struct counting c = {.ix = ix, .keys = keys, .key_count = key_count, .now = now};
	struct run_block block;
	struct run run;
	uint32_t row;

	*out = (struct groups){.match.generation = ix->generation};
	run_begin(&run, ix, filter, now);
	while (run_next(&run, &block)) {
		RUN_FOR_EACH(&block, row)
		{
			out->match.messages++;
			out->match.bytes += internal_size(ix, row);
			count_row(&c, row);
		}
	}
	out->match.undecided = run.undecided;
	out->match.undecided_field = run.undecided_field;
	out->match.too_costly = run.too_costly;
	run_end(&run);
	finish(&c, limit, out);
}

void groups_count_rows(struct index *ix, const uint32_t *rows, size_t row_count,
    const enum group_key *keys, size_t key_count, size_t limit, int64_t now, struct groups *out)
{
	struct counting c = {.ix = ix, .keys = keys, .key_count = key_count, .now = now};

	*out = (struct groups){.match.generation = ix->generation};
	for (size_t i = 0; i < row_count; i++) {
		if (!internal_live(ix, rows[i]))
			continue;
		out->match.messages++;
		out->match.bytes += internal_size(ix, rows[i]);
		count_row(&c, rows[i]);
	}
	finish(&c, limit, out);
}

void groups_free(struct groups *g)
{
	free(g->items);
	free(g->memory);
	*g = (struct groups){0};
}
