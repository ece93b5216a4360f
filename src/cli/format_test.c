#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "cli/format.h"

static void says_durations(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {{0, "0s"}, {59, "59s"}, {60, "1m"}, {3599, "59m"}, {3600, "1h00m"},
	    {11100, "3h05m"}, {86400, "1d00h"}, {187200, "2d04h"}, {-90, "-1m"}};
	char text[FORMAT_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		format_duration(cases[i].seconds, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void says_sizes(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} cases[] = {{0, "0"}, {1023, "1023"}, {1024, "1.0k"}, {12288, "12k"}, {3565158, "3.4M"},
	    {(int64_t)5 << 40, "5.0T"}, {(int64_t)5 << 52, "20480T"}};
	char text[FORMAT_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		format_bytes(cases[i].bytes, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void says_times(void **state)
{
	char text[FORMAT_SIZE];

	setenv("TZ", "UTC-2", 1);
	tzset();
	format_time("2026-11-22T08:49:10Z", text);
	assert_string_equal(text, "2026-11-22 10:49:10");
	format_time(NULL, text);
	assert_string_equal(text, "-");
	format_time("yesterday", text);
	assert_string_equal(text, "-");
	format_age("2026-11-22T08:00:00Z", 1795334400 + 60, text);
	assert_string_equal(text, "1m");
	format_until("2026-11-22T08:00:00Z", 1795334400 - 90, text);
	assert_string_equal(text, "in 1m");
	format_until("2026-11-22T08:00:00Z", 1795334400, text);
	assert_string_equal(text, "due");
}

static void reads_durations(void **state)
{
	int64_t seconds;

	assert_true(format_parse_duration("90", &seconds) && seconds == 90);
	assert_true(format_parse_duration("0", &seconds) && seconds == 0);
	assert_true(format_parse_duration("10m", &seconds) && seconds == 600);
	assert_true(format_parse_duration("1w", &seconds) && seconds == 604800);
	assert_false(format_parse_duration("", &seconds));
	assert_false(format_parse_duration("m", &seconds));
	assert_false(format_parse_duration("-5m", &seconds));
	assert_false(format_parse_duration("5 m", &seconds));
	assert_false(format_parse_duration("5mm", &seconds));
	assert_false(format_parse_duration("1.5h", &seconds));
	assert_false(format_parse_duration("99999999999999999999d", &seconds));
	assert_false(format_parse_duration("30000000000000000w", &seconds));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_durations),
	    cmocka_unit_test(says_sizes),
	    cmocka_unit_test(says_times),
	    cmocka_unit_test(reads_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
