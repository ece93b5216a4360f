/* One page of a filter's rows, without sorting the others. Blocks of rows are visited in a
 * scattered order, so that the best rows so far are soon good ones, whatever order the rows came
 * in; from then on most rows are dismissed by one comparison. */
#include <stdlib.h>

#include "index/run/matches.h"
#include "index/views/order.h"
#include "index/views/sender_order.h"

/* A page is the first few of the rows found that come after a place. */
struct page {
	const struct index *ix;
	struct order order;
	struct sort_top top;
	const struct order_place *after; /* NULL: from the beginning */
	struct order_place last;	 /* of the last of those that are the first so far */
	uint64_t cuts;			 /* top.cuts when `last` was taken */
	uint64_t low, width; /* only keys from `low` to low + width can be in the page */
	uint32_t *rank;	     /* of senders, for that sort only */
};

static void narrow(struct page *p)
{
	if (p->top.full)
		p->last = order_place_of(p->ix, &p->top.last);
	p->cuts = p->top.cuts;
	p->low = p->after ? p->after->key : 0;
	p->width = (p->top.full ? p->last.key : UINT64_MAX) - p->low;
}

static void consider(struct page *p, uint32_t row)
{
	struct sort_entry entry = {0, row};

	entry.key = p->rank ? p->rank[p->ix->c.sender[row]] : order_key(&p->order, row);
	/* One comparison that is false for nearly all: two would be guessed wrong half of the time.
	 */
	if (entry.key - p->low > p->width || (p->rank && entry.key == 0))
		return;
	/* Where many rows have the same key, most are done with here. */
	if (p->top.full && order_against(&p->order, &entry, &p->last) > 0)
		return;
	if (p->after && order_against(&p->order, &entry, p->after) <= 0)
		return;
	sort_top_add(&p->top, entry);
	if (p->top.cuts != p->cuts)
		narrow(p);
}

/* Rank 0 is none of these senders: consider() passes over their rows. */
static void find_ranks(struct page *p, const struct matches *matches, struct order_place *after)
{
	struct slice from = buffer_slice(&after->sender);

	/* Each has at least one row, so these are enough. */
	p->rank = sender_order_rank_first(
	    p->ix, matches, p->order.sort.descending, p->top.wanted, p->after ? &from : NULL);
	after->key = SENDER_ORDER_RANK_FROM;
}

static void consider_all(struct page *p, const struct matches *matches, struct order_place *after)
{
	uint32_t row, step = sort_scatter_step(matches->blocks);

	if (p->order.sort.field == INDEX_SORT_SENDER)
		find_ranks(p, matches, after);
	narrow(p);
	for (uint32_t n = 0; n < matches->blocks; n++) {
		MATCHES_FOR_EACH(matches, sort_scatter(n, step, matches->blocks), row)
		consider(p, row);
	}
	sort_top_finish(&p->top);
}

int index_page(struct index *ix, const struct filter *filter, struct index_sort sort,
    struct slice after, uint32_t limit, int64_t now, uint32_t *rows, struct index_match *match,
    struct buffer *next, struct error *err)
{
	struct order_place place = {0};
	struct page p = {.ix = ix};
	struct matches matches;
	size_t count;

	if (limit < 1 || limit > INDEX_PAGE_MAX)
		return error_say(err, "invalid_value", SAID_PROBLEM_LIMIT, 1,
			   said_number("most", INDEX_PAGE_MAX)),
		       -1;
	if (after.len > 0 && !order_read_place(after, sort, &place, err))
		return -1;
	p.after = after.len > 0 ? &place : NULL;
	matches_find(&matches, ix, filter, now);
	order_init(&p.order, ix, matches.run.inside, sort);
	/* One more than asked for says whether there is a next page. */
	sort_top_init(&p.top, &p.order.by, (size_t)limit + 1);
	*match = matches.match;
	consider_all(&p, &matches, &place);
	count = p.top.count < limit ? p.top.count : limit;
	for (size_t i = 0; i < count; i++)
		rows[i] = p.top.entries[i].item;
	if (next && p.top.count > limit)
		order_write_place(&p.order, rows[limit - 1], next);
	sort_top_free(&p.top);
	matches_free(&matches);
	free(p.rank);
	buffer_free(&place.sender);
	return (int)count;
}
