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
	return error_say(err, "filter_too_costly", SAID_PROBLEM_FILTER_COSTLY, 0);
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
	return error_say(err, "not_current", SAID_PROBLEM_NOT_READ, 0);
}

/* ---- One message ---- */

bool query_read_row(
    const struct query *q, const struct inside *inside, uint32_t row, struct query_message *out)
{
	struct seen seen;

	*out = (struct query_message){.number = row, .whole = query_row_is_whole(inside, row)};
	if (!index_row(q->index, row, &out->row))
		return false;
	if (out->whole)
		return true;
	out->inside = inside;
	out->serial = inside->serial;
	seen = row_seen(q->index, inside, row);
	out->row.recipient_count = seen.todo;
	out->row.recipient_kept = seen.kept;
	/* That there are more than are kept would say that there are others. */
	out->row.recipients_cut = false;
	return true;
}

void query_hide(struct query_message *message)
{
	/* Everything else is emptied: no answer can tell by mistake what it does not have. */
	struct index_row bare = {.left = true};

	memcpy(bare.id, message->row.id, sizeof(bare.id));
	message->row = bare;
	message->hidden = true;
	message->whole = false;
}

/* An ID outside of the scope is answered as one that is not there. */
bool query_find(struct query *q, const struct query_scope *scope, struct slice id, int64_t now,
    struct query_message *out)
{
	uint32_t row = index_find(q->index, id);
	const struct inside *inside;

	if (row == INDEX_ROW_NONE)
		return false;
	inside = inside_of(q->index, scope->filter, now);
	return query_row_is_within(inside, row) && query_read_row(q, inside, row, out);
}

void query_find_all(struct query *q, const struct query_scope *scope, const struct slice *ids,
    size_t count, int64_t now, query_found *each, void *context)
{
	const struct inside *inside = inside_of(q->index, scope->filter, now);

	for (size_t i = 0; i < count; i++) {
		uint32_t row = index_find(q->index, ids[i]);
		struct query_message message;
		bool found = row != INDEX_ROW_NONE && query_row_is_within(inside, row) &&
			     query_read_row(q, inside, row, &message);

		each(context, i, found ? &message : NULL);
	}
}

/* ---- Its recipients ---- */

/* The place in the row of recipient `n` as it is shown. */
static bool place_of(
    const struct query *q, const struct query_message *message, uint32_t n, uint32_t *place)
{
	*place = n;
	if (message->hidden)
		return false;
	if (!message->inside)
		return true;
	/* Never: another scope has its place by now, and would show what is not this one's. */
	if (message->serial != message->inside->serial)
		return false;
	return inside_place(q->index, message->inside, message->number, n, place);
}

bool query_recipient(const struct query *q, const struct query_message *message, uint32_t n,
    struct index_recipient *out)
{
	uint32_t place;

	return place_of(q, message, n, &place) &&
	       index_recipient(q->index, message->number, place, out);
}

const struct diagnosis *query_recipient_diagnosis(
    struct query *q, const struct query_message *message, uint32_t n)
{
	uint32_t place;

	return place_of(q, message, n, &place)
		   ? index_recipient_diagnosis(q->index, message->number, place)
		   : NULL;
}

const struct diagnosis *query_diagnosis(struct query *q, const struct query_message *message)
{
	struct index_recipient r;

	if (message->hidden)
		return NULL;
	if (!message->inside)
		return index_diagnosis(q->index, message->number);
	for (uint32_t n = 0; query_recipient(q, message, n, &r); n++) {
		if (r.reason.len > 0 && !(r.flags & MESSAGE_RECIPIENT_DONE))
			return query_recipient_diagnosis(q, message, n);
	}
	return NULL;
}

bool query_recipient_pause(
    const struct query *q, const struct query_message *message, uint32_t n, struct index_pause *out)
{
	uint32_t place;

	return place_of(q, message, n, &place) &&
	       index_recipient_pause(q->index, message->number, place, out);
}

bool query_pause(
    const struct query *q, const struct query_message *message, struct index_pause *out)
{
	struct index_recipient r;

	if (message->hidden)
		return false;
	/* On hold it waits as a whole, for a pause of its sender or login. */
	if (!message->inside || message->row.queue == QUEUE_HOLD ||
	    message->row.queue == QUEUE_MAILDROP)
		return index_pause(q->index, message->number, out);
	for (uint32_t n = 0; query_recipient(q, message, n, &r); n++) {
		if (query_recipient_pause(q, message, n, out))
			return true;
	}
	return false;
}

int64_t query_deleting(const struct query *q, const struct query_message *message)
{
	return message->hidden ? 0 : index_deleting(q->index, message->number);
}

size_t query_count_pauses(const struct query *q, struct index_pause_count **counts)
{
	return index_count_pauses(q->index, counts);
}

/* ---- Pages and totals ---- */

void query_page_see(struct query_page *page, const struct inside *inside)
{
	page->inside = inside;
	page->serial = inside ? inside->serial : 0;
}

bool query_page(struct query *q, const struct query_scope *scope, const struct filter *filter,
    struct index_sort sort, struct slice after, uint32_t limit, int64_t now, struct query_page *out,
    struct error *err)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);
	int count;

	out->next = (struct buffer){0};
	out->count = 0;
	query_page_see(out, NULL);
	count = index_page(
	    q->index, within, sort, after, limit, now, out->row, &out->match, &out->next, err);
	if (count < 0 || !query_decided(&out->match, err))
		return false;
	out->count = (size_t)count;
	memset(out->hidden, 0, out->count);
	query_page_see(out, inside_of(q->index, scope->filter, now));
	return true;
}

/* Hidden rows keep their place, so that pages stay as long as they were. */
bool query_page_message(
    const struct query *q, const struct query_page *page, size_t i, struct query_message *out)
{
	bool stale = page->inside && page->serial != page->inside->serial;

	if (stale || !query_read_row(q, page->inside, page->row[i], out))
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
