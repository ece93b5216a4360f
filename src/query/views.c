/* Views within a scope. */
#include "query/views.h"

#include <string.h>

#include "base/memory.h"
#include "index/views/view.h"
#include "query/internal.h"

static void fill(struct query_view *out, const struct view *v)
{
	*out = (struct query_view){.id = view_id(v),
	    .filter = view_filter_text(v),
	    .sort = view_sort(v),
	    .length = view_length(v),
	    .match = *view_match(v),
	    .as_of = view_as_of(v),
	    .view = v};
}

/* A view that was too costly is dropped at once, as nobody gets to know its ID. */
bool query_view_create(struct query *q, const struct query_scope *scope,
    const struct filter *filter, struct slice text, struct index_sort sort, int64_t now,
    struct query_view *out, struct error *err)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);
	const struct view *v = view_create(q->index, within, text, sort, now);

	fill(out, v);
	if (query_decided(&out->match, err))
		return true;
	view_drop(q->index, slice_of(out->id));
	return false;
}

bool query_view_find(struct query *q, const struct query_scope *scope, struct slice id, int64_t now,
    struct query_view *out)
{
	const struct view *v = view_find(q->index, id, now);

	/* Somebody else's view is no view, even for who knows its ID. */
	if (!v || !filter_same(view_scope(v), scope->filter))
		return false;
	fill(out, v);
	return true;
}

/* Found first: nobody ends another one's view by guessing its ID. */
void query_view_drop(struct query *q, const struct query_scope *scope, struct slice id, int64_t now)
{
	struct query_view view;

	if (query_view_find(q, scope, id, now, &view))
		view_drop(q->index, id);
}

void query_view_page(struct query *q, const struct query_scope *scope,
    const struct query_view *view, uint64_t offset, uint32_t limit, int64_t now,
    struct query_page *out)
{
	out->next = (struct buffer){0};
	out->match = view->match;
	out->count = 0;
	for (uint64_t i = offset; i < view->length && out->count < limit; i++)
		out->row[out->count++] = view_row(view->view, (uint32_t)i);
	memset(out->hidden, 0, out->count);
	if (query_scope_is_all(scope))
		return;
	/* Again for each page: a message may have left the scope since the view was made. */
	index_decide(q->index, scope->filter, out->row, out->count, now, out->hidden);
	for (size_t i = 0; i < out->count; i++)
		out->hidden[i] = !out->hidden[i];
}

bool query_view_offset_of(
    const struct query *q, const struct query_view *view, struct slice id, uint32_t *offset)
{
	return view_offset_of(q->index, view->view, id, offset);
}

void query_view_changes(
    struct query *q, const struct query_view *view, int64_t now, uint64_t *arrived, uint64_t *left)
{
	view_changes(q->index, view->view, now, arrived, left);
}

bool query_view_actionable(const struct query_view *view, struct error *err)
{
	const struct index_match *match = &view->match;

	/* An unknown that counted as no would delete the wrong mail (docs/decisions/unknown.md). */
	if (match->undecided > 0)
		return error_set(err, "field_unavailable",
		    "it is not known whether \"%s:\" matches %llu message%s: no action is taken on "
		    "a guess",
		    filter_field_name(match->undecided_field), (unsigned long long)match->undecided,
		    match->undecided == 1 ? "" : "s");
	if (!view_actionable(view->view))
		return error_set(err, "not_current",
		    "the queue was not completely read when this view was made; take a new view "
		    "when it is");
	return true;
}
