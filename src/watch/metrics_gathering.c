/* The queue from the index's totals and from the last survey, the host and incidents as the last
 * turn knew them. What the source cannot tell is not set, and so is absent. */
#include "watch/metrics_gathering.h"

#include <stdlib.h>

#include "base/memory.h"
#include "postfix/diagnosis.h"
#include "watch/metrics/metric_top.h"

struct metrics_gathering {
	struct metrics *metrics;
	struct query *query;
	const struct incident_watch *watch;
	const struct log_rates *rates;
	struct metric_top *destinations, *diagnoses;
	int64_t started;
	int64_t taken; /* the look at the queue that both tops are of; 0: none */
};

struct metrics_gathering *metrics_gathering_create(struct metrics *metrics, struct query *query,
    const struct incident_watch *watch, const struct log_rates *rates, size_t destinations,
    int64_t started)
{
	struct metrics_gathering *g = memory_zero(1, sizeof(*g));

	g->metrics = metrics;
	g->query = query;
	g->watch = watch;
	g->rates = rates;
	g->started = started;
	g->destinations = metric_top_create(destinations);
	g->diagnoses = metric_top_create(METRICS_DIAGNOSES_MAX);
	return g;
}

void metrics_gathering_destroy(struct metrics_gathering **gathering)
{
	if (*gathering == NULL)
		return;
	metric_top_destroy(&(*gathering)->destinations);
	metric_top_destroy(&(*gathering)->diagnoses);
	free(*gathering);
	*gathering = NULL;
}

/* ---- The largest ---- */

static int most_first(const void *a, const void *b)
{
	const struct metric_top_entry *x = a, *y = b;

	return x->value < y->value ? 1 : x->value > y->value ? -1 : slice_compare(x->key, y->key);
}

/* By recipients; a survey has its groups by messages. */
static void take(struct metric_top *top, const struct survey_groups *groups, int64_t now)
{
	MEMORY_AUTO struct metric_top_entry *entries =
	    memory_zero(groups->count + 1, sizeof(*entries));
	size_t count = 0;

	for (size_t i = 0; i < groups->count; i++)
		/* Whatever a domain looks like, what could be an address is nobody's label. */
		if (groups->items[i].key.len > 0 && slice_find_char(groups->items[i].key, '@') < 0)
			entries[count++] = (struct metric_top_entry){
			    groups->items[i].key, groups->items[i].recipients};
	qsort(entries, count, sizeof(*entries), most_first);
	metric_top_take(top, entries, count, groups->count < SURVEY_GROUPS_MAX, now);
}

static const struct survey_group *group_of(const struct survey_groups *groups, struct slice key)
{
	for (size_t i = 0; i < groups->count; i++)
		if (slice_equal(groups->items[i].key, key))
			return &groups->items[i];
	return NULL;
}

/* ---- The queue ---- */

static void set_queue(struct metrics_gathering *g, enum metric metric, int queue, double value)
{
	metrics_set(g->metrics, metric, slice_of(queue_name((enum queue)queue)), SLICE(""), value);
}

static double age(int64_t now, int64_t since)
{
	return since == 0 || since > now ? 0 : (double)(now - since);
}

static void fill_queues(struct metrics_gathering *g, const struct index_status *status,
    const struct survey_result *found, int64_t now)
{
	for (int q = 0; q < QUEUE_COUNT; q++) {
		/* Files there are counted and not read. */
		if (q == QUEUE_CORRUPT) {
			set_queue(g, METRIC_QUEUE_MESSAGES, q,
			    status->corrupt_known ? (double)status->corrupt : -1);
			continue;
		}
		set_queue(g, METRIC_QUEUE_MESSAGES, q, (double)status->counts[q]);
		if (found == NULL)
			continue;
		set_queue(g, METRIC_QUEUE_BYTES, q, (double)found->queues[q].bytes);
		set_queue(g, METRIC_QUEUE_RECIPIENTS, q, (double)found->queues[q].recipients);
		set_queue(g, METRIC_QUEUE_OLDEST, q,
		    status->counts[q] > 0 ? age(now, found->oldest[q]) : 0);
	}
}

static void fill_ages(struct metrics_gathering *g, const struct survey_result *found)
{
	static const char *const spans[SURVEY_SPANS] = {"1h", "4h", "24h"};

	for (unsigned i = 0; i < SURVEY_AGES; i++)
		metrics_set(g->metrics, METRIC_QUEUE_AGE_MESSAGES, slice_of(survey_age_name(i)),
		    SLICE(""), (double)found->ages[i]);
	for (unsigned i = 0; i < SURVEY_SPANS && found->expiring_known; i++)
		metrics_set(g->metrics, METRIC_QUEUE_EXPIRING, slice_of(spans[i]), SLICE(""),
		    (double)found->expiring_within[i]);
	metrics_set_one(g->metrics, METRIC_QUEUE_DUE, (double)found->due);
}

/* Those that wait for a reason that has a diagnosis; the others have none yet. */
static void fill_diagnoses(struct metrics_gathering *g, const struct survey_result *found)
{
	uint64_t all = 0, told = 0;

	for (size_t i = 0; i < found->causes.count; i++)
		all += found->causes.items[i].key.len > 0 ? found->causes.items[i].recipients : 0;
	for (size_t i = 0; i < metric_top_count(g->diagnoses); i++) {
		int64_t value;
		struct slice key = metric_top_at(g->diagnoses, i, &value);
		const struct diagnosis *diagnosis = diagnosis_by_key(key);

		if (diagnosis == NULL || value < 0)
			continue;
		told += (uint64_t)value;
		metrics_set(g->metrics, METRIC_QUEUE_DIAGNOSIS_RECIPIENTS, key,
		    slice_of(diagnosis_severity_name(diagnosis->severity)), (double)value);
	}
	metrics_set(g->metrics, METRIC_QUEUE_DIAGNOSIS_RECIPIENTS, SLICE(METRICS_OTHER), SLICE(""),
	    all > told ? (double)(all - told) : 0);
}

static void fill_destination(struct metrics_gathering *g, const struct survey_result *found,
    struct slice key, int64_t value, int64_t now)
{
	const struct survey_group *group = group_of(&found->domains, key);
	int64_t took = incident_watch_last_took(g->watch, key);

	metrics_set(g->metrics, METRIC_DESTINATION_QUEUED, key, SLICE(""), (double)value);
	if (value >= 0)
		metrics_set(g->metrics, METRIC_DESTINATION_OLDEST, key, SLICE(""),
		    group != NULL ? age(now, group->oldest_arrival) : 0);
	metrics_set(g->metrics, METRIC_DESTINATION_LAST_SUCCESS, key, SLICE(""),
	    took > 0 ? (double)took : -1);
}

static void fill_destinations(
    struct metrics_gathering *g, const struct survey_result *found, int64_t now)
{
	uint64_t told = 0;

	for (size_t i = 0; i < metric_top_count(g->destinations); i++) {
		int64_t value;
		struct slice key = metric_top_at(g->destinations, i, &value);

		fill_destination(g, found, key, value, now);
		told += value > 0 ? (uint64_t)value : 0;
	}
	metrics_set(g->metrics, METRIC_DESTINATION_QUEUED, SLICE(METRICS_OTHER), SLICE(""),
	    found->waiting_recipients > told ? (double)(found->waiting_recipients - told) : 0);
}

static void fill_share(struct metrics_gathering *g, const char *by,
    const struct survey_groups *groups, uint64_t messages)
{
	double share = groups->count == 0 || messages == 0
			   ? 0
			   : (double)groups->items[0].messages / (double)messages;

	metrics_set(
	    g->metrics, METRIC_SENDER_TOP_SHARE, slice_of(by), SLICE(""), share < 1 ? share : 1);
}

static void fill_shares(struct metrics_gathering *g, const struct survey_result *found)
{
	uint64_t messages = 0;

	for (int i = 0; i < SURVEY_AGES; i++)
		messages += found->ages[i];
	fill_share(g, "login", &found->logins, messages);
	fill_share(g, "client", &found->clients, messages);
	fill_share(g, "sender", &found->senders, messages);
}

static void fill_survey(struct metrics_gathering *g, const struct survey_result *found, int64_t now)
{
	int64_t looked_at = incident_gathering_looked_at(incident_watch_gathering(g->watch));

	if (g->taken != looked_at) {
		g->taken = looked_at;
		take(g->destinations, &found->domains, now);
		take(g->diagnoses, &found->causes, now);
	}
	fill_ages(g, found);
	fill_diagnoses(g, found);
	fill_destinations(g, found, now);
	fill_shares(g, found);
	metrics_set_one(g->metrics, METRIC_SURVEY_AGE, age(now, looked_at));
}

static void fill_queue(struct metrics_gathering *g, int64_t now, bool queue_read)
{
	const struct survey_result *found =
	    incident_gathering_found(incident_watch_gathering(g->watch));
	struct index_status status;

	query_status(g->query, query_scope_all(), now, &status);
	queue_read = queue_read && status.state == INDEX_CURRENT;
	metrics_set_one(g->metrics, METRIC_SOURCE_READABLE, queue_read);
	if (status.as_of != 0)
		metrics_set_one(g->metrics, METRIC_SOURCE_AGE, age(now, status.as_of));
	if (!queue_read)
		return;
	fill_queues(g, &status, found, now);
	if (found != NULL)
		fill_survey(g, found, now);
}

/* ---- The rest ---- */

static void fill_host(struct metrics_gathering *g)
{
	const struct incident_gathering *gathering = incident_watch_gathering(g->watch);
	const struct incident_host *host = incident_gathering_host(gathering);
	struct incident_settings settings = incident_gathering_settings(gathering);

	metrics_set_one(g->metrics, METRIC_UP, host->postfix_running);
	metrics_set_one(g->metrics, METRIC_SPOOL_FREE_BYTES, (double)host->bytes_free);
	metrics_set_one(g->metrics, METRIC_SPOOL_SIZE_BYTES, (double)host->bytes);
	metrics_set_one(g->metrics, METRIC_SPOOL_FREE_INODES, (double)host->inodes_free);
	metrics_set_one(g->metrics, METRIC_SPOOL_INODES, (double)host->inodes);
	metrics_set_one(g->metrics, METRIC_QUEUE_MINFREE, (double)settings.queue_minfree);
	metrics_set_one(g->metrics, METRIC_QUEUE_ACTIVE_LIMIT, (double)settings.active_limit);
}

static void fill_incidents(struct metrics_gathering *g)
{
	if (incident_watch_as_of(g->watch) == 0)
		return;
	for (int severity = INCIDENT_NOTE; severity <= INCIDENT_ACT; severity++)
		metrics_set(g->metrics, METRIC_INCIDENTS,
		    slice_of(incident_severity_name((enum incident_severity)severity)), SLICE(""),
		    incident_watch_open(g->watch, (enum incident_severity)severity));
}

/* Counters of the log while it is read, and its counting is not behind. In the first minutes there
 * is nothing that it could be behind of. */
static void fill_log(struct metrics_gathering *g, int64_t now, const struct incident_log *log)
{
	static const enum metric counted[] = {METRIC_RECEIVED_MESSAGES, METRIC_RECEIVED_RECIPIENTS,
	    METRIC_ATTEMPTS, METRIC_DELIVERIES, METRIC_DEFERRALS, METRIC_DELIVERY_DELAY};
	int64_t newest = rates_newest(log_rates_minutes(g->rates));
	bool known = log->known &&
		     (log_rates_are_current(g->rates, now) || now - g->started < LOG_RATES_BEHIND);

	metrics_set_one(g->metrics, METRIC_LOG_READABLE, log->known);
	if (log->known && newest > 0)
		metrics_set_one(g->metrics, METRIC_LOG_LAG, age(now, newest + 60));
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		metrics_hide(g->metrics, counted[i], !known);
}

void metrics_gathering_fill(
    struct metrics_gathering *g, int64_t now, bool queue_read, const struct incident_log *log)
{
	fill_host(g);
	fill_queue(g, now, queue_read);
	fill_incidents(g);
	fill_log(g, now, log);
}
