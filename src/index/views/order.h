/* The order of rows: by the sort field, then arrival, then ID; all of it turned round when
 * descending, except that an unknown next retry is always last. Private to index/.
 *
 * Senders are put in order by their rank (sender_order.h): a row's key is then its sender's. */
#ifndef INDEX_ORDER_H
#define INDEX_ORDER_H

#include "index/run/inside.h"
#include "index/views/sort.h"

/* What an order's sort_by points to. */
struct order {
	const struct index *ix;
	const struct inside *inside; /* whose recipients count; NULL: all */
	struct index_sort sort;
	struct sort_by by;
};
/* The order itself must not move while its `by` is used. */
void order_init(struct order *order, const struct index *ix, const struct inside *inside,
    struct index_sort sort);

/* The first eight bytes of a row's place. Not for senders. */
uint64_t order_key(const struct order *order, uint32_t row);

/* A place in the order, of a row that may be gone: what a page's `next` says. */
struct order_place {
	uint64_t key; /* of senders: their rank, which whoever asks for the page finds */
	uint32_t arrival;
	struct id_key id;
	struct buffer sender; /* at most INDEX_SENDER_SORT_BYTES; for that sort only */
};
/* The place of a row with this key; no sender. */
struct order_place order_place_of(const struct index *ix, const struct sort_entry *entry);
/* Below 0, 0 or above 0 as the row comes before, is at, or comes after the place. */
int order_against(
    const struct order *order, const struct sort_entry *entry, const struct order_place *place);

/* The place of a row as text, for the next page; and back. invalid_cursor when it is none, or one
 * of another order. The caller frees place->sender. */
void order_write_place(const struct order *order, uint32_t row, struct buffer *out);
bool order_read_place(
    struct slice text, struct index_sort sort, struct order_place *place, struct error *err);

#endif
