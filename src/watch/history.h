/* Samples the depth of the queue every `interval` seconds (SAMPLES_STEP), on the clock: 08:00,
 * 08:05, ... */
#ifndef WATCH_HISTORY_H
#define WATCH_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/samples.h"
#include "store/store.h"

struct history;

/* Fills in count and bytes; false when the queue is not known now (then there is a gap). */
typedef bool history_counts(void *owner, struct sample *sample);

/* The first sample is taken as soon as `counts` knows the queue. */
struct history *history_create(
    struct store *store, int64_t interval, history_counts *counts, void *owner);
void history_destroy(struct history **history);
int64_t history_deadline_ms(const struct history *history);
void history_tick(struct history *history);

#endif
