/* Samples the depth of the queue, and the messages of its largest groups, every `interval` seconds
 * (SAMPLES_STEP), on the clock: 08:00, 08:05, ... */
#ifndef WATCH_HISTORY_H
#define WATCH_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/samples.h"
#include "store/store.h"

struct query;
struct history;

/* Whether the source of the queue can be read now: what the queue was before it failed is no
 * sample.
 */
typedef bool history_source_reads(void *owner);

/* The first sample is taken as soon as the queue is known. Where it is not, there is a gap. The
 * query outlives the history. */
struct history *history_create(struct store *store, struct query *query, int64_t interval,
    history_source_reads *source_reads, void *owner);
void history_destroy(struct history **history);
int64_t history_deadline_ms(const struct history *history);
void history_tick(struct history *history);

#endif
