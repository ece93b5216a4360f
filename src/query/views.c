/* Views within a scope. */
#include "query/views.h"

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

void query_view_set_person(struct query *q, const struct query_view *view, uint64_t person)
{
	view_set_person(q->index, slice_of(view->id), person);
}

unsigned query_view_count(const struct query *q, uint64_t person)
{
	return view_count_of(q->index, person);
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
	/* Again for each page: a message may have left the scope since the view was made. */
	query_page_see(out, inside_of(q->index, scope->filter, now));
	for (size_t i = 0; i < out->count; i++)
		out->hidden[i] = !query_row_is_within(out->inside, out->row[i]);
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
		return error_say(err, "field_unavailable", SAID_PROBLEM_FIELD_UNKNOWN, 2,
		    said_text("field", slice_of(filter_field_name(match->undecided_field))),
		    said_number("count", (int64_t)match->undecided));
	if (!view_actionable(view->view))
		return error_say(err, "not_current", SAID_PROBLEM_VIEW_NOT_READ, 0);
	return true;
}
