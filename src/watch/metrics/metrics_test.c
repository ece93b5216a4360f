/* The table keeps its promises, and both forms of the text are as their specifications have them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/rates.h"
#include "base/utf8.h"
#include "watch/metrics/metrics.h"

static size_t count_of(struct buffer *text, const char *needle)
{
	size_t count = 0;

	for (const char *at = buffer_string(text); (at = strstr(at, needle)) != NULL; at++)
		count++;
	return count;
}

static bool has(struct buffer *text, const char *needle)
{
	return count_of(text, needle) > 0;
}

/* Lines of samples. */
static size_t samples(struct buffer *text)
{
	struct slice rest = buffer_slice(text), line;
	size_t count = 0;

	while (slice_split(&rest, '\n', &line))
		count += line.len > 0 && line.data[0] != '#';
	return count;
}

/* Names and units as Prometheus wants them, and no more lines than are promised. */
static void test_the_table(void **state)
{
	unsigned sum = 0;

	(void)state;
	for (int i = 0; i < METRICS; i++) {
		const struct metric_row *row = metric_row((enum metric)i);
		const double *bounds;
		size_t lines =
		    row->type == METRIC_HISTOGRAM ? metric_bounds((enum metric)i, &bounds) + 3 : 1;

		assert_non_null(row->name);
		sum += row->series_max;
		assert_true(row->series_max >= lines && row->series_max % lines == 0);
		assert_true(slice_starts_with(slice_of(row->name), "postfix") ||
			    slice_starts_with(slice_of(row->name), "postroom_") ||
			    slice_starts_with(slice_of(row->name), "process_"));
		assert_null(strpbrk(row->name, ":ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
		assert_true(slice_ends_with(slice_of(row->name), row->unit));
		assert_true(strlen(row->help) > 10 && strlen(row->from) > 3);
		assert_int_not_equal(row->help[strlen(row->help) - 1], '.');
		for (int k = 0; k < i; k++)
			assert_string_not_equal(row->name, metric_row((enum metric)k)->name);
	}
	assert_true(sum <= METRICS_SERIES_MAX);
}

static void test_bounds_are_those_of_the_log(void **state)
{
	const double *bounds;

	(void)state;
	assert_int_equal(metric_bounds(METRIC_DELIVERY_DELAY, &bounds), RATE_DELAY_BOUNDS);
	for (unsigned i = 0; i < RATE_DELAY_BOUNDS; i++)
		assert_true(bounds[i] * 1000 == (double)rate_delay_bound(i));
	assert_int_equal(metric_bounds(METRIC_UP, &bounds), 0);
}

/* What nobody has set is absent, 0 is there, and counters begin at 0. */
static void test_unknown_is_absent(void **state)
{
	struct metrics *m = metrics_create();
	BUFFER_AUTO struct buffer text = {0};

	(void)state;
	metrics_begin(m);
	metrics_set_one(m, METRIC_UP, -1);
	metrics_set_one(m, METRIC_QUEUE_DUE, 0);
	metrics_write(m, METRICS_TEXT, &text);
	assert_false(has(&text, "postfix_up"));
	assert_true(has(&text, "\npostfix_queue_due_messages 0\n"));
	assert_true(has(&text, "\npostfix_deliveries_total{result=\"bounced\"} 0\n"));
	assert_true(has(&text, "\npostfix_delivery_delay_seconds_count 0\n"));
	metrics_begin(m);
	metrics_hide(m, METRIC_DELIVERIES, true);
	metrics_count(m, METRIC_DELIVERIES, "bounced", NULL, 3);
	buffer_clear(&text);
	metrics_write(m, METRICS_TEXT, &text);
	assert_false(has(&text, "postfix_queue_due_messages"));
	assert_false(has(&text, "postfix_deliveries"));
	metrics_hide(m, METRIC_DELIVERIES, false);
	metrics_write(m, METRICS_TEXT, &text);
	assert_true(has(&text, "\npostfix_deliveries_total{result=\"bounced\"} 3\n"));
	assert_int_equal(metrics_series(m) + 0, samples(&text) / 2 + 2);
	metrics_destroy(&m);
	metrics_destroy(&m);
}

static void test_both_forms(void **state)
{
	struct metrics *m = metrics_create();
	BUFFER_AUTO struct buffer text = {0}, open = {0};

	(void)state;
	metrics_begin(m);
	metrics_set(m, METRIC_INFO, SLICE("3.7.11"), SLICE("spool"), 1);
	metrics_set(m, METRIC_SENDER_TOP_SHARE, SLICE("login"), SLICE(""), 0.25);
	for (int i = 0; i < 3; i++)
		metrics_observe(m, METRIC_DELIVERY_DELAY, NULL, i * 0.5);
	metrics_count_to(m, METRIC_PROCESS_CPU, NULL, NULL, 1.5);
	metrics_count_to(m, METRIC_PROCESS_CPU, NULL, NULL, 1.25);
	metrics_write(m, METRICS_TEXT, &text);
	metrics_write(m, METRICS_OPENMETRICS, &open);
	assert_true(has(&text,
	    "# TYPE postfix_info gauge\npostfix_info{version=\"3.7.11\",source=\"spool\"} 1\n"));
	assert_true(has(&open, "# TYPE postfix info\npostfix_info{"));
	assert_true(has(
	    &text, "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1.5\n"));
	assert_true(has(&open, "# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds "
			       "seconds\nprocess_cpu_seconds_total 1.5\n"));
	assert_true(has(&text, "_ratio{by=\"login\"} 0.25\n"));
	assert_true(has(
	    &text, "_bucket{le=\"0.5\"} 2\npostfix_delivery_delay_seconds_bucket{le=\"1.0\"} 3\n"));
	assert_true(has(&open, "_bucket{le=\"+Inf\"} 3\npostfix_delivery_delay_seconds_sum 1.5\n"));
	assert_false(has(&text, "# UNIT") || has(&text, "# EOF"));
	assert_int_equal(count_of(&open, "# EOF\n"), 1);
	assert_true(slice_ends_with(buffer_slice(&open), "\n# EOF\n"));
	assert_int_equal(samples(&open), samples(&text));
	metrics_destroy(&m);
}

static void test_what_is_asked_for(void **state)
{
	static const struct {
		const char *accept;
		enum metrics_format format;
	} cases[] = {
	    {"", METRICS_TEXT},
	    {"*/*", METRICS_TEXT},
	    {"text/html,application/xhtml+xml,*/*;q=0.8", METRICS_TEXT},
	    {"text/plain;version=0.0.4;q=1,*/*;q=0.1", METRICS_TEXT},
	    /* Prometheus 2.42's own. */
	    {"application/openmetrics-text;version=1.0.0,application/"
	     "openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		METRICS_OPENMETRICS},
	    {"application/openmetrics-text; version=0.0.1", METRICS_TEXT},
	    {"APPLICATION/OpenMetrics-Text", METRICS_OPENMETRICS},
	    {"application/openmetrics-text;q=0, text/plain", METRICS_TEXT},
	    {"application/openmetrics-text;q=0.3, text/plain;q=0.31", METRICS_TEXT},
	    {"application/openmetrics-text;q=,;;,", METRICS_OPENMETRICS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(metrics_format_of(slice_of(cases[i].accept)), cases[i].format);
}

/* A hundred thousand names of any bytes: the lines stay bounded, and each is one. */
static void test_hostile_labels(void **state)
{
	static const char odd[] = "a\"b\\c\nd\x01\x7f\xff\xc3\xa4.example";
	struct metrics *m = metrics_create();
	BUFFER_AUTO struct buffer text = {0};
	char name[400];

	(void)state;
	metrics_begin(m);
	metrics_set(m, METRIC_DESTINATION_QUEUED, slice_make(odd, sizeof(odd)), SLICE(""), 1);
	memset(name, 'x', sizeof(name));
	metrics_set(m, METRIC_DESTINATION_QUEUED, slice_make(name, sizeof(name)), SLICE(""), 1);
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "d%d.test", i);
		metrics_set(m, METRIC_DESTINATION_QUEUED, slice_of(name), SLICE(""), i);
		metrics_count(m, METRIC_DEFERRALS, name, "rate", 1);
		metrics_count(m, METRIC_JOBS, name, name, 1);
		metrics_observe(m, METRIC_HTTP_DURATION, name, 1);
	}
	metrics_write(m, METRICS_OPENMETRICS, &text);
	assert_true(utf8_valid(buffer_slice(&text)));
	assert_true(
	    has(&text, "{destination=\"a\\\"b\\\\c\xef\xbf\xbd"
		       "d\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4.example\xef\xbf\xbd\"} 1\n"));
	assert_int_equal(count_of(&text, "xxxxxxxx\"} 1\n"), 1);
	assert_true(text.len < 65536);
	assert_int_equal(samples(&text), metrics_series(m));
	assert_true(samples(&text) <= METRICS_SERIES_MAX);
	assert_int_equal(count_of(&text, "postfix_destination_queued_recipients{"),
	    metric_row(METRIC_DESTINATION_QUEUED)->series_max);
	metrics_destroy(&m);
}

static void test_routes(void **state)
{
	(void)state;
	assert_string_equal(metrics_route(""), "page");
	assert_string_equal(metrics_route("/api/v1/messages/{id}"), "/api/v1/messages/{id}");
	assert_string_equal(metrics_route("/api/v1/messages/{id}/raw"), "other");
	assert_string_equal(metrics_route("other"), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_table),
	    cmocka_unit_test(test_bounds_are_those_of_the_log),
	    cmocka_unit_test(test_unknown_is_absent),
	    cmocka_unit_test(test_both_forms),
	    cmocka_unit_test(test_what_is_asked_for),
	    cmocka_unit_test(test_hostile_labels),
	    cmocka_unit_test(test_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
