#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "postfix/schedule.h"

static void test_backoff(void **state)
{
	struct schedule_settings s = schedule_defaults();

	(void)state;
	assert_int_equal(schedule_backoff(&s, 1000, 1000), 300);
	assert_int_equal(schedule_backoff(&s, 1000, 1301), 301);
	assert_int_equal(schedule_backoff(&s, 1000, 5001), 4000);
	/* A clock that went back, and the minimum over the maximum. */
	assert_int_equal(schedule_backoff(&s, 1000, 0), 300);
	s.minimal_backoff_time = 5000;
	assert_int_equal(schedule_backoff(&s, 1000, 1000000), 5000);
	assert_int_equal(schedule_backoff(&s, INT64_MIN, INT64_MAX), 5000);
}

/* The ideal times of the defaults: 0, 5, 10, 20, 40, 80 minutes, then every 66.7. */
static void test_ideal_times(void **state)
{
	static const int64_t minutes[] = {5, 10, 20, 40, 80};
	struct schedule_settings s = schedule_defaults();
	struct schedule_attempt a[8];

	(void)state;
	s.queue_run_delay = 0;
	assert_int_equal(schedule_ahead(&s, 0, false, 300, 0, a, 8), 8);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(a[i].earliest, minutes[i] * 60);
		assert_int_equal(a[i].latest, minutes[i] * 60);
	}
	assert_int_equal(a[5].earliest, 4800 + 4000);
	assert_int_equal(a[6].earliest, 4800 + 8000);
}

static void test_spans_and_end(void **state)
{
	struct schedule_settings s = schedule_defaults();
	struct schedule_attempt a[200];
	size_t count;

	(void)state;
	/* Due already: now, to the next scan. */
	count = schedule_ahead(&s, 1000000, false, 1000300, 1000500, a, 200);
	assert_int_equal(a[0].earliest, 1000500);
	assert_int_equal(a[0].latest, 1000800);
	assert_true(count < 200 && a[count - 1].last && a[count - 1].earliest >= 1000000 + 432000);
	for (size_t i = 0; i + 1 < count; i++)
		assert_true(!a[i].last && a[i].latest >= a[i].earliest &&
			    a[i + 1].earliest > a[i].earliest);
	/* A bounce lives as long as its own setting says, never longer than other mail. */
	s.bounce_queue_lifetime = 0;
	assert_int_equal(schedule_ahead(&s, 1000000, true, 1000300, 1000500, a, 200), 1);
	assert_int_equal(schedule_expiry(&s, 1000000, false), 1432000);
	s.bounce_queue_lifetime = 864000;
	assert_int_equal(schedule_expiry(&s, 1000000, true), 1432000);
	assert_int_equal(schedule_expiry(&s, INT64_MAX, true), INT64_MAX);
	assert_int_equal(schedule_ahead(&s, 1000000, true, 1000300, 1000500, a, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_backoff),
	    cmocka_unit_test(test_ideal_times),
	    cmocka_unit_test(test_spans_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
