/* The exact messages that an action is meant for: what is previewed and what a job acts on is the same
 * selection. Made from a view (a filter resolved once) less exceptions, or from explicit IDs. */
#ifndef JOBS_SELECTION_H
#define JOBS_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/target.h"

/* The most messages in one job: four bytes a row of a view, as many as an index may hold. */
#define SELECTION_MAX 10000000
/* The most IDs in one request, and exceptions of one view. */
#define SELECTION_IDS_MAX 100000

struct selection;

struct selection *selection_create(void);
void selection_destroy(struct selection **selection);

/* Copies `target`. A second one with the same ID is dropped (false). */
bool selection_add(struct selection *selection, const struct target *target);
/* An ID that was asked for and is in no queue now: it becomes an item that ends as gone unless it
 * turns up when the job looks. */
void selection_add_missing(struct selection *selection, struct slice id);

size_t selection_count(const struct selection *selection);
/* Valid until the selection changes. */
void selection_get(const struct selection *selection, size_t i, struct target *target);
bool selection_contains(const struct selection *selection, struct slice id);

#endif
