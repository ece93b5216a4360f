/* What somebody has chosen: a bit for each row, and a pin that keeps the rows. */
#include "query/chosen.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/views/view.h"
#include "query/internal.h"

struct query_chosen {
	struct query *q;
	struct view_pin *pin;
	uint64_t *bits; /* one for each row */
	size_t words;
};

/* The pin: rows that leave from now on keep their numbers until it is taken away. */
struct query_chosen *query_chosen_create(struct query *q)
{
	struct query_chosen *c = memory_zero(1, sizeof(*c));

	c->q = q;
	c->pin = view_pin(q->index);
	return c;
}

void query_chosen_free(struct query_chosen **pointer)
{
	struct query_chosen *c = *pointer;

	if (!c)
		return;
	view_unpin(&c->pin);
	free(c->bits);
	free(c);
	*pointer = NULL;
}

/* ---- Choosing ---- */

/* A row beyond the bits came after the choosing, so it is not chosen. */
static bool is_chosen(const struct query_chosen *c, uint32_t row)
{
	return row / 64 < c->words && (c->bits[row / 64] >> (row % 64) & 1);
}

/* False when it was before. */
static bool choose(struct query_chosen *c, uint32_t row)
{
	uint64_t bit = UINT64_C(1) << (row % 64);
	/* 65,536 rows; a larger queue doubles it a few times. */
	size_t words = c->words == 0 ? 1024 : c->words;
	bool before;

	while (row / 64 >= words)
		words *= 2;
	if (words > c->words) {
		c->bits = memory_resize(c->bits, words, sizeof(*c->bits));
		memset(c->bits + c->words, 0, (words - c->words) * sizeof(*c->bits));
		c->words = words;
	}
	before = c->bits[row / 64] & bit;
	c->bits[row / 64] |= bit;
	return !before;
}

bool query_choose(struct query_chosen *c, const struct query_message *message)
{
	return choose(c, message->number);
}

void query_choose_view(struct query_chosen *c, const struct query_scope *scope,
    const struct query_view *view, const struct query_chosen *except, int64_t now,
    const struct query_chooser *chooser)
{
	struct index *ix = c->q->index;
	const struct inside *inside = inside_of(ix, scope->filter, now);
	bool wants_left = true;

	for (uint32_t i = 0; i < view->length; i++) {
		uint32_t row = view_row(view->view, i);
		struct index_row shown;

		/* Whoever left the scope is told of like one that left the queue: nothing says
		 * which. */
		if (index_live(ix, row) && query_row_is_within(inside, row)) {
			if (is_chosen(except, row))
				continue;
			if (!query_row_is_whole(inside, row) && index_row(ix, row, &shown))
				chooser->not_whole(chooser->context, slice_of(shown.id));
			else if (choose(c, row))
				chooser->chosen(chooser->context, row);
			/* The caller says when it has enough: a view of a million may have lost
			 * most of them. */
		} else if (wants_left && index_row(ix, row, &shown)) {
			wants_left = chooser->left(chooser->context, slice_of(shown.id));
		}
	}
}

/* ---- Reading ---- */

bool query_chosen_get(const struct query_chosen *c, uint32_t number, struct query_message *out)
{
	return is_chosen(c, number) && query_read_row(c->q, NULL, number, out);
}

bool query_chosen_show(const struct query_chosen *c, const struct query_scope *scope,
    uint32_t number, int64_t now, struct query_message *out)
{
	const struct inside *inside = inside_of(c->q->index, scope->filter, now);

	if (!is_chosen(c, number) || !query_read_row(c->q, inside, number, out))
		return false;
	if (!query_row_is_within(inside, number))
		query_hide(out);
	return true;
}

static uint32_t *rows_of(const struct query_chosen *c, size_t *count)
{
	size_t all = 0;
	uint32_t *rows;

	for (size_t w = 0; w < c->words; w++)
		all += (size_t)__builtin_popcountll(c->bits[w]);
	rows = memory_alloc(all * sizeof(*rows) + 1);
	*count = 0;
	for (size_t w = 0; w < c->words; w++) {
		for (uint64_t bits = c->bits[w]; bits != 0; bits &= bits - 1)
			rows[(*count)++] = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return rows;
}

void query_chosen_each(const struct query_chosen *c, query_chosen_each_fn *each, void *context)
{
	for (size_t w = 0; w < c->words; w++) {
		for (uint64_t bits = c->bits[w]; bits != 0; bits &= bits - 1) {
			uint32_t row = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(bits);
			struct index_brief message;

			if (index_brief(c->q->index, row, &message))
				each(context, &message);
		}
	}
}

/* Counted anew for each question: what was chosen may have left the scope since. */
uint32_t *query_chosen_within(
    const struct query_chosen *c, const struct query_scope *scope, int64_t now, size_t *count)
{
	uint32_t *rows = rows_of(c, count);
	const struct inside *inside = inside_of(c->q->index, scope->filter, now);
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		if (query_row_is_within(inside, rows[i]))
			rows[kept++] = rows[i];
	}
	*count = kept;
	return rows;
}

struct query *query_chosen_query(const struct query_chosen *c)
{
	return c->q;
}
