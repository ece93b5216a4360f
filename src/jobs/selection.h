/* The exact messages that an action is meant for: what is previewed and what a job acts on is the
 * same selection. Made from a view (a filter resolved once) less exceptions, or from explicit IDs.
 *
 * Of what is in the index it keeps the row's number, four bytes a message, and has the index keep
 * what those rows say of each message until the selection is destroyed (view_pin): so a million of
 * them can be read bit by bit while the queue moves on. Destroy it before the index. */
#ifndef JOBS_SELECTION_H
#define JOBS_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "index/index.h"
#include "index/views/view.h"
#include "jobs/target.h"

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
/* As the messages stood when the selection was made. */
struct selection_totals {
	int64_t bytes, recipients;
	int64_t queue[QUEUE_COUNT]; /* messages in each */
};
const struct selection_totals *selection_totals(const struct selection *selection);
/* Number `i`, in the order of the view or of the IDs. Valid until the next selection_get and until
 * index or selection change. */
void selection_get(const struct selection *selection, size_t i, struct target *target);
/* Calls for each message, in no particular order; with NULL for one of which only the ID is known.
 */
typedef void selection_each_fn(void *ctx, const struct index_brief *message);
void selection_each(const struct selection *selection, selection_each_fn *each, void *ctx);
/* The index's rows of those that are in it, ascending: in that order a million are soon counted.
 * The caller frees. */
uint32_t *selection_rows(const struct selection *selection, size_t *count);

/* The messages of a view that are still queued, less `except`. Rows that have left are not in it;
 * up to `max` of their IDs are appended to `left` (may be NULL). NULL with `err`:
 * field_unavailable where the view's filter could not be decided for every message, not_current
 * where the index was not current when the view was made. */
struct selection *selection_from_view(struct index *ix, const struct view *view,
    const struct slice *except, size_t except_count, struct selection_left *left,
    struct error *err);

/* These IDs; those that the index does not know are in it all the same (the index may be seconds
 * old, the job looks for itself) and in `left`. NULL with `err`: invalid_id. */
struct selection *selection_from_ids(struct index *ix, const struct slice *ids, size_t count,
    struct selection_left *left, struct error *err);

/* Messages that a job has acted on, as its items in the store name them, added bit by bit: of each
 * that is in the queue and still the same (target_is_same). What has left, or whose ID is another
 * message's now, goes to `left` (may be NULL). `begin` gives NULL with `err` (not_current) where
 * the index is not current; call `end` once all are in. What a hold found on hold already is not in
 * it: nothing was done to it. */
struct selection *selection_begin(struct index *ix, struct error *err);
void selection_add_item(
    struct selection *selection, const struct job_item *item, struct selection_left *left);
void selection_end(struct selection *selection);

#endif
