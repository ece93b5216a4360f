/* The order of rows: by the sort field, then arrival, then ID; all of it turned round when
 * descending, except that an unknown next retry is always last. Private to index/. */
#ifndef INDEX_ORDER_H
#define INDEX_ORDER_H

#include "index/internal.h"

/* A row and the first eight bytes of its place in the order: most comparisons end there. */
struct order_entry {
	uint64_t key;
	uint32_t row;
};

/* A place in the order, of a row that may be gone: what a page's `next` says. */
struct order_place {
	uint64_t key;
	uint32_t arrival;
	struct id_key id;
	struct buffer sender; /* at most INDEX_SENDER_SORT_BYTES; for that sort only */
};

/* The first eight bytes of a row's place. */
uint64_t order_key(const struct index *ix, struct index_sort sort, uint32_t row);
/* Below 0, 0 (the same row) or above 0, as the first comes before or after the second. */
int order_compare(const struct index *ix, struct index_sort sort, const struct order_entry *a,
    const struct order_entry *b);
/* Whether the row comes after the place. */
bool order_after(const struct index *ix, struct index_sort sort, const struct order_entry *e,
    const struct order_place *place);

/* Puts entries into order. Linear for what differs in the key or the arrival. */
void order_sort(
    const struct index *ix, struct index_sort sort, struct order_entry *entries, size_t count);
/* Brings the first `k` in order to the front (not sorted among themselves). Linear on average. */
void order_select(const struct index *ix, struct index_sort sort, struct order_entry *entries,
    size_t count, size_t k);

/* The place of a row as text, for the next page; and back. invalid_cursor when it is none, or one
 * of another order. The caller frees place->sender. */
void order_write_place(
    const struct index *ix, struct index_sort sort, uint32_t row, struct buffer *out);
bool order_read_place(
    struct slice text, struct index_sort sort, struct order_place *place, struct error *err);

#endif
