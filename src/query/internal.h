/* What the files of query/ share. Private to query/. */
#ifndef QUERY_INTERNAL_H
#define QUERY_INTERNAL_H

#include "index/index.h"
#include "index/run/inside.h"
#include "query/query.h"

struct query {
	struct index *index;
};

struct query_scope {
	struct filter *filter; /* NULL: everything */
};

/* The question as it is asked within the scope; NULL: everything. The caller frees it. */
struct filter *query_within(const struct query_scope *scope, const struct filter *filter);
#define FILTER_AUTO __attribute__((cleanup(query_free_filter)))
void query_free_filter(struct filter **filter);

/* Whether a filter was run to its end; filter_too_costly in `err`. */
bool query_decided(const struct index_match *match, struct error *err);

/* Whether a row is there for whoever has `inside` (inside_of; NULL: everything). What the scope
 * cannot decide is outside (docs/decisions/query.md). */
static inline bool query_row_is_within(const struct inside *inside, uint32_t row)
{
	return !inside || inside_has(inside->within, row);
}
static inline bool query_row_is_whole(const struct inside *inside, uint32_t row)
{
	return !inside || inside_has(inside->whole, row);
}

/* A row that is within, as a message with the recipients that are inside. False when it belongs to
 * nobody. */
bool query_read_row(
    const struct query *q, const struct inside *inside, uint32_t row, struct query_message *out);
/* Its messages are read with what is inside (NULL: everything). */
void query_page_see(struct query_page *page, const struct inside *inside);
/* It is in the scope no more: leaves only that, and its ID. */
void query_hide(struct query_message *message);

/* The rows of what was chosen that are in the scope now, ascending: in that order a million are
 * soon counted. The caller frees. */
struct query_chosen;
uint32_t *query_chosen_within(
    const struct query_chosen *chosen, const struct query_scope *scope, int64_t now, size_t *count);

#endif
