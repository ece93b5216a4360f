/* Folds minutes of the log's rates into samples of five minutes, and hands them to the store one
 * batch after the other. */
#ifndef WATCH_RATE_SAMPLES_H
#define WATCH_RATE_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"
#include "watch/rates/rates.h"

struct rate_samples;

/* `rates` is where the minutes are; both stay the caller's. */
struct rate_samples *rate_samples_create(struct store *store, const struct rates *rates);
/* After the store. Accepts a pointer to NULL. */
void rate_samples_destroy(struct rate_samples **samples);

/* A minute was put into the rates; minutes from `quiet` up to it have nothing, `other` is what keys
 * have that were not told. A step that it ends, or that was stored before, is stored (again). */
void rate_samples_minute(struct rate_samples *samples, int64_t minute, int64_t quiet,
    const struct rate_counts other[RATE_KINDS]);

/* The store is behind: no further minutes should be read for now. */
bool rate_samples_are_behind(const struct rate_samples *samples);

#endif
