/* Counters from what the log reader tells of each minute. A minute may be told again, with more in
 * it: what is more is added. So nothing is counted twice, late lines count, and no counter falls.
 *
 * Only minutes count that had not ended when this process began: a counter begins at 0, and what
 * the log had before that is no event of its time. */
#ifndef WATCH_LOG_METRICS_H
#define WATCH_LOG_METRICS_H

#include "watch/metrics/metrics.h"
#include "watch/rates/log_rates.h"

struct log_metrics;

/* The metrics outlive it. `started` is Unix time. */
struct log_metrics *log_metrics_create(struct metrics *metrics, int64_t started);
/* Accepts a pointer to NULL. */
void log_metrics_destroy(struct log_metrics **log);

/* As log_rates_begin, _put and _end: a frame's head, each count of it, its end. */
void log_metrics_begin(struct log_metrics *log, const struct log_rates_minute *minute, int64_t now);
void log_metrics_put(struct log_metrics *log, enum rate_kind kind, struct slice key,
    const struct rate_counts *counts);
void log_metrics_end(struct log_metrics *log);

#endif
