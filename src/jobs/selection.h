/* The exact messages that an action is meant for: what is previewed and what a job acts on is the
 * same selection. Made from a view (a filter resolved once) less exceptions, or from explicit IDs.
 */
#ifndef JOBS_SELECTION_H
#define JOBS_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "index/index.h"
#include "index/view.h"
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
int64_t selection_bytes(const struct selection *selection);
/* Valid until the selection changes. */
void selection_get(const struct selection *selection, size_t i, struct target *target);
bool selection_contains(const struct selection *selection, struct slice id);

/* The messages of a view that are still queued, less `except`. Rows that have left are not in it;
 * up to `left_max` of their IDs are appended to `left` (may be NULL). NULL with `err`:
 * field_unavailable where the view's filter could not be decided for every message, not_current
 * where the index was not current when the view was made. */
struct selection *selection_from_view(const struct index *ix, const struct view *view,
    const struct slice *except, size_t except_count, struct selection_left *left,
    struct error *err);

/* These IDs; those that the index does not know are in it all the same (the index may be seconds
 * old, the job looks for itself) and in `left`. NULL with `err`: invalid_id. */
struct selection *selection_from_ids(const struct index *ix, const struct slice *ids, size_t count,
    struct selection_left *left, struct error *err);

#endif
