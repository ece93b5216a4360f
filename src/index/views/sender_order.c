/* Addresses are compared as texts, which is dear; so each sender gets a rank once, and rows are
 * compared by the ranks. For a page only the first few senders behind its beginning need one. */
#include "index/views/sender_order.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/views/sort.h"

#define KEY_BYTES 8
/* Numbers that are looked at together. */
#define BLOCK 1024

struct sender_texts {
	const struct dict *dict;
	bool descending;
	struct sort_by by;
};

static struct slice text_of(const struct sender_texts *t, uint32_t number)
{
	return slice_first(dict_text(t->dict, number), INDEX_SENDER_SORT_BYTES);
}

/* Eight bytes of a text; behind its end there is less than any character. */
static uint64_t key_of(const struct sender_texts *t, struct slice text, unsigned level)
{
	size_t at = (size_t)level * KEY_BYTES, left = text.len > at ? text.len - at : 0;
	uint64_t key = 0;

	if (left >= KEY_BYTES)
		memcpy(&key, text.data + at, KEY_BYTES);
	else if (left > 0)
		memcpy(&key, text.data + at, left);
	key = be64toh(key);
	return t->descending ? ~key : key;
}

static uint64_t level_key(const void *context, uint32_t number, unsigned level)
{
	const struct sender_texts *t = context;

	return key_of(t, text_of(t, number), level);
}

static int compare_texts(const struct sender_texts *t, struct slice a, struct slice b)
{
	int order = slice_compare(a, b);

	return t->descending ? -order : order;
}

/* The key has said what it can: the texts decide, to the length that counts. */
static int compare_entries(
    const void *context, const struct sort_entry *a, const struct sort_entry *b)
{
	const struct sender_texts *t = context;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return compare_texts(t, text_of(t, a->item), text_of(t, b->item));
}

static void sender_texts_init(struct sender_texts *t, const struct index *ix, bool descending)
{
	*t = (struct sender_texts){.dict = &ix->senders, .descending = descending};
	t->by =
	    (struct sort_by){t, level_key, INDEX_SENDER_SORT_BYTES / KEY_BYTES, compare_entries};
}

/* A bit for each sender of the rows found, in whole blocks. */
static uint64_t *find_used(const struct index *ix, const struct matches *matches, uint32_t *blocks)
{
	uint64_t *used;
	uint32_t row;

	*blocks = (ix->senders.count + BLOCK - 1) / BLOCK;
	used = memory_zero((size_t)*blocks * (BLOCK / 64) + 1, sizeof(*used));
	for (uint32_t b = 0; b < matches->blocks; b++) {
		MATCHES_FOR_EACH(matches, b, row)
		{
			uint32_t number = ix->c.sender[row];
			used[number / 64] |= UINT64_C(1) << (number % 64);
		}
	}
	return used;
}

/* Ranks behind `last` for entries in order; equal texts share one. */
static void give_ranks(const struct sender_texts *t, const struct sort_entry *entries, size_t count,
    uint32_t last, uint32_t *rank)
{

	for (size_t i = 0; i < count; i++) {
		if (i == 0 ||
		    !slice_equal(text_of(t, entries[i].item), text_of(t, entries[i - 1].item)))
			last++;
		rank[entries[i].item] = last;
	}
}

uint32_t *sender_order_rank(const struct index *ix, const struct matches *matches, bool descending)
{
	uint32_t *rank = memory_zero(ix->senders.count, sizeof(*rank));
	MEMORY_AUTO struct sort_entry *entries =
	    memory_alloc((size_t)ix->senders.count * sizeof(*entries));
	uint32_t blocks;
	MEMORY_AUTO uint64_t *used = find_used(ix, matches, &blocks);
	struct sender_texts t;
	size_t count = 0;

	sender_texts_init(&t, ix, descending);
	for (uint32_t w = 0; w < blocks * (BLOCK / 64); w++) {
		for (uint64_t bits = used[w]; bits != 0; bits &= bits - 1) {
			uint32_t number = w * 64 + (uint32_t)__builtin_ctzll(bits);
			entries[count++] = (struct sort_entry){level_key(&t, number, 0), number};
		}
	}
	sort_all(&t.by, entries, count);
	give_ranks(&t, entries, count, 0, rank);
	return rank;
}

/* ---- The first ---- */

struct first {
	struct sender_texts texts;
	struct sort_top top;
	const struct slice *from;
	uint64_t from_key;
	uint32_t *rank;
};

/* The first eight bytes dismiss most addresses; only those that begin alike are read. */
static void consider(struct first *f, uint32_t number)
{
	struct slice text = text_of(&f->texts, number);
	struct sort_entry entry = {key_of(&f->texts, text, 0), number};

	if (sort_top_excludes(&f->top, entry.key))
		return;
	/* Where many begin alike, most are done with here. */
	if (f->top.full && entry.key == f->top.last.key &&
	    compare_texts(&f->texts, text, text_of(&f->texts, f->top.last.item)) > 0)
		return;
	if (f->from && entry.key <= f->from_key) {
		int order = entry.key < f->from_key ? -1 : compare_texts(&f->texts, text, *f->from);
		if (order == 0)
			f->rank[number] = SENDER_ORDER_RANK_FROM;
		if (order <= 0)
			return;
	}
	sort_top_add(&f->top, entry);
}

static void consider_block(struct first *f, const uint64_t *used, uint32_t block)
{
	for (uint32_t w = block * (BLOCK / 64); w < (block + 1) * (BLOCK / 64); w++) {
		for (uint64_t bits = used[w]; bits != 0; bits &= bits - 1)
			consider(f, w * 64 + (uint32_t)__builtin_ctzll(bits));
	}
}

/* Addresses that were cut may be the same as the last one, and then belong to it. */
static void share_last(const struct first *f, const uint64_t *used, uint32_t words, uint32_t *rank)
{
	const struct sort_entry *last = &f->top.entries[f->top.count - 1];
	struct slice text = text_of(&f->texts, last->item);

	if (text.len < INDEX_SENDER_SORT_BYTES)
		return;
	for (uint32_t w = 0; w < words; w++) {
		for (uint64_t bits = used[w]; bits != 0; bits &= bits - 1) {
			uint32_t number = w * 64 + (uint32_t)__builtin_ctzll(bits);
			if (slice_equal(text_of(&f->texts, number), text))
				rank[number] = rank[last->item];
		}
	}
}

uint32_t *sender_order_rank_first(const struct index *ix, const struct matches *matches,
    bool descending, size_t wanted, const struct slice *from)
{
	uint32_t *rank = memory_zero(ix->senders.count, sizeof(*rank));
	uint32_t blocks, step;
	MEMORY_AUTO uint64_t *used = find_used(ix, matches, &blocks);
	struct first f = {.from = from, .rank = rank};

	sender_texts_init(&f.texts, ix, descending);
	f.from_key = from ? key_of(&f.texts, *from, 0) : 0;
	sort_top_init(&f.top, &f.texts.by, wanted);
	step = sort_scatter_step(blocks);
	for (uint32_t n = 0; n < blocks; n++)
		consider_block(&f, used, sort_scatter(n, step, blocks));
	sort_top_finish(&f.top);
	give_ranks(&f.texts, f.top.entries, f.top.count, SENDER_ORDER_RANK_FROM, rank);
	if (f.top.count > 0)
		share_last(&f, used, blocks * (BLOCK / 64), rank);
	sort_top_free(&f.top);
	return rank;
}
