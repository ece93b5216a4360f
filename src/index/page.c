#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/order.h"
#include "index/run.h"

/* Candidates for a page are collected up to this many times its length, then the worse part is
 * dropped: two or three comparisons a row, whatever the order of the rows. */
#define CANDIDATES_PER_ROW 4

struct candidates {
	const struct index *ix;
	struct index_sort sort;
	struct order_entry *entries;
	size_t count, cap, wanted;
	uint64_t worst; /* no key above this can be in the page any more */
};

static void add_candidate(struct candidates *c, struct order_entry entry)
{
	c->entries[c->count++] = entry;
	if (c->count < c->cap)
		return;
	order_select(c->ix, c->sort, c->entries, c->count, c->wanted);
	c->count = c->wanted;
	c->worst = 0;
	for (size_t i = 0; i < c->count; i++) {
		if (c->entries[i].key > c->worst)
			c->worst = c->entries[i].key;
	}
}

static void collect(struct candidates *c, struct run *run, const struct order_place *place,
    struct index_match *match)
{
	struct run_block block;
	uint32_t row;

	while (run_next(run, &block)) {
		RUN_FOR_EACH(&block, row)
		{
			struct order_entry entry = {order_key(c->ix, c->sort, row), row};
			match->messages++;
			match->bytes += internal_size(c->ix, row);
			if (entry.key <= c->worst &&
			    (!place || order_after(c->ix, c->sort, &entry, place)))
				add_candidate(c, entry);
		}
	}
}

static void finish_match(const struct run *run, struct index_match *match)
{
	match->generation = run->ix->generation;
	match->undecided = run->undecided;
	match->undecided_field = run->undecided_field;
	match->too_costly = run->too_costly;
}

int index_page(struct index *ix, const struct filter *filter, struct index_sort sort,
    struct slice after, uint32_t limit, int64_t now, uint32_t *rows, struct index_match *match,
    struct buffer *next, struct error *err)
{
	/* One more than asked for says whether there is a next page. */
	struct candidates c = {
	    .ix = ix, .sort = sort, .wanted = (size_t)limit + 1, .worst = UINT64_MAX};
	struct order_place place = {0};
	struct run run;
	size_t count;

	if (limit < 1 || limit > INDEX_PAGE_MAX)
		return error_set(err, "invalid_value", "limit is 1 to %d", INDEX_PAGE_MAX), -1;
	if (after.len > 0 && !order_read_place(after, sort, &place, err))
		return -1;
	*match = (struct index_match){0};
	c.cap = c.wanted * CANDIDATES_PER_ROW;
	c.entries = memory_alloc(c.cap * sizeof(*c.entries));
	run_begin(&run, ix, filter, now);
	collect(&c, &run, after.len > 0 ? &place : NULL, match);
	finish_match(&run, match);
	run_end(&run);
	order_select(ix, sort, c.entries, c.count, c.wanted);
	count = c.count < c.wanted ? c.count : c.wanted;
	order_sort(ix, sort, c.entries, count);
	for (size_t i = 0; i < count && i < limit; i++)
		rows[i] = c.entries[i].row;
	if (next && count > limit)
		order_write_place(ix, sort, rows[limit - 1], next);
	free(c.entries);
	buffer_free(&place.sender);
	return (int)(count > limit ? limit : count);
}

void index_count(
    struct index *ix, const struct filter *filter, int64_t now, struct index_match *match)
{
	struct run_block block;
	struct run run;
	uint32_t row;

	*match = (struct index_match){0};
	run_begin(&run, ix, filter, now);
	while (run_next(&run, &block)) {
		RUN_FOR_EACH(&block, row)
		{
			match->messages++;
			match->bytes += internal_size(ix, row);
		}
	}
	finish_match(&run, match);
	run_end(&run);
}
