/* Senders in the order of their addresses. Nothing of it is kept: what a page needs is found by one
 * pass over the texts, one after the other as they lie in memory, which costs less than keeping a
 * million of them sorted while they come and go. Private to index/. */
#ifndef INDEX_SENDER_ORDER_H
#define INDEX_SENDER_ORDER_H

#include "index/run/matches.h"

/* A number for each sender (by its number in ix->senders) of the rows found: from 1, ascending in
 * the order, the same for those that agree in their first INDEX_SENDER_SORT_BYTES; 0: of none of
 * these rows. The caller frees. */
uint32_t *sender_order_rank(const struct index *ix, const struct matches *matches, bool descending);

/* The same, but only the senders that are `from` (NULL: there is no bound) get the rank
 * SENDER_ORDER_RANK_FROM, and the first `wanted` behind it those that follow. */
#define SENDER_ORDER_RANK_FROM 1
uint32_t *sender_order_rank_first(const struct index *ix, const struct matches *matches,
    bool descending, size_t wanted, const struct slice *from);

#endif
