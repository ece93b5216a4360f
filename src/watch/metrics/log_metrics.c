/* What each of the last minutes has been counted with, so that the next telling of it adds no more
 * than the difference. */
#include "watch/metrics/log_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "postfix/diagnosis.h"

#define MINUTE 60
/* The log reader tells at most the last hour again (LOG_COUNT_AGAIN, log_rates_ask). */
#define MINUTES 64

struct counted_minute {
	int64_t at; /* 0: none */
	bool last;  /* of the frame in hand */
	struct rate_counts total;
	struct rate_sums sums;
	uint32_t *deferred; /* by diagnosis_index */
};

struct log_metrics {
	struct metrics *metrics;
	int64_t started, newest;
	struct counted_minute minutes[MINUTES]; /* at its number, modulo their count */
	struct counted_minute told;		/* in hand; at 0: not taken */
};

struct log_metrics *log_metrics_create(struct metrics *metrics, int64_t started)
{
	struct log_metrics *l = memory_zero(1, sizeof(*l));

	l->metrics = metrics;
	l->started = started;
	for (int i = 0; i < MINUTES; i++)
		l->minutes[i].deferred = memory_zero(diagnosis_count(), sizeof(uint32_t));
	l->told.deferred = memory_zero(diagnosis_count(), sizeof(uint32_t));
	/* Every kind from the beginning, so that their sum is there before the first deferral. */
	for (int family = 0; family < DIAGNOSIS_FAMILIES; family++)
		metrics_count(metrics, METRIC_DEFERRALS, METRICS_OTHER,
		    diagnosis_family_name((enum diagnosis_family)family), 0);
	return l;
}

void log_metrics_destroy(struct log_metrics **log)
{
	if (*log == NULL)
		return;
	for (int i = 0; i < MINUTES; i++)
		free((*log)->minutes[i].deferred);
	free((*log)->told.deferred);
	free(*log);
	*log = NULL;
}

static void renew(struct counted_minute *minute, int64_t at)
{
	uint32_t *deferred = minute->deferred;

	memset(deferred, 0, diagnosis_count() * sizeof(*deferred));
	*minute = (struct counted_minute){.at = at, .deferred = deferred};
}

void log_metrics_begin(struct log_metrics *l, const struct log_rates_minute *minute, int64_t now)
{
	/* The clock was set back: what is told now is of minutes that have not been before. */
	if (l->newest > now + LOG_RATES_AHEAD) {
		for (int i = 0; i < MINUTES; i++)
			renew(&l->minutes[i], 0);
		l->newest = 0;
	}
	if (minute->first)
		renew(&l->told, 0);
	if (minute->minute % MINUTE != 0 || minute->minute > now + LOG_RATES_AHEAD ||
	    minute->minute + MINUTE <= l->started ||
	    minute->minute <= l->newest - (MINUTES - 1) * MINUTE)
		return;
	l->told.at = minute->minute;
	l->told.last = minute->last;
	l->told.sums = minute->sums;
}

void log_metrics_put(
    struct log_metrics *l, enum rate_kind kind, struct slice key, const struct rate_counts *counts)
{
	const struct diagnosis *diagnosis;

	if (l->told.at == 0)
		return;
	if (kind == RATE_TOTAL)
		l->told.total = *counts;
	if (kind != RATE_CAUSE || (diagnosis = diagnosis_by_key(key)) == NULL)
		return;
	l->told.deferred[diagnosis_index(diagnosis)] = counts->n[RATE_DEFERRED];
}

/* How much more is told than was counted, which is that much more then. A reader of the log that
 * was started again may tell less of a minute than the one before it. */
static uint32_t more(uint32_t *counted, uint32_t told)
{
	uint32_t difference = told > *counted ? told - *counted : 0;

	*counted += difference;
	return difference;
}

static void add_totals(struct log_metrics *l, struct counted_minute *minute)
{
	uint32_t attempts = 0;

	for (int result = 0; result < RATE_RESULTS; result++) {
		uint32_t n = more(&minute->total.n[result], l->told.total.n[result]);

		if (result == RATE_RECEIVED) {
			metrics_count(l->metrics, METRIC_RECEIVED_RECIPIENTS, NULL, NULL, n);
			continue;
		}
		metrics_count(l->metrics, METRIC_DELIVERIES,
		    rate_result_name((enum rate_result)result), NULL, n);
		/* An expiry is the queue manager's decision, and no attempt. */
		attempts += result == RATE_EXPIRED ? 0 : n;
	}
	metrics_count(l->metrics, METRIC_ATTEMPTS, NULL, NULL, attempts);
	for (int way = 0; way < RATE_WAYS; way++)
		metrics_count(l->metrics, METRIC_RECEIVED_MESSAGES,
		    rate_way_name((enum rate_way)way), NULL,
		    more(&minute->sums.messages[way], l->told.sums.messages[way]));
}

static void add_delays(struct log_metrics *l, struct counted_minute *minute)
{
	uint64_t counts[RATE_DELAY_BOUNDS + 1], before = minute->sums.delay_ms;
	bool any = false;

	for (int bucket = 0; bucket <= RATE_DELAY_BOUNDS; bucket++) {
		counts[bucket] = more(&minute->sums.delays[bucket], l->told.sums.delays[bucket]);
		any |= counts[bucket] > 0;
	}
	if (!any)
		return;
	if (l->told.sums.delay_ms > before)
		minute->sums.delay_ms = l->told.sums.delay_ms;
	metrics_observe_many(l->metrics, METRIC_DELIVERY_DELAY, NULL, counts,
	    (double)(minute->sums.delay_ms - before) / 1000);
}

static void add_deferrals(struct log_metrics *l, struct counted_minute *minute)
{
	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *diagnosis = diagnosis_at(i);
		uint32_t n = more(&minute->deferred[i], l->told.deferred[i]);

		if (n > 0)
			metrics_count(l->metrics, METRIC_DEFERRALS, diagnosis->key,
			    diagnosis_family_name(diagnosis->family), n);
	}
}

static void count_minute(struct log_metrics *l)
{
	struct counted_minute *minute = &l->minutes[l->told.at / MINUTE % MINUTES];

	if (minute->at != l->told.at)
		renew(minute, l->told.at);
	if (l->told.at > l->newest)
		l->newest = l->told.at;
	add_totals(l, minute);
	add_delays(l, minute);
	add_deferrals(l, minute);
}

void log_metrics_end(struct log_metrics *l)
{
	if (l->told.at != 0 && l->told.last)
		count_minute(l);
}
