/* The index alone, and what incidents take of the server: times of pages, filters, groups and
 * views, and memory, at a given size.
 *     index_bench [messages [load]]   a table on standard output; with `load` only what loading,
 *                                     keeping and restoring cost */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "index/groups/groups.h"
#include "index/groups/survey.h"
#include "index/views/view.h"
#include "query/query.h"
#include "watch/incident_budget.h"
#include "watch/incident_gathering.h"
#include "watch/incident_tracking.h"
#include "watch/incident_watch.h"
#include "world.h"

#define RUNS 100

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *name, double *ms, size_t count)
{
	qsort(ms, count, sizeof(*ms), compare_doubles);
	printf("| %-44s | %8.2f | %8.2f |\n", name, ms[count / 2], ms[count - 1 - count / 100]);
}

/* An inode as long IDs have it (Postfix: safe_ultostr.c). */
static const char *base51(uint64_t n)
{
	static const char digits[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy";
	static char text[16];
	size_t at = sizeof(text) - 1;

	do
		text[--at] = digits[n % 51];
	while ((n /= 51) != 0);
	return text + at;
}

/* Makes message n as its source would tell it; returns the bytes of text that only it has. */
static size_t make(struct message *m, uint64_t n, int64_t now, bool only_one)
{
	struct world_message w;
	size_t own = 0;

	message_clear(m);
	world_message(n, now, only_one, &w);
	/* Of both forms, with the inode in it; the times in long ones do not matter here. */
	if (w.long_id)
		snprintf(m->id, sizeof(m->id), "4bJkB%05lluz%s", (unsigned long long)(n % 100000),
		    base51(n + 0x10000));
	else
		snprintf(m->id, sizeof(m->id), "%05llX%llX", (unsigned long long)(n * 7 % 0xF4240),
		    (unsigned long long)(n + 0x10000));
	m->queue = QUEUE_DEFERRED;
	m->known = MESSAGE_KNOWS_NEXT_RETRY | MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN |
		   MESSAGE_KNOWS_SUBJECT | MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_REASONS |
		   MESSAGE_KNOWS_DETAILS;
	m->arrival = m->create_time = w.arrival_us / 1000000;
	m->next_retry = w.next_retry;
	m->size = w.body + 500;
	m->inode = n + 0x10000;
	m->sender = message_keep(m, slice_of(w.sender));
	m->subject = message_keep(m, slice_of(w.subject));
	m->client_name = message_keep(m, slice_of(w.client_name));
	m->client_address = message_keep(m, slice_of(w.client_address));
	m->login = message_keep(m, slice_of(w.login));
	m->helo = message_keep(m, slice_of(w.helo));
	own += m->subject.len + strlen(m->id);
	for (unsigned r = 0; r < w.recipients; r++) {
		struct world_recipient from;
		struct message_recipient *to = message_add_recipient(m);
		world_recipient(&w, r, &from);
		to->address = message_keep(m, slice_of(from.address));
		to->reason = message_keep(m, slice_of(from.reason));
		to->dsn = message_keep(m, slice_of(from.dsn));
		to->remote = message_keep(m, slice_of(from.host));
		own += to->address.len + (from.diagnostic[0] ? to->reason.len : 0);
	}
	return own;
}

static size_t tell(struct index *ix, uint64_t n, int64_t now, bool only_one)
{
	MESSAGE_AUTO struct message m;
	size_t own;

	message_init(&m);
	own = make(&m, n, now, only_one);
	index_upsert(ix, &m);
	return own;
}

/* A few changes between two measurements, so that nothing can be answered from before. */
static void churn(struct index *ix, uint64_t count, int64_t now)
{
	static uint64_t next;

	for (int i = 0; i < 20; i++, next++)
		tell(ix, next % count, now + (int64_t)(next & 1), false);
}

static void bench_pages(struct index *ix, uint64_t count, int64_t now, const char *text)
{
	static const char *const sorts[] = {"-arrival", "arrival", "size", "-size", "sender",
	    "-sender", "next_retry", "recipients", "id", "-id"};
	struct filter *f = filter_parse(slice_of(text), NULL);
	struct index_match match = {0};
	double ms[RUNS];
	uint32_t rows[1000];
	char name[100];

	for (size_t s = 0; s < sizeof(sorts) / sizeof(*sorts); s++) {
		struct index_sort sort;
		index_sort_parse(slice_of(sorts[s]), &sort, NULL);
		for (int i = 0; i < RUNS; i++) {
			churn(ix, count, now);
			double start = now_ms();
			index_page(ix, f, sort, SLICE(""), 100, now, rows, &match, NULL, NULL);
			ms[i] = now_ms() - start;
		}
		snprintf(
		    name, sizeof(name), "page by %s, %s", sorts[s], *text ? text : "no filter");
		report(name, ms, RUNS);
	}
	printf("(matched %llu)\n", (unsigned long long)match.messages);
	filter_free(f);
}

static void bench_groups(struct index *ix, uint64_t count, int64_t now)
{
	double ms[RUNS];
	char name[100];

	for (enum group_key key = 0; key < GROUP_KEY_COUNT; key++) {
		for (int i = 0; i < RUNS; i++) {
			struct groups g;
			churn(ix, count, now);
			double start = now_ms();
			groups_count(ix, NULL, &key, 1, 20, now, &g);
			ms[i] = now_ms() - start;
			groups_free(&g);
		}
		snprintf(name, sizeof(name), "groups by %s", group_key_name(key));
		report(name, ms, RUNS);
	}
}

/* What incidents are noticed from: the longest step and the whole of it, in processor time. */
static void bench_survey(struct index *ix, uint64_t count, int64_t now)
{
	enum { SURVEYS = 20 };
	double whole[SURVEYS], longest[SURVEYS], result[SURVEYS];
	struct survey *s = survey_create(ix);

	for (int i = 0; i < SURVEYS; i++) {
		struct survey_result found;
		bool more = true;

		survey_begin(s, now);
		whole[i] = longest[i] = 0;
		while (more) {
			churn(ix, count, now);
			double start = cpu_ms(), took;
			more = survey_step(s, INCIDENT_GATHERING_ROWS);
			took = cpu_ms() - start;
			whole[i] += took;
			longest[i] = took > longest[i] ? took : longest[i];
		}
		double start = cpu_ms();
		survey_result(s, &found);
		result[i] = cpu_ms() - start;
		survey_result_free(&found);
	}
	survey_free(&s);
	report("survey, all steps", whole, SURVEYS);
	report("survey, the longest step", longest, SURVEYS);
	report("survey, its result", result, SURVEYS);
}

/* A minute with as many keys of each kind as are kept, others in each minute. In an attack each
 * sends a hundred times what it did, and much of it fails: all are suspects at once. */
static void fill_minute(struct log_rates *rates, struct store *store, int64_t minute, bool attack)
{
	const struct log_rates_minute head = {
	    .minute = minute, .quiet = minute, .first = true, .last = true};
	const struct rate_counts counts = attack ? (struct rate_counts){{100, 60, 20, 20, 0}}
						 : (struct rate_counts){{1, 1, 0, 0, 0}};
	char key[40];

	log_rates_begin(rates, &head, minute);
	for (int kind = 0; kind < RATE_KINDS; kind++)
		for (int i = 0; i < (kind == RATE_TOTAL ? 1 : (int)RATES_KEYS_MAX); i++) {
			snprintf(key, sizeof(key), "k%lld.example",
			    (long long)((minute / 60 * 37 + i) % RATES_KEYS_MAX));
			log_rates_put(rates, (enum rate_kind)kind,
			    kind == RATE_TOTAL ? SLICE("") : slice_of(key), &counts);
		}
	log_rates_end(rates);
	/* As the server does: what waits for the store would be kept for ever. */
	store_dispatch(store);
}

/* What a turn of the incidents takes of the server beside its share of the survey. */
static void bench_turns(struct index *ix, uint64_t count, int64_t now)
{
	enum { TURNS = 40 };
	struct query *query = query_create(ix);
	struct store *store = store_create("/nonexistent/index-bench.db");
	struct notices *notices = notices_create();
	struct log_rates *rates = log_rates_create(store);
	struct incident_gathering *gathering = incident_gathering_create(query, notices, rates);
	struct incident_tracking *tracking = incident_tracking_create();
	struct incidents *incidents = incidents_create(1);
	const struct incident_log log = {true, now, now - 86400};
	struct incident_budget budget = {.left_us = 0};
	double share[TURNS], turn[TURNS], both[TURNS];

	now -= now % 60;
	for (int64_t minute = now - 3600; minute < now; minute += 60)
		fill_minute(rates, store, minute, false);
	/* The first turn learns all of the hour, once. */
	for (int i = -1; i < TURNS; i++, now += INCIDENTS_TURN) {
		const struct incident_facts *facts;
		double start, took, before;

		if (now % 60 == 0)
			fill_minute(rates, store, now - 60, true);
		start = cpu_ms();
		incident_gathering_look(gathering, now);
		incident_budget_begin(&budget);
		do
			before = cpu_ms();
		while (incident_gathering_step(gathering) &&
		       incident_budget_step(&budget, (int64_t)((cpu_ms() - before) * 1000)));
		took = cpu_ms() - start;
		share[i < 0 ? 0 : i] = took;
		churn(ix, count, now);
		start = cpu_ms();
		facts = incident_gathering_facts(gathering, now, true, &log);
		incidents_turn(incidents, facts);
		incident_tracking_take(tracking, incidents, now);
		took = cpu_ms() - start;
		turn[i < 0 ? 0 : i] = took;
		both[i < 0 ? 0 : i] = took + share[i < 0 ? 0 : i];
		incident_budget_turn(&budget, (int64_t)(took * 1000));
		if (i < 0)
			printf("(the first turn: %.1f ms)\n", took);
	}
	report("incidents: share of the survey in a turn", share, TURNS);
	report("incidents: the turn itself", turn, TURNS);
	report("incidents: both", both, TURNS);
	printf("(%zu incidents; the survey is %lld s old)\n", incidents_count(incidents),
	    (long long)(now - incident_gathering_looked_at(gathering)));
	incidents_free(incidents);
	incident_tracking_destroy(&tracking);
	incident_gathering_destroy(&gathering);
	store_destroy(&store);
	log_rates_destroy(&rates);
	notices_destroy(&notices);
	query_free(query);
}

static void bench_settle(struct index *ix)
{
	double start = now_ms();

	while (index_settle(ix, 1000))
		;
	printf("classes and diagnoses of all reasons: %.0f ms\n", now_ms() - start);
}

static void bench_views(struct index *ix, int64_t now)
{
	static const char *const sorts[] = {"-arrival", "size", "sender", "recipients", "id"};
	double ms[10];
	char name[100];

	for (size_t s = 0; s < sizeof(sorts) / sizeof(*sorts); s++) {
		struct index_sort sort;
		index_sort_parse(slice_of(sorts[s]), &sort, NULL);
		for (int i = 0; i < 10; i++) {
			double start = now_ms();
			const struct view *v = view_create(ix, NULL, SLICE(""), sort, now);
			ms[i] = now_ms() - start;
			view_drop(ix, slice_of(view_id(v)));
		}
		snprintf(name, sizeof(name), "view of everything by %s", sorts[s]);
		report(name, ms, 10);
	}
}

/* Memory of this process that is its own and there. */
static size_t anonymous(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[200];
	unsigned long kb = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Anonymous: %lu", &kb) == 1)
			break;
	}
	if (file)
		fclose(file);
	return kb * 1024;
}

static void bench_snapshot(struct index *ix)
{
	char path[] = "/tmp/postroom-index-bench-XXXXXX";
	struct index *again = index_create();
	double start, saved, restored;
	struct error err;
	int fd = mkstemp(path);

	close(fd);
	start = cpu_ms();
	if (!index_save(ix, path, &err))
		printf("cannot save: %s\n", err.text);
	saved = cpu_ms();
	if (!index_restore(again, path, &err))
		printf("cannot restore: %s\n", err.text);
	restored = cpu_ms();
	printf("saved in %.0f ms, restored in %.0f ms of processor time\n", saved - start,
	    restored - saved);
	index_free(again);
	unlink(path);
}

static void bench_memory(uint64_t count, int64_t now)
{
	MESSAGE_AUTO struct message m;
	struct index *ix = index_create();
	double start = cpu_ms(), made, loaded, again;
	size_t own = 0, before, after;

	message_init(&m);
	for (uint64_t n = 0; n < count; n++)
		own += make(&m, n, now, true);
	made = cpu_ms() - start;
	before = anonymous();
	start = cpu_ms();
	for (uint64_t n = 0; n < count; n++) {
		make(&m, n, now, true);
		index_upsert(ix, &m);
	}
	loaded = cpu_ms() - start;
	while (index_settle(ix, 1000))
		;
	after = anonymous();
	start = cpu_ms();
	for (uint64_t n = 0; n < count; n++) {
		make(&m, n, now, true);
		index_upsert(ix, &m);
	}
	again = cpu_ms() - start;
	printf("one-recipient messages: %.1f bytes each beside %.1f of own text; loaded in %.0f "
	       "ms, told again in %.0f ms of processor time\n",
	    ((double)after - (double)before - (double)own) / (double)count,
	    (double)own / (double)count, loaded - made, again - made);
	bench_snapshot(ix);
	index_free(ix);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	int64_t now = clock_now();
	struct index *ix;

	bench_memory(count, now);
	if (argc > 2 && strcmp(argv[2], "load") == 0)
		return 0;
	ix = index_create();
	index_scan_begin(ix, true, count);
	for (uint64_t n = 0; n < count; n++)
		tell(ix, n, now, false);
	index_scan_end(ix, true, now);
	printf("\n%llu messages\n\n| %-44s | p50 ms   | p99 ms   |\n|---|---|---|\n",
	    (unsigned long long)count, "");
	bench_settle(ix);
	bench_survey(ix, count, now);
	bench_turns(ix, count, now);
	bench_pages(ix, count, now, "");
	bench_pages(ix, count, now, "from:sender11.example reason:refused");
	bench_pages(ix, count, now, "a7 or reason:unusual or subject:99");
	bench_groups(ix, count, now);
	bench_views(ix, now);
	index_free(ix);
	return 0;
}
