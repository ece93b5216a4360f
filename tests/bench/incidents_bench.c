/* What a turn of the incidents costs with a thousand cells of each kind, incidents open, and the
 * log's rates with so many keys of each kind in each minute of the hour: those of a large host, and
 * as many as there is room for. A table on standard output; the counts that a turn may ask of the
 * queue are not in it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "watch/incidents/incidents.h"

#define CELLS 1000
#define TURNS 60
#define KEY_BYTES 40
/* 2026-11-01T00:00:00Z */
#define START_S INT64_C(1793491200)

static const char *const causes[] = {"connection-refused", "google-rate", "dns-timeout",
    "over-quota", "greylisted", "local-service-down", "blocklist-spamhaus", "user-unknown"};
#define CAUSES (sizeof(causes) / sizeof(causes[0]))

static char (*keys)[KEY_BYTES];
static struct incident_cell cells[3][CELLS];
static struct incident_group groups[CAUSES];

static struct slice key(size_t i)
{
	return slice_of(keys[i % RATES_KEYS_MAX]);
}

static void fill_minute(struct rates *rates, int64_t minute, size_t count)
{
	rates_begin(rates, minute);
	for (unsigned kind = RATE_DOMAIN; kind < RATE_KINDS; kind++)
		for (size_t i = 0; i < count; i++)
			rates_put(rates, minute, (enum rate_kind)kind, key(i),
			    &(struct rate_counts){.n = {i % 50, i % 7, i % 3, i % 2, 0}});
	for (size_t i = 0; i < CAUSES; i++)
		rates_put(rates, minute, RATE_CAUSE, slice_of(causes[i]),
		    &(struct rate_counts){.n = {0, 0, 100, 20, 0}});
	rates_put(rates, minute, RATE_TOTAL, SLICE(""),
	    &(struct rate_counts){.n = {9000, 5000, 3000, 500, 0}});
}

static void fill_queue(struct incident_facts *facts)
{
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < CELLS; i++)
			cells[k][i] =
			    (struct incident_cell){key(i), slice_of(causes[(i + k) % CAUSES]),
				CELLS - i, CELLS - i, START_S, SLICE("451 4.7.1 try again")};
	for (size_t i = 0; i < CAUSES; i++)
		groups[i] =
		    (struct incident_group){slice_of(causes[i]), 100000, 100000, START_S, 500};
	facts->domain_causes = (struct incident_cells){cells[0], CELLS};
	facts->host_causes = (struct incident_cells){cells[1], CELLS};
	facts->provider_causes = (struct incident_cells){cells[2], CELLS};
	facts->causes = (struct incident_groups){groups, CAUSES};
	facts->counts[QUEUE_DEFERRED] = facts->messages = 1000000;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static int by_number(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static void measure(size_t count)
{
	struct incidents *incidents = incidents_create(1);
	struct incident_facts facts = {.queue_known = true,
	    .log_known = true,
	    .active_limit = 20000,
	    .null_sender_domains = -1,
	    .spool_bytes_free = -1,
	    .spool_inodes_free = -1,
	    .postfix_running = 1};
	struct rates *rates = rates_create();
	BUFFER_AUTO struct buffer saved = {0};
	double times[TURNS], begin;

	for (int m = 0; m < RATES_MINUTES; m++)
		fill_minute(rates, START_S + m * 60, count);
	fill_queue(&facts);
	facts.rates = rates;
	for (int t = 0; t < TURNS; t++) {
		facts.now = facts.log_newest =
		    START_S + (RATES_MINUTES - 1) * 60 + t * INCIDENTS_TURN;
		if (t % 6 == 0)
			fill_minute(rates, facts.now / 60 * 60, count);
		begin = now_ms();
		incidents_turn(incidents, &facts);
		times[t] = now_ms() - begin;
	}
	begin = now_ms();
	incidents_save(incidents, &saved);
	begin = now_ms() - begin;
	qsort(times + 1, TURNS - 1, sizeof(times[0]), by_number);
	printf("| %zu | %zu | %.1f ms | %.1f ms | %.1f ms | %zu kB | %.1f ms |\n", count,
	    incidents_count(incidents), times[0], times[TURNS / 2], times[TURNS - 1],
	    saved.len >> 10, begin);
	incidents_free(incidents);
	rates_free(rates);
}

int main(void)
{
	keys = memory_zero(RATES_KEYS_MAX, sizeof(*keys));
	for (size_t i = 0; i < RATES_KEYS_MAX; i++)
		snprintf(keys[i], KEY_BYTES, "somebody%zu@office%zu.example", i, i % 97);
	printf(
	    "| keys a minute | incidents | first turn | turn, median | longest after it | state | "
	    "saving it |\n|---|---|---|---|---|---|---|\n");
	measure(500);
	measure(RATES_KEYS_MAX);
	free(keys);
	return 0;
}
