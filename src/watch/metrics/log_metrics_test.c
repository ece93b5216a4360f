/* Minutes that are told again, late, in pieces, twice: counters have each event once, and never
 * fall. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/metrics/log_metrics.h"

#define START INT64_C(1800000000) /* a whole minute */

struct world {
	struct metrics *metrics;
	struct log_metrics *log;
};

static int set_up(void **state)
{
	static struct world w;

	w.metrics = metrics_create();
	w.log = log_metrics_create(w.metrics, START + 30);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	log_metrics_destroy(&w->log);
	log_metrics_destroy(&w->log);
	metrics_destroy(&w->metrics);
	return 0;
}

/* The value of a line that begins so; -1: there is none. */
static double value(const struct world *w, const char *line)
{
	BUFFER_AUTO struct buffer text = {0};
	char begin[200];
	const char *at;

	snprintf(begin, sizeof(begin), "\n%s ", line);
	metrics_write(w->metrics, METRICS_TEXT, &text);
	at = strstr(buffer_string(&text), begin);
	return at != NULL ? strtod(at + strlen(begin), NULL) : -1;
}

/* `n` of each: received, delivered after a second, deferred because a mailbox is full. In two
 * frames, as a large minute comes. */
static void tell(struct world *w, int64_t minute, uint32_t n, int64_t now)
{
	struct log_rates_minute head = {.minute = minute, .quiet = minute, .first = true};

	head.sums =
	    (struct rate_sums){.messages = {n}, .delays = {0, n}, .delay_ms = 1000 * (uint64_t)n};
	log_metrics_begin(w->log, &head, now);
	log_metrics_put(w->log, RATE_TOTAL, SLICE(""), &(struct rate_counts){{n, n, n, 0, 1}});
	log_metrics_put(w->log, RATE_LOGIN, SLICE("anna"), &(struct rate_counts){{n}});
	log_metrics_end(w->log);
	head.first = false;
	head.last = true;
	log_metrics_begin(w->log, &head, now);
	log_metrics_put(w->log, RATE_CAUSE, SLICE("over-quota"), &(struct rate_counts){{0, 0, n}});
	log_metrics_put(
	    w->log, RATE_CAUSE, SLICE("no-such-cause"), &(struct rate_counts){{0, 0, n}});
	log_metrics_end(w->log);
}

static void expect(const struct world *w, double n)
{
	assert_true(value(w, "postfix_received_recipients_total") == n);
	assert_true(value(w, "postfix_received_messages_total{way=\"smtp\"}") == n);
	assert_true(value(w, "postfix_deliveries_total{result=\"delivered\"}") == n);
	assert_true(value(w, "postfix_delivery_attempts_total") == 2 * n);
	assert_true(value(w, "postfix_delivery_delay_seconds_bucket{le=\"0.5\"}") == 0);
	assert_true(value(w, "postfix_delivery_delay_seconds_bucket{le=\"1.0\"}") == n);
	assert_true(value(w, "postfix_delivery_delay_seconds_sum") == n);
}

static void test_late_lines_are_added(void **state)
{
	struct world *w = *state;

	expect(w, 0);
	assert_true(value(w, "postfix_deferrals_total{diagnosis=\"other\",kind=\"full\"}") == 0);
	tell(w, START, 5, START + 62);
	expect(w, 5);
	/* The same again, then with two lines that came late. */
	tell(w, START, 5, START + 72);
	expect(w, 5);
	tell(w, START, 7, START + 82);
	expect(w, 7);
	tell(w, START + 60, 1, START + 122);
	expect(w, 8);
	/* A log reader that was started again tells of less, and never takes back. */
	tell(w, START, 2, START + 200);
	expect(w, 8);
	tell(w, START, 8, START + 210);
	expect(w, 9);
	assert_true(
	    value(w, "postfix_deferrals_total{diagnosis=\"over-quota\",kind=\"full\"}") == 9);
	assert_true(value(w, "postfix_deliveries_total{result=\"expired\"}") == 2);
}

static void test_what_is_not_of_this_time(void **state)
{
	struct world *w = *state;

	/* It had ended when the process began; a clock that is wrong; no minute. */
	tell(w, START - 60, 5, START + 62);
	tell(w, START + 3600, 5, START + 62);
	tell(w, START + 7, 5, START + 62);
	expect(w, 0);
	for (int i = 0; i < 100; i++)
		tell(w, START + i * 60, 1, START + i * 60 + 62);
	expect(w, 100);
	/* All of the last hour again; what is older was counted, and nobody knows with what. */
	for (int i = 0; i < 100; i++)
		tell(w, START + i * 60, 1, START + 6100);
	expect(w, 100);
}

/* Counting goes on when the clock comes back from the future. */
static void test_a_clock_that_is_set_back(void **state)
{
	struct world *w = *state;

	tell(w, START + 86400, 5, START + 86462);
	tell(w, START + 60, 3, START + 122);
	expect(w, 8);
	tell(w, START + 60, 4, START + 132);
	expect(w, 9);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_late_lines_are_added),
	    TEST(test_what_is_not_of_this_time),
	    TEST(test_a_clock_that_is_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
