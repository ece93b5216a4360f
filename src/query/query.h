/* The only way to the queue. A filter, who asks and limits go in; messages, totals, groups
 * (groups.h), completions (completions.h), frozen views (views.h) and selections of them (chosen.h)
 * come out, or a refusal.
 *
 * Every question takes a scope: who asks. What was found is asked about further by what the
 * question gave (a query_message, a query_view), which only these functions fill in. One thread
 * owns all of it; nothing here blocks. `now` is Unix time in seconds.
 *
 * Refusals, all made here (`err`):
 *   filter_too_costly   the filter would hold up everything else for seconds
 *   field_unavailable   an action on a view of which some messages are undecided
 *   not_current         an action while the queue is not completely read
 * and invalid_value, invalid_cursor for what a page is asked with. */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "index/answer.h"
#include "query/scope.h"

struct index;
struct inside;
struct query;

/* The index outlives the query. */
struct query *query_create(struct index *index);
/* Accepts NULL. */
void query_free(struct query *q);

/* How the queue stands, of what is in the scope (index_status_within in index/index.h says what is
 * not told then). */
void query_status(
    struct query *q, const struct query_scope *scope, int64_t now, struct index_status *out);
/* Whether an action may be taken now at all; not_current in `err`. */
bool query_current(struct query *q, const struct query_scope *scope, struct error *err);

/* ---- One message ---- */

/* A message that was found. Slices are valid until the queue changes.
 *
 * Of one that also goes to others, who are outside of the scope, there are only the recipients
 * inside: what is said of recipients is said of these (docs/decisions/query.md). */
struct query_message {
	struct index_row row;
	/* It is not in the scope any more (of a view): nothing but row.id and row.left is told. */
	bool hidden;
	/* All its recipients are inside: only then may it be acted on. To be said to nobody but as
	 * the reason of such a refusal. */
	bool whole;
	uint32_t number; /* what query_choose knows it by */
	/* Private to query/: what there is of it; NULL: everything. */
	const struct inside *inside;
	uint64_t serial;
};

/* False when no such message is in the queue now, or it is not in the scope: nobody can tell which.
 */
bool query_find(struct query *q, const struct query_scope *scope, struct slice id, int64_t now,
    struct query_message *out);
/* The same for many: calls for each in turn, with NULL where it is not found. */
typedef void query_found(void *context, size_t i, const struct query_message *message);
void query_find_all(struct query *q, const struct query_scope *scope, const struct slice *ids,
    size_t count, int64_t now, query_found *each, void *context);

/* Recipient `n` (less than row.recipient_kept), in the source's order; false past the end. */
bool query_recipient(const struct query *q, const struct query_message *message, uint32_t n,
    struct index_recipient *out);
/* The diagnosis of the first waiting recipient with a reason, or of one recipient; NULL: none. */
const struct diagnosis *query_diagnosis(struct query *q, const struct query_message *message);
const struct diagnosis *query_recipient_diagnosis(
    struct query *q, const struct query_message *message, uint32_t n);
/* The job that has it on hold to delete it; 0: none. */
int64_t query_deleting(const struct query *q, const struct query_message *message);
/* The pause that it waits for, and that recipient `n` waits for. False: none. */
bool query_pause(
    const struct query *q, const struct query_message *message, struct index_pause *out);
bool query_recipient_pause(const struct query *q, const struct query_message *message, uint32_t n,
    struct index_pause *out);
/* How many messages of the whole queue wait for each, in the order in which they were told;
 * the caller frees *counts. */
size_t query_count_pauses(const struct query *q, struct index_pause_count **counts);

/* ---- Pages and totals ---- */

/* Some messages in order. 5 KB, and what `next` takes. */
struct query_page {
	struct index_match match; /* of all that the filter matches */
	struct buffer next;	  /* the key of the following page; empty at the end */
	size_t count;
	/* Private to query/. */
	uint32_t row[INDEX_PAGE_MAX];
	bool hidden[INDEX_PAGE_MAX];
	const struct inside *inside;
	uint64_t serial;
};

/* At most `limit` (1 to INDEX_PAGE_MAX) messages in the order of `sort`, behind `after`, the `next`
 * of the page before, or empty (index_page in index/index.h). `filter` NULL: everything. False with
 * `err`. The caller frees the page in either case. */
bool query_page(struct query *q, const struct query_scope *scope, const struct filter *filter,
    struct index_sort sort, struct slice after, uint32_t limit, int64_t now, struct query_page *out,
    struct error *err);
/* Message `i` (less than count). False when nothing is kept of it. Before the queue changes. */
bool query_page_message(
    const struct query *q, const struct query_page *page, size_t i, struct query_message *out);
void query_page_free(struct query_page *page);

/* Only the totals; match.too_costly where they are not true. */
void query_count(struct query *q, const struct query_scope *scope, const struct filter *filter,
    int64_t now, struct index_match *match);

#endif
