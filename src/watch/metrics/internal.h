/* How the values of metrics.c stand in memory, for what writes them. Private to this folder. */
#ifndef WATCH_METRICS_INTERNAL_H
#define WATCH_METRICS_INTERNAL_H

#include "watch/metrics/metrics.h"

struct metric_series {
	char *labels[METRIC_LABELS_MAX]; /* valid UTF-8; NULL where the metric has fewer */
	double value;			 /* of a histogram: the sum */
	uint64_t *buckets; /* of a histogram: one for each bound, and one beyond; not added up */
};

struct metric_values {
	struct metric_series *series;
	size_t count;
	bool hidden;
};

struct metrics {
	struct metric_values values[METRICS];
};

#endif
