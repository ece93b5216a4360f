/* The last hour of the mail log's rates, minute by minute, as the log reader counted them. Pure: no
 * clock, no I/O. What is put for a minute replaces what was there, so that a log reader that was
 * started again and counts anew is counted once. */
#ifndef WATCH_RATES_H
#define WATCH_RATES_H

#include <stddef.h>
#include <stdint.h>

#include "base/rates.h"

/* Minutes that are kept: the longest window that anybody asks for. */
#define RATES_MINUTES 60
/* Keys of one kind in a minute; further ones are left out, as the log reader sends the largest
 * first. */
#define RATES_KEYS_MAX 4096

struct rates;

struct rates *rates_create(void);
/* Accepts NULL. */
void rates_free(struct rates *rates);

/* A minute begins anew: what was put for it is forgotten. `minute` is Unix time in seconds, a
 * multiple of 60. One that is older than RATES_MINUTES before the newest is not kept. */
void rates_begin(struct rates *rates, int64_t minute);
/* The counts of one key in that minute. */
void rates_put(struct rates *rates, int64_t minute, enum rate_kind kind, struct slice key,
    const struct rate_counts *counts);

/* Forgets minutes after this one: the clock that they were counted by was set back. */
void rates_forget_after(struct rates *rates, int64_t minute);

/* The newest minute that was begun; 0: none. */
int64_t rates_newest(const struct rates *rates);
/* Sums over [from, to), Unix seconds. A minute that was never begun counts as nothing. */
struct rate_counts rates_sum(
    const struct rates *rates, enum rate_kind kind, struct slice key, int64_t from, int64_t to);
/* Each key with any count in [from, to), once, with its sums, in no order. Keys live until the
 * next rates_begin. */
typedef void rates_each_fn(void *context, struct slice key, const struct rate_counts *counts);
void rates_each(const struct rates *rates, enum rate_kind kind, int64_t from, int64_t to,
    rates_each_fn *each, void *context);

#endif
