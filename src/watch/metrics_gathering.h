/* Fills the gauges of Postfix for a scrape: all from what is counted already. No row of the index
 * is looked at, nothing is asked of another process, and no file is read. */
#ifndef WATCH_METRICS_GATHERING_H
#define WATCH_METRICS_GATHERING_H

#include "watch/incident_watch.h"
#include "watch/metrics/metrics.h"

struct metrics_gathering;

/* All outlive it. `destinations`: how many are told apart, at most METRICS_DESTINATIONS_MAX.
 * `started`: Unix seconds. */
struct metrics_gathering *metrics_gathering_create(struct metrics *metrics, struct query *query,
    const struct incident_watch *watch, const struct log_rates *rates, size_t destinations,
    int64_t started);
/* Accepts a pointer to NULL. */
void metrics_gathering_destroy(struct metrics_gathering **gathering);

/* `queue_read`: the source of the queue can be read now. */
void metrics_gathering_fill(struct metrics_gathering *gathering, int64_t now, bool queue_read,
    const struct incident_log *log);

#endif
