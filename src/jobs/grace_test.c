#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "jobs/grace.h"

static struct job_row deleting(int64_t seconds, const struct grace_clock *clock)
{
	struct job_row row = {.action = JOB_DELETE, .undo_seconds = seconds};

	grace_begin(&row, clock);
	return row;
}

/* Only the clock that never steps counts: the wall clock is not among what is asked. */
static void test_passes(void **state)
{
	struct grace_clock clock = {"first", 5000};
	struct job_row row = deleting(300, &clock);

	(void)state;
	assert_int_equal(grace_left_ms(&row, &clock), 300000);
	clock.boot_ms += 299999;
	assert_int_equal(grace_left_ms(&row, &clock), 1);
	clock.boot_ms += 1;
	assert_int_equal(grace_left_ms(&row, &clock), 0);
	clock.boot_ms += 1000000;
	assert_int_equal(grace_left_ms(&row, &clock), 0);
}

static void test_restarts(void **state)
{
	struct grace_clock clock = {"first", 5000};
	struct job_row row = deleting(300, &clock);

	(void)state;
	/* Of the service: the time that it was down counts. */
	clock.boot_ms += 100000;
	grace_resume(&row, &clock);
	assert_int_equal(grace_left_ms(&row, &clock), 200000);
	assert_true(grace_note(&row, &clock));
	assert_false(grace_note(&row, &clock));
	/* Of the system: what was left when that was written down. */
	clock = (struct grace_clock){"second", 10};
	grace_resume(&row, &clock);
	assert_int_equal(grace_left_ms(&row, &clock), 200000);
	/* A clock of the new run that is further ahead than the old deadline changes nothing. */
	clock = (struct grace_clock){"third", INT64_C(1) << 40};
	grace_resume(&row, &clock);
	assert_int_equal(grace_left_ms(&row, &clock), 200000);
	/* Where runs of the system cannot be told apart, each start counts as one. */
	clock = (struct grace_clock){"", 20};
	grace_resume(&row, &clock);
	clock.boot_ms = INT64_C(1) << 41;
	grace_resume(&row, &clock);
	assert_int_equal(grace_left_ms(&row, &clock), 200000);
}

/* Who asks twice is told the same, also across the turn of a second of either clock. */
static void test_until_stands_still(void **state)
{
	struct grace_clock clock = {"first", 5000};
	struct job_row row = deleting(300, &clock);
	int64_t boot_us = 5000700, wall_us = INT64_C(1800000000) * 1000000 + 123456;
	int64_t until = grace_until(&row, wall_us, boot_us);

	(void)state;
	assert_int_equal(until, 1800000301);
	for (int64_t passed = 0; passed < 302000000; passed += 333)
		assert_int_equal(grace_until(&row, wall_us + passed, boot_us + passed), until);
	/* A clock that is set: the end is that much later by it. */
	assert_int_equal(grace_until(&row, wall_us + 3600000000, boot_us), until + 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_passes),
	    cmocka_unit_test(test_restarts),
	    cmocka_unit_test(test_until_stands_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
