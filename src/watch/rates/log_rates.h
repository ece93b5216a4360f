/* What the log reader counted of each minute, taken in: the last hour of it in memory, all of it as
 * samples of five minutes in the store. A minute that is told again replaces what was told before.
 */
#ifndef WATCH_LOG_RATES_H
#define WATCH_LOG_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"
#include "watch/rates/rates.h"

/* Minutes are told when they are over, and the log may lag: with none for so long (seconds), what
 * is known is not how things are now. */
#define LOG_RATES_BEHIND 180
/* A minute that is further ahead of the clock is of a clock that was wrong: it is not taken. */
#define LOG_RATES_AHEAD 600

/* Quiet that is longer (seconds) is nobody's: all its minutes are gone through, one by one, and a
 * log reader that has been broken into may say anything. As LOG_PROTO_QUIET_MAX. */
#define LOG_RATES_QUIET_MAX (INT64_C(7) * 86400)

/* How far back the log is counted where there is no store that would say what is known. */
#define LOG_RATES_WITHOUT_STORE 86400

struct log_rates;

/* The head of a minute's counts, as struct log_proto_minute in wire/log_proto.h. */
struct log_rates_minute {
	int64_t minute, quiet; /* Unix seconds, multiples of 60 */
	bool first, last, past;
	struct rate_counts other[RATE_KINDS];
	struct rate_sums sums;
};

/* Told of every count of every minute, oldest first where the log's past is read. The same minute
 * may come again. */
typedef void log_rates_learn_fn(void *context, int64_t minute, enum rate_kind kind,
    struct slice key, const struct rate_counts *counts);

/* The store stays the caller's. It is asked what it has. */
struct log_rates *log_rates_create(struct store *store);
/* After the store. Accepts a pointer to NULL. */
void log_rates_destroy(struct log_rates **rates);

/* At most one; NULL: nobody. */
void log_rates_set_learner(struct log_rates *rates, log_rates_learn_fn *learn, void *context);

/* Some of one minute: its head, each count of it, its end. `now` is Unix time. One that is no whole
 * minute of a log, or claims quiet of more than LOG_RATES_QUIET_MAX, is not taken. */
void log_rates_begin(struct log_rates *rates, const struct log_rates_minute *minute, int64_t now);
void log_rates_put(struct log_rates *rates, enum rate_kind kind, struct slice key,
    const struct rate_counts *counts);
void log_rates_end(struct log_rates *rates);

/* The minutes of the last hour, or of the hour that was reached where the log's past is read. */
const struct rates *log_rates_minutes(const struct log_rates *rates);
/* They go up to now. */
bool log_rates_are_current(const struct log_rates *rates, int64_t now);
/* A log reader was (re)started. */
void log_rates_restart(struct log_rates *rates);
/* It should be asked now, once, to count from that time on (Unix seconds). False where nothing is
 * to be asked: it was, or the store has not answered yet. */
bool log_rates_ask(struct log_rates *rates, int64_t now, int64_t *from);
/* The store is behind: nothing should be read from the log reader for now. */
bool log_rates_are_behind(const struct log_rates *rates);

#endif
