#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/samples.h"
#include "store/store_test_place.h"
#include "store/usual.h"

/* On a full step of the samples. */
#define NOW INT64_C(1800000000)
#define HOUR 3600
#define DAY (24 * (int64_t)HOUR)

static void sample(struct place *p, int64_t at, int64_t deferred)
{
	const struct sample s = {.taken = at, .count = {[QUEUE_DEFERRED] = deferred}};
	struct error err;

	assert_int_equal(samples_add(p->db, &s, &err), DB_OK);
}

static void test_nothing_is_known(void **state)
{
	struct place *p = *state;
	struct usual usual;
	struct error err;

	assert_int_equal(usual_read(p->db, NOW, &usual, &err), DB_OK);
	assert_int_equal(usual.weeks, 0);
	assert_int_equal(usual.days, 0);
	assert_int_equal(usual.hour_ago, -1);
	/* A sample of another hour says nothing of this one. */
	sample(*state, NOW - 7 * DAY - 2 * HOUR, 50);
	assert_int_equal(usual_read(p->db, NOW, &usual, &err), DB_OK);
	assert_int_equal(usual.weeks, 0);
}

static void test_weeks_and_days(void **state)
{
	struct place *p = *state;
	struct usual usual;
	struct error err;

	/* The oldest first, as they are taken: each new one lets go of what is too old. */
	sample(p, NOW - 14 * DAY - HOUR, 100);
	sample(p, NOW - 14 * DAY, 140);
	sample(p, NOW - 7 * DAY - HOUR, 100);
	sample(p, NOW - 7 * DAY, 90);
	sample(p, NOW - DAY, 500); /* an hour before it: a gap */
	sample(p, NOW - HOUR, 77);
	assert_int_equal(usual_read(p->db, NOW + 60, &usual, &err), DB_OK);
	assert_int_equal(usual.weeks, 2);
	assert_int_equal(usual.least, 90);
	assert_int_equal(usual.most, 140);
	assert_int_equal(usual.days, 2);
	assert_int_equal(usual.change, 25); /* of 40 up and 10 down */
	assert_int_equal(usual.hour_ago, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_nothing_is_known, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_weeks_and_days, place_set_up, place_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
