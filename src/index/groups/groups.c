/* The largest groups, and what did not fit into the limit together. Sums are looked through once,
 * with a heap of the largest so far; only those that are left get texts. */
#include "index/groups/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/row_values.h"
#include "index/groups/group_sums.h"
#include "index/run/run.h"

/* ---- The largest ---- */

struct candidate {
	const struct group_sum *sum;
	uint32_t number[2];
};

/* Of two that are as large, those who see a part are told the first by their texts: by their
 * numbers it would matter in which mail of others a text came first. */
static bool comes_behind(
    const struct group_keys *keys, const struct candidate *a, const struct candidate *b)
{
	char x[GROUP_CLIENT_MAX], y[GROUP_CLIENT_MAX];
	int order = 0;

	for (size_t k = 0; keys->inside && k < keys->count && order == 0; k++)
		order = slice_compare(group_keys_text(keys->ix, keys->keys[k], a->number[k], x),
		    group_keys_text(keys->ix, keys->keys[k], b->number[k], y));
	return order > 0;
}

static bool smaller(
    const struct group_keys *keys, const struct candidate *a, const struct candidate *b)
{
	if (a->sum->messages != b->sum->messages)
		return a->sum->messages < b->sum->messages;
	if (a->sum->recipients != b->sum->recipients)
		return a->sum->recipients < b->sum->recipients;
	return comes_behind(keys, a, b);
}

/* A heap with the smallest of the largest on top. */
static void heap_sink(
    const struct group_keys *keys, struct candidate *heap, size_t count, size_t at)
{
	for (;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
			if (smaller(keys, &heap[child], &heap[least]))
				least = child;
		}
		if (least == at)
			return;
		struct candidate t = heap[at];
		heap[at] = heap[least];
		heap[least] = t;
		at = least;
	}
}

static void add_other(struct groups *out, const struct group_sum *s)
{
	if (out->other_groups++ == 0 || s->oldest < out->other.oldest_arrival)
		out->other.oldest_arrival = s->oldest;
	out->other.messages += s->messages;
	out->other.recipients += s->recipients;
	out->other.bytes += s->bytes;
}

/* Whether it is of what no class or diagnosis is known of yet. */
static bool unsettled(const struct group_sums *t, const uint32_t number[2])
{
	for (size_t k = 0; k < t->keys.count; k++) {
		if (number[k] + 1 == t->numbers[k])
			return true;
	}
	return false;
}

/* The heap has the least of the largest on top: most groups are smaller than that, and are added
 * to the others after one comparison. */
static size_t take_largest(
    const struct group_sums *t, struct candidate *heap, size_t limit, struct groups *out)
{
	size_t count = 0, at = 0;
	struct candidate next;

	while ((next.sum = group_sums_next(t, &at, next.number)) != NULL) {
		if (unsettled(t, next.number)) {
			out->unsettled += next.sum->recipients;
			add_other(out, next.sum);
		} else if (count < limit) {
			heap[count++] = next;
			if (count == limit) {
				for (size_t k = count; k > 0; k--)
					heap_sink(&t->keys, heap, count, k - 1);
			}
		} else if (smaller(&t->keys, &heap[0], &next)) {
			add_other(out, heap[0].sum);
			heap[0] = next;
			heap_sink(&t->keys, heap, count, 0);
		} else {
			add_other(out, next.sum);
		}
	}
	return count;
}

/* By key where the counts are the same, so that two equal requests get the same order. */
static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int order;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	order = slice_compare(x->key, y->key);
	return order != 0 ? order : slice_compare(x->key2, y->key2);
}

static const struct diagnosis *diagnosis_of(
    const struct index *ix, enum group_key key, uint32_t number)
{
	uint32_t diagnosis = 0;

	if (key == GROUP_REASON)
		diagnosis = number ? ix->classes.note[number] : 0;
	else if (key == GROUP_CAUSE)
		diagnosis = number;
	return diagnosis ? diagnosis_at(diagnosis - 1) : NULL;
}

/* Texts are collected first and pointed at when they no longer move. */
static void make_items(
    const struct group_keys *keys, const struct candidate *heap, struct groups *out)
{
	struct buffer texts = {0};
	char scratch[GROUP_CLIENT_MAX];

	for (size_t i = 0; i < out->count; i++) {
		const struct candidate *c = &heap[i];
		struct group *g = &out->items[i];
		*g = (struct group){.number = c->number[0],
		    .messages = c->sum->messages,
		    .recipients = c->sum->recipients,
		    .bytes = c->sum->bytes,
		    .oldest_arrival = c->sum->oldest,
		    .diagnosis = diagnosis_of(keys->ix, keys->keys[0], c->number[0])};
		g->key = group_keys_text(keys->ix, keys->keys[0], c->number[0], scratch);
		buffer_append_slice(&texts, g->key);
		if (keys->count > 1) {
			g->key2 = group_keys_text(keys->ix, keys->keys[1], c->number[1], scratch);
			buffer_append_slice(&texts, g->key2);
		}
	}
	const char *at = buffer_string(&texts);
	for (size_t i = 0; i < out->count; i++) {
		out->items[i].key.data = at;
		at += out->items[i].key.len;
		out->items[i].key2.data = at;
		at += out->items[i].key2.len;
	}
	out->memory = texts.data;
	qsort(out->items, out->count, sizeof(*out->items), compare_groups);
}

/* `place` is cleared when a class has its diagnosis: the first settled reason suffices. */
static void diagnose_one(
    const struct index *ix, const struct recipient *recipient, uint32_t *place, struct groups *out)
{
	uint32_t reason = recipient_reason(recipient), class, diagnosis;

	if (recipient_is_done(recipient) || !reasons_settled(ix, reason))
		return;
	class = reasons_settled_class(ix, reason);
	diagnosis = reasons_settled_diagnosis(ix, reason);
	if (place[class] == 0 || diagnosis == 0)
		return;
	out->items[place[class] - 1].diagnosis = diagnosis_at(diagnosis - 1);
	place[class] = 0;
}

/* A class has the diagnosis of the first reason that was seen of it, which may be of a message that
 * is not in the scope. Here it gets that of a reason in it. */
static void diagnose_again(
    const struct group_keys *keys, const uint64_t *bits, size_t words, struct groups *out)
{
	const struct index *ix = keys->ix;
	MEMORY_AUTO uint32_t *place = memory_zero(ix->classes.count, sizeof(*place));

	for (size_t i = 0; i < out->count; i++) {
		out->items[i].diagnosis = NULL;
		place[out->items[i].number] = out->items[i].number ? (uint32_t)i + 1 : 0;
	}
	for (size_t w = 0; w < words; w++) {
		for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
			uint32_t row = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(left);
			struct seen seen = row_seen(ix, keys->inside, row);

			for (uint32_t n = 0; n < seen.kept; n++)
				diagnose_one(ix, seen_at(&seen, n), place, out);
		}
	}
}

/* No more than `limit` texts are made, however many groups there are. */
void groups_count_bits(const struct group_keys *keys, const uint64_t *bits, size_t words,
    size_t limit, struct groups *out)
{
	MEMORY_AUTO struct candidate *heap = NULL;
	struct group_sums sums;

	*out = (struct groups){.match.generation = keys->ix->generation};
	limit = limit > GROUPS_LIMIT_MAX ? GROUPS_LIMIT_MAX : limit;
	heap = memory_alloc((limit + 1) * sizeof(*heap));
	out->items = memory_alloc((limit + 1) * sizeof(*out->items));
	group_sums_make(&sums, keys, bits, words);
	out->count = limit ? take_largest(&sums, heap, limit, out) : 0;
	make_items(keys, heap, out);
	if (keys->inside && keys->count == 1 && keys->keys[0] == GROUP_REASON)
		diagnose_again(keys, bits, words, out);
	group_sums_free(&sums);
}

/* ---- Which rows ---- */

void groups_count(struct index *ix, const struct filter *filter, const enum group_key *keys,
    size_t key_count, size_t limit, int64_t now, struct groups *out)
{
	struct group_keys by = {.ix = ix, .keys = keys, .count = key_count, .now = now};
	struct index_match match;
	struct run run;

	group_keys_settle(ix, keys, key_count);
	run_begin(&run, ix, filter, now);
	by.inside = run.inside;
	run_match(&run, &match);
	groups_count_bits(&by, run.match, run.words, limit, out);
	out->match = match;
	run_end(&run);
	hosts_forget(ix);
}

void groups_count_rows(struct index *ix, const uint32_t *rows, size_t row_count,
    const enum group_key *keys, size_t key_count, size_t limit, int64_t now,
    const struct filter *scope, struct groups *out)
{
	struct group_keys by = {.ix = ix, .keys = keys, .count = key_count, .now = now};
	size_t words = ((size_t)ix->rows + 63) / 64;
	MEMORY_AUTO uint64_t *bits = memory_zero(words, sizeof(*bits));
	struct index_match match = {.generation = ix->generation};

	for (size_t i = 0; i < row_count; i++) {
		if (!row_is_live(ix, rows[i]))
			continue;
		match.messages++;
		match.bytes += row_size(ix, rows[i]);
		bits[rows[i] / 64] |= UINT64_C(1) << (rows[i] % 64);
	}
	group_keys_settle(ix, keys, key_count);
	by.inside = inside_of(ix, scope, now);
	groups_count_bits(&by, bits, words, limit, out);
	out->match = match;
	hosts_forget(ix);
}

void groups_free(struct groups *g)
{
	free(g->items);
	free(g->memory);
	*g = (struct groups){0};
}
