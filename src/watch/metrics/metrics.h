/* What Prometheus is told: one table of metrics, their values, and their text. The table makes the
 * output, docs/metrics.md and the Grafana board (tools/metrics). Pure: no clock, no I/O.
 *
 * Gauges are set anew for each scrape, between metrics_begin and metrics_write. One that is not set
 * is not told: what is not known is absent, never 0. Counters and histograms are added to as things
 * happen, stay for the life of the process, and never fall.
 *
 * The number of lines is bounded by the table: whatever comes, no metric has more than its
 * `series_max`, and all together no more than METRICS_SERIES_MAX. Addresses, logins and queue IDs
 * are never labels. */
#ifndef WATCH_METRICS_H
#define WATCH_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

enum metric {
	METRIC_UP,
	METRIC_INFO,
	METRIC_QUEUE_MESSAGES,
	METRIC_QUEUE_BYTES,
	METRIC_QUEUE_RECIPIENTS,
	METRIC_QUEUE_OLDEST,
	METRIC_QUEUE_AGE_MESSAGES,
	METRIC_QUEUE_DIAGNOSIS_RECIPIENTS,
	METRIC_QUEUE_EXPIRING,
	METRIC_QUEUE_DUE,
	METRIC_RECEIVED_MESSAGES,
	METRIC_RECEIVED_RECIPIENTS,
	METRIC_ATTEMPTS,
	METRIC_DELIVERIES,
	METRIC_DEFERRALS,
	METRIC_DELIVERY_DELAY,
	METRIC_DESTINATION_QUEUED,
	METRIC_DESTINATION_OLDEST,
	METRIC_DESTINATION_LAST_SUCCESS,
	METRIC_SENDER_TOP_SHARE,
	METRIC_SPOOL_FREE_BYTES,
	METRIC_SPOOL_SIZE_BYTES,
	METRIC_SPOOL_FREE_INODES,
	METRIC_SPOOL_INODES,
	METRIC_QUEUE_MINFREE,
	METRIC_QUEUE_ACTIVE_LIMIT,
	METRIC_INCIDENTS,
	METRIC_ALERTS,
	METRIC_ALERTS_WAITING,
	METRIC_ALERT_CHANNELS_FAILING,
	METRIC_PAUSES,
	METRIC_PAUSES_NOT_HOLDING,
	METRIC_PROBES,
	METRIC_JOBS,
	METRIC_JOB_MESSAGES,
	METRIC_SOURCE_READABLE,
	METRIC_SOURCE_AGE,
	METRIC_SURVEY_AGE,
	METRIC_LOG_READABLE,
	METRIC_LOG_LAG,
	METRIC_LOG_UNREADABLE_LINES,
	METRIC_ROLE_UP,
	METRIC_ROLE_RESTARTS,
	METRIC_HTTP_DURATION,
	METRIC_BUILD_INFO,
	METRIC_PROCESS_START,
	METRIC_PROCESS_CPU,
	METRIC_PROCESS_RESIDENT_MAX,
	METRICS
};

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM, METRIC_INFORMATION };

#define METRIC_LABELS_MAX 2

struct metric_row {
	const char *name; /* without the _total of a counter and the _info of information */
	enum metric_type type;
	const char *unit;   /* the last part of the name; "": none */
	const char *labels; /* names, separated by blanks; "": none */
	/* All values of a single label, separated by blanks, which a counter or histogram has from
	 * the beginning; NULL: they come as they are seen. */
	const char *values;
	unsigned series_max; /* lines, with those of a histogram's buckets, sum and count */
	const char *help;    /* one sentence without its full stop */
	const char *from;    /* where the number comes from, for people */
};

/* Lines of one answer at most; a test adds the table up. */
#define METRICS_SERIES_MAX 600
/* Of the setting metrics.destinations. */
#define METRICS_DESTINATIONS_MAX 50
#define METRICS_DESTINATIONS 20
/* Diagnoses that are told apart, of some 160; the others count as "other", by their kind. */
#define METRICS_DIAGNOSES_MAX 40
/* What is beyond a bound is counted here. */
#define METRICS_OTHER "other"
/* Bytes of a label's value; longer ones are cut. A domain has at most 253. */
#define METRICS_LABEL_MAX 253

/* By its number below METRICS. */
const struct metric_row *metric_row(enum metric metric);
/* Upper bounds in seconds; 0 for one that is no histogram. */
size_t metric_bounds(enum metric metric, const double **bounds);

/* The patterns of routes that requests are timed by (METRIC_HTTP_DURATION); others count as
 * "other". */
const char *metrics_route(const char *pattern);

struct metrics;

struct metrics *metrics_create(void);
/* Accepts a pointer to NULL. */
void metrics_destroy(struct metrics **metrics);

/* ---- As things happen ---- */

/* Adds to a counter. `second` NULL where there is one label, both where there is none. */
void metrics_count(
    struct metrics *metrics, enum metric metric, const char *first, const char *second, uint64_t n);
/* A counter that somebody else keeps: it becomes `n`, unless it is that or more already. */
void metrics_count_to(
    struct metrics *metrics, enum metric metric, const char *first, const char *second, double n);
/* One value of a histogram, or many: `counts` has one for each bound, and one beyond the last. */
void metrics_observe(
    struct metrics *metrics, enum metric metric, const char *label, double seconds);
void metrics_observe_many(struct metrics *metrics, enum metric metric, const char *label,
    const uint64_t *counts, double sum);
/* A counter or histogram is not known for now, and is not told; or it is again, with all that was
 * counted. */
void metrics_hide(struct metrics *metrics, enum metric metric, bool hide);

/* ---- For a scrape ---- */

/* Forgets all gauges. */
void metrics_begin(struct metrics *metrics);
/* A value that is below 0 is not known, and nothing is set. What there is no room for is left out.
 */
void metrics_set(struct metrics *metrics, enum metric metric, struct slice first,
    struct slice second, double value);
/* The same without labels. */
void metrics_set_one(struct metrics *metrics, enum metric metric, double value);

enum metrics_format {
	METRICS_TEXT,	    /* Prometheus's text form 0.0.4 */
	METRICS_OPENMETRICS /* OpenMetrics 1.0 */
};
/* Which of the two an Accept header wants; METRICS_TEXT where it says nothing of either. */
enum metrics_format metrics_format_of(struct slice accept);
const char *metrics_content_type(enum metrics_format format);
/* Appends. Values of labels are valid UTF-8 there, without control characters, and escaped. */
void metrics_write(const struct metrics *metrics, enum metrics_format format, struct buffer *out);
/* Lines that metrics_write gives, without those that begin with #. */
size_t metrics_series(const struct metrics *metrics);

#endif
