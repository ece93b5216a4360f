/* Who is among the largest, who stays, and who has to wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "watch/metrics/metric_top.h"

#define NOW INT64_C(1800000000)

static int64_t value_of(const struct metric_top *top, const char *key)
{
	for (size_t i = 0; i < metric_top_count(top); i++) {
		int64_t value;

		if (slice_is(metric_top_at(top, i, &value), key))
			return value;
	}
	return INT64_MIN;
}

static void test_who_stays(void **state)
{
	struct metric_top *top = metric_top_create(2);
	const struct metric_top_entry first[] = {
	    {SLICE("a"), 10}, {SLICE("b"), 9}, {SLICE("c"), 8}};
	const struct metric_top_entry then[] = {{SLICE("a"), 10}, {SLICE("c"), 9}, {SLICE("b"), 8}};
	const struct metric_top_entry much[] = {
	    {SLICE("d"), 40}, {SLICE("a"), 10}, {SLICE("b"), 8}};

	(void)state;
	metric_top_take(top, first, 3, true, NOW);
	assert_int_equal(metric_top_count(top), 2);
	assert_true(metric_top_has(top, SLICE("a")) && metric_top_has(top, SLICE("b")));
	/* c is a little larger: b stays with what it has. */
	metric_top_take(top, then, 3, true, NOW + 60);
	assert_int_equal(value_of(top, "b"), 8);
	assert_false(metric_top_has(top, SLICE("c")));
	/* Until it was not among the largest for long enough. */
	metric_top_take(top, then, 3, true, NOW + METRIC_TOP_STAY + 1);
	assert_int_equal(value_of(top, "c"), 9);
	assert_int_equal(value_of(top, "b"), INT64_MIN);
	/* One that has more than twice as much comes in at once. */
	metric_top_take(top, much, 3, true, NOW + METRIC_TOP_STAY + 2);
	assert_int_equal(value_of(top, "d"), 40);
	assert_int_equal(metric_top_count(top), 2);
	metric_top_destroy(&top);
	metric_top_destroy(&top);
}

/* Gone is 0 where all were told, and else not known. */
static void test_gone(void **state)
{
	struct metric_top *top = metric_top_create(3);
	const struct metric_top_entry one = {SLICE("a"), 10};

	(void)state;
	metric_top_take(top, &one, 1, true, NOW);
	metric_top_take(top, NULL, 0, true, NOW + 1);
	assert_int_equal(value_of(top, "a"), 0);
	metric_top_take(top, NULL, 0, false, NOW + 2);
	assert_int_equal(value_of(top, "a"), -1);
	metric_top_take(top, NULL, 0, true, NOW + METRIC_TOP_STAY + 1);
	assert_int_equal(metric_top_count(top), 0);
	metric_top_take(top, &one, 1, true, NOW + 1000);
	/* The clock was set back. */
	metric_top_take(top, NULL, 0, true, NOW);
	assert_int_equal(metric_top_count(top), 0);
	metric_top_destroy(&top);
}

/* A flood of names, each a little larger than those before. */
static void test_flood(void **state)
{
	struct metric_top *top = metric_top_create(20), *none = metric_top_create(0);
	struct metric_top_entry entries[200];
	char names[200][16];

	(void)state;
	for (int round = 0; round < 500; round++) {
		for (int i = 0; i < 200; i++) {
			snprintf(names[i], sizeof(names[i]), "d%d", round * 200 + i);
			entries[i] = (struct metric_top_entry){
			    slice_of(names[i]), (uint64_t)(100000 + round * 200 - i)};
		}
		metric_top_take(top, entries, 200, false, NOW + round * 10);
		metric_top_take(none, entries, 200, false, NOW + round * 10);
		assert_int_equal(metric_top_count(top), 20);
		assert_int_equal(metric_top_count(none), 0);
	}
	metric_top_destroy(&top);
	metric_top_destroy(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_stays),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
