/* The exact messages that an action is meant for: what is previewed and what a job acts on is the
 * same selection. Made from a view (a filter resolved once) less exceptions, or from explicit IDs.
 *
 * Made within a scope, it holds nothing that is outside, nor what also goes to somebody who is. Of
 * what is in the queue it keeps a number, four bytes a message, and what was said of each is kept
 * for it (query/chosen.h): so a million of them can be read bit by bit while the queue moves on.
 * Destroy it before the query. */
#ifndef JOBS_SELECTION_H
#define JOBS_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "jobs/target.h"
#include "query/groups.h"
#include "query/views.h"

/* The most messages in one job: four bytes a row of a view, as many as an index may hold. */
#define SELECTION_MAX 10000000
/* The most IDs in one request, and exceptions of one view. */
#define SELECTION_IDS_MAX 100000

struct selection;

/* IDs that are in no queue any more, as far as the index knows. */
#define SELECTION_LEFT_MAX 1000
struct selection_left {
	char id[SELECTION_LEFT_MAX][QUEUE_ID_SIZE];
	size_t count;
};

struct selection *selection_create(void);
void selection_destroy(struct selection **selection);

/* Copies `target`. A second one with the same ID is dropped (false). */
bool selection_add(struct selection *selection, const struct target *target);
/* An ID that was asked for and is in no queue now: it becomes an item that ends as gone unless it
 * turns up when the job looks. */
void selection_add_missing(struct selection *selection, struct slice id);

size_t selection_count(const struct selection *selection);
/* Messages that were chosen and are not in it, because they also go to recipients outside of the
 * scope: only who may act on all of them may act on a message. */
size_t selection_not_whole(const struct selection *selection);
/* As the messages stood when the selection was made. */
struct selection_totals {
	int64_t bytes, recipients;
	int64_t queue[QUEUE_COUNT]; /* messages in each */
};
const struct selection_totals *selection_totals(const struct selection *selection);
/* Number `i`, in the order of the view or of the IDs. Valid until the next selection_get and until
 * queue or selection change. */
void selection_get(const struct selection *selection, size_t i, struct target *target);
/* Calls for each message, in no particular order; with NULL for one of which only the ID is known.
 */
void selection_each(const struct selection *selection, query_chosen_each_fn *each, void *context);
/* Number `i` as the queue tells of it, for those who show it within a scope; false where only the
 * ID is known. */
bool selection_show(const struct selection *selection, const struct query_scope *scope, size_t i,
    int64_t now, struct query_message *out);
/* Those that are in the queue now, by a key (query_groups_chosen). The caller frees. */
void selection_groups(const struct selection *selection, const struct query_scope *scope,
    enum group_key key, size_t limit, int64_t now, struct groups *out);

/* The messages of a view that are still queued, less `except`. What has left is not in it; some of
 * their IDs are noted in `left` (may be NULL). NULL with `err` (query_view_actionable). */
struct selection *selection_from_view(struct query *query, const struct query_scope *scope,
    const struct query_view *view, const struct slice *except, size_t except_count, int64_t now,
    struct selection_left *left, struct error *err);

/* These IDs; those that are not in the queue as far as it is known are in it all the same (that may
 * be seconds old, the job looks for itself) and in `left`. Within a scope they are in `left` alone:
 * nobody can tell whether such a message would be in it. NULL with `err`: invalid_id. */
struct selection *selection_from_ids(struct query *query, const struct query_scope *scope,
    const struct slice *ids, size_t count, int64_t now, struct selection_left *left,
    struct error *err);

/* Messages that a job has acted on, as its items in the store name them, added bit by bit: of each
 * that is in the queue and still the same (target_is_same). What has left, or whose ID is another
 * message's now, goes to `left` (may be NULL). `begin` gives NULL with `err` (query_current); call
 * `end` once all are in. What a hold found on hold already is not in it: nothing was done to it. */
struct selection *selection_begin(
    struct query *query, const struct query_scope *scope, struct error *err);
void selection_add_items(struct selection *selection, const struct query_scope *scope,
    const struct job_item *items, size_t count, int64_t now, struct selection_left *left);
void selection_end(struct selection *selection);

/* Which of these messages of a job may still be acted on within its scope: those that are in it now
 * with all their recipients, and are the same. What has left the queue, or is not known yet, is
 * not among them. */
void selection_allowed(struct query *query, const struct query_scope *scope,
    const struct job_item *items, size_t count, int64_t now, bool *allowed);

#endif
