#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/duration.h"

static void test_accepted(void **state)
{
	static const struct {
		const char *text;
		char default_unit;
		int64_t seconds;
	} good[] = {{"0", 's', 0}, {"90", 's', 90}, {"5", 'd', 432000}, {"90s", 'd', 90},
	    {"10m", 's', 600}, {"2h", 0, 7200}, {"1d", 's', 86400}, {"1w", 's', 604800},
	    {"0w", 0, 0}, {"00000000000000000000000001s", 0, 1},
	    {"9223372036854775807s", 0, INT64_MAX}};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		seconds = -1;
		assert_true(duration_parse(
		    slice_of(good[i].text), good[i].default_unit, INT64_MAX, &seconds));
		assert_int_equal(seconds, good[i].seconds);
	}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"", "s", "m5", "-5m", "+5m", " 5m", "5m ", "5 m", "5mm",
	    "5x", "5M", "1.5h", "1h30m", "5m\n", "9223372036854775808s", "99999999999999999999d",
	    "153722867280912931m", "30000000000000000w"};
	int64_t seconds = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(duration_parse(slice_of(bad[i]), 's', INT64_MAX, &seconds));
	assert_false(duration_parse(SLICE("90"), 0, INT64_MAX, &seconds)); /* a unit is asked for */
	assert_false(duration_parse(slice_make("5\0", 2), 0, INT64_MAX, &seconds));
	assert_int_equal(seconds, 7);
}

static void test_bound(void **state)
{
	int64_t seconds;

	(void)state;
	assert_true(duration_parse(SLICE("60s"), 0, 60, &seconds));
	assert_true(duration_parse(SLICE("1m"), 0, 60, &seconds) && seconds == 60);
	assert_false(duration_parse(SLICE("61s"), 0, 60, &seconds));
	assert_false(duration_parse(SLICE("1h"), 0, 3599, &seconds));
	assert_true(duration_parse(SLICE("0h"), 0, 0, &seconds) && seconds == 0);
}

static void test_take(void **state)
{
	struct slice text = SLICE("5days"), none = SLICE("x5s");
	int64_t seconds;

	(void)state;
	assert_true(duration_take(&text, 's', INT64_MAX, &seconds) && seconds == 432000);
	assert_true(slice_is(text, "ays"));
	assert_false(duration_take(&none, 's', INT64_MAX, &seconds));
	assert_true(slice_is(none, "x5s"));
}

static void test_written(void **state)
{
	static const int64_t numbers[] = {0, 1, 59, 60, 4000, 86400, 432000, 1209600, INT64_MAX};
	static const char *const texts[] = {
	    "0s", "1s", "59s", "1m", "4000s", "1d", "5d", "2w", "9223372036854775807s"};
	char text[DURATION_TEXT_SIZE];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		duration_format(numbers[i], text);
		assert_string_equal(text, texts[i]);
		assert_true(duration_parse(slice_of(text), 0, INT64_MAX, &back));
		assert_int_equal(back, numbers[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepted),
	    cmocka_unit_test(test_refused), cmocka_unit_test(test_bound),
	    cmocka_unit_test(test_take), cmocka_unit_test(test_written)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
