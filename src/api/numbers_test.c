#include "api/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>

#include "base/hash.h"

static void test_there_and_back(void **state)
{
	struct numbers *numbers = numbers_create();

	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		int64_t number =
		    (int64_t)(i < 10000 ? i + 1 : hash_u64(i) % (uint64_t)NUMBERS_MAX + 1);
		int64_t shown = numbers_shown(numbers, NUMBER_JOB, number);

		assert_in_range(shown, 1, NUMBERS_MAX);
		assert_int_equal(numbers_meant(numbers, NUMBER_JOB, shown), number);
		assert_int_equal(
		    numbers_shown(numbers, NUMBER_JOB, numbers_meant(numbers, NUMBER_JOB, number)),
		    number);
		assert_int_not_equal(shown, numbers_shown(numbers, NUMBER_PROBE, number));
	}
	assert_int_equal(numbers_shown(numbers, NUMBER_JOB, 0), 0);
	assert_int_equal(numbers_shown(numbers, NUMBER_JOB, NUMBERS_MAX + 1), 0);
	assert_int_equal(numbers_meant(numbers, NUMBER_JOB, -1), 0);
	assert_int_equal(numbers_shown(NULL, NUMBER_JOB, 12), 12);
	assert_int_equal(numbers_meant(NULL, NUMBER_JOB, 12), 12);
	numbers_destroy(&numbers);
	numbers_destroy(&numbers);
}

/* What comes first is not the smaller one, as often as not. */
static void test_order_is_not_kept(void **state)
{
	struct numbers *numbers = numbers_create();
	unsigned smaller = 0;

	(void)state;
	for (int64_t i = 1; i <= 2000; i++)
		smaller += numbers_shown(numbers, NUMBER_INCIDENT, i) <
			   numbers_shown(numbers, NUMBER_INCIDENT, i + 1);
	assert_in_range(smaller, 850, 1150);
	numbers_destroy(&numbers);
}

static void test_secret(void **state)
{
	struct numbers *a = numbers_create(), *b = numbers_create();

	(void)state;
	assert_int_not_equal(numbers_shown(a, NUMBER_JOB, 7), numbers_shown(b, NUMBER_JOB, 7));
	numbers_use_secret(a, "a secret of another use", 23);
	numbers_use_secret(b, "a secret of another use", 23);
	assert_int_equal(numbers_shown(a, NUMBER_JOB, 7), numbers_shown(b, NUMBER_JOB, 7));
	numbers_destroy(&a);
	numbers_destroy(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_there_and_back),
	    cmocka_unit_test(test_order_is_not_kept),
	    cmocka_unit_test(test_secret),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
