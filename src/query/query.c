/* Messages, pages and totals, each within a scope; and the refusals of all questions. Views, groups
 * and completions have files of their own. */
#include "query/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "query/internal.h"

struct query *query_create(struct index *index)
{
	struct query *q = memory_zero(1, sizeof(*q));

	q->index = index;
	return q;
}

void query_free(struct query *q)
{
	free(q);
}

void query_status(
    struct query *q, const struct query_scope *scope, int64_t now, struct index_status *out)
{
	if (query_scope_is_all(scope))
		index_status(q->index, out);
	else
		index_status_within(q->index, scope->filter, now, out);
}

/* ---- Refusals ---- */

/* One text for all questions; the index has stopped by itself before this is asked. */
bool query_decided(const struct index_match *match, struct error *err)
{
	if (!match->too_costly)
		return true;
	return error_set(err, "filter_too_costly",
	    "this filter would hold up everything else for seconds: it has too many terms that "
	    "must be decided one by one; terms on one field that are joined by or cost little");
}

/* No action is taken before the first complete reading: what is not there may only not be read yet.
 */
bool query_current(struct query *q, const struct query_scope *scope, struct error *err)
{
	struct index_status status;

	(void)scope; /* the queue is read for all */
	index_status(q->index, &status);
	if (status.state == INDEX_CURRENT)
		return true;
	return error_set(
	    err, "not_current", "the queue has not been completely read: try again when it has");
}

/* ---- One message ---- */

bool query_read_row(const struct query *q, uint32_t row, struct query_message *out)
{
	out->hidden = false;
	out->number = row;
	return index_row(q->index, row, &out->row);
}

void query_hide(struct query_message *message)
{
	/* Everything else is emptied: no answer can tell by mistake what it does not have. */
	struct index_row bare = {.left = true};

	memcpy(bare.id, message->row.id, sizeof(bare.id));
	message->row = bare;
	message->hidden = true;
}

/* What the scope cannot decide is outside (docs/decisions/query.md). */
static bool is_within(struct query *q, const struct query_scope *scope, uint32_t row, int64_t now)
{
	bool yes = true;

	if (!query_scope_is_all(scope))
		index_decide(q->index, scope->filter, &row, 1, now, &yes);
	return yes;
}

/* An ID outside of the scope is answered as one that is not there. */
bool query_find(struct query *q, const struct query_scope *scope, struct slice id, int64_t now,
    struct query_message *out)
{
	uint32_t row = index_find(q->index, id);

	return row != INDEX_ROW_NONE && is_within(q, scope, row, now) &&
	       query_read_row(q, row, out);
}

/* Those that are in the queue, and of which of these the scope decides, all at once. */
static bool *find_within(struct query *q, const struct query_scope *scope, const struct slice *ids,
    size_t count, int64_t now)
{
	MEMORY_AUTO uint32_t *rows = memory_alloc(count * sizeof(*rows) + 1);
	MEMORY_AUTO bool *decided = memory_zero(count + 1, sizeof(*decided));
	bool *within = memory_zero(count + 1, sizeof(*within));
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t row = index_find(q->index, ids[i]);
		if (row != INDEX_ROW_NONE)
			rows[found++] = row;
		within[i] = row != INDEX_ROW_NONE;
	}
	/* At once for all: a decision for each would walk the filter a hundred thousand times. */
	index_decide(q->index, scope->filter, rows, found, now, decided);
	for (size_t i = 0, at = 0; i < count; i++) {
		if (within[i])
			within[i] = decided[at++];
	}
	return within;
}

void query_find_all(struct query *q, const struct query_scope *scope, const struct slice *ids,
    size_t count, int64_t now, query_found *each, void *context)
{
	MEMORY_AUTO bool *within =
	    query_scope_is_all(scope) ? NULL : find_within(q, scope, ids, count, now);

	for (size_t i = 0; i < count; i++) {
		uint32_t row = within && !within[i] ? INDEX_ROW_NONE : index_find(q->index, ids[i]);
		struct query_message message;
		bool found = row != INDEX_ROW_NONE && query_read_row(q, row, &message);

		each(context, i, found ? &message : NULL);
	}
}

bool query_recipient(const struct query *q, const struct query_message *message, uint32_t n,
    struct index_recipient *out)
{
	return !message->hidden && index_recipient(q->index, message->number, n, out);
}

const struct diagnosis *query_diagnosis(struct query *q, const struct query_message *message)
{
	return message->hidden ? NULL : index_diagnosis(q->index, message->number);
}

const struct diagnosis *query_recipient_diagnosis(
    struct query *q, const struct query_message *message, uint32_t n)
{
	return message->hidden ? NULL : index_recipient_diagnosis(q->index, message->number, n);
}

int64_t query_deleting(const struct query *q, const struct query_message *message)
{
	return message->hidden ? 0 : index_deleting(q->index, message->number);
}

/* ---- Pages and totals ---- */

bool query_page(struct query *q, const struct query_scope *scope, const struct filter *filter,
    struct index_sort sort, struct slice after, uint32_t limit, int64_t now, struct query_page *out,
    struct error *err)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);
	int count;

	out->next = (struct buffer){0};
	out->count = 0;
	count = index_page(
	    q->index, within, sort, after, limit, now, out->row, &out->match, &out->next, err);
	if (count < 0 || !query_decided(&out->match, err))
		return false;
	out->count = (size_t)count;
	memset(out->hidden, 0, out->count);
	return true;
}

/* Hidden rows keep their place, so that pages stay as long as they were. */
bool query_page_message(
    const struct query *q, const struct query_page *page, size_t i, struct query_message *out)
{
	if (!query_read_row(q, page->row[i], out))
		return false;
	if (page->hidden[i])
		query_hide(out);
	return true;
}

void query_page_free(struct query_page *page)
{
	buffer_free(&page->next);
}

void query_count(struct query *q, const struct query_scope *scope, const struct filter *filter,
    int64_t now, struct index_match *match)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);

	index_count(q->index, within, now, match);
}
