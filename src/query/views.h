/* Frozen views: a filter and a sort order resolved once into an ordered list of messages
 * (index/views/view.h says how long they live). The page scrolls through a view, a preview counts
 * it, a job acts on it: all three see the same messages.
 *
 * A view belongs to the scope that it was made within: for all others there is none under its ID.
 * A message that leaves the scope later is shown as one that has left the queue, and nothing more
 * is said of it. */
#ifndef QUERY_VIEWS_H
#define QUERY_VIEWS_H

#include "query/query.h"

struct view;

struct query_view {
	const char *id;
	struct slice filter; /* as it was written */
	struct index_sort sort;
	uint32_t length;	  /* messages */
	struct index_match match; /* totals as they were when it was made */
	int64_t as_of;
	const struct view *view; /* private to query/ */
};

/* Makes a view of what the filter matches now; NULL: everything. `text` is what it was parsed from,
 * kept for those who ask. False with `err` (filter_too_costly). What `out` points to is valid until
 * the view is gone: for this call of the loop. */
bool query_view_create(struct query *q, const struct query_scope *scope,
    const struct filter *filter, struct slice text, struct index_sort sort, int64_t now,
    struct query_view *out, struct error *err);
/* Whose it is (view_set_person in index/views/view.h): who has the most makes room first. */
void query_view_set_person(struct query *q, const struct query_view *view, uint64_t person);
unsigned query_view_count(const struct query *q, uint64_t person);
/* False once it has expired, where it never was, and in another scope. Counts as reading it. */
bool query_view_find(struct query *q, const struct query_scope *scope, struct slice id, int64_t now,
    struct query_view *out);
/* Gives its memory back at once. One that is not found is ignored. */
void query_view_drop(
    struct query *q, const struct query_scope *scope, struct slice id, int64_t now);

/* At most `limit` (to INDEX_PAGE_MAX) messages from `offset` on, as they are now: only the list of
 * them is filled in. The caller frees it (query_page_free). */
void query_view_page(struct query *q, const struct query_scope *scope,
    const struct query_view *view, uint64_t offset, uint32_t limit, int64_t now,
    struct query_page *out);
/* The offset of a message, by looking at each; false when it is not in the view. */
bool query_view_offset_of(
    const struct query *q, const struct query_view *view, struct slice id, uint32_t *offset);
/* How many messages match now that are not in the view, and how many of its messages have left
 * (view_changes in index/views/view.h says how old that may be). */
void query_view_changes(
    struct query *q, const struct query_view *view, int64_t now, uint64_t *arrived, uint64_t *left);
/* Whether an action may be taken on it; field_unavailable or not_current in `err`. */
bool query_view_actionable(const struct query_view *view, struct error *err);

#endif
