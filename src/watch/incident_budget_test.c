/* A turn and its part of the look stay within their time together, as long as neither takes longer
 * than it did lately. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/incident_budget.h"

/* What a turn takes with steps of that length, the turn itself included. */
static int64_t whole(struct incident_budget *budget, int64_t step_us, int64_t turn_us)
{
	int64_t took = 0;

	incident_budget_begin(budget);
	do
		took += step_us;
	while (incident_budget_step(budget, step_us));
	incident_budget_turn(budget, turn_us);
	return took + turn_us;
}

static void test_together(void **state)
{
	static const int64_t turns_us[] = {0, 2000, 4000, 5600, 12000, 14000};

	(void)state;
	for (size_t i = 0; i < sizeof(turns_us) / sizeof(turns_us[0]); i++)
		for (int64_t step_us = 400; step_us <= 2600; step_us += 100) {
			struct incident_budget budget = {.left_us = 0};
			int64_t took;

			/* How long both are is not known before the first. */
			(void)whole(&budget, step_us, turns_us[i]);
			took = whole(&budget, step_us, turns_us[i]);
			assert_true(took <= INCIDENT_BUDGET_US);
			/* What there is is used, but for what is less than a step. */
			assert_true(took > INCIDENT_BUDGET_US - step_us);
		}
}

/* A turn that takes all of it: the look goes on all the same. */
static void test_least(void **state)
{
	struct incident_budget budget = {.left_us = 0};

	(void)state;
	incident_budget_turn(&budget, 10 * INCIDENT_BUDGET_US);
	assert_int_equal(whole(&budget, 500, 0), INCIDENT_BUDGET_LEAST_US);
	/* It is forgotten after a minute. */
	for (int i = 1; i < INCIDENT_BUDGET_TURNS; i++)
		(void)whole(&budget, 500, 0);
	assert_int_equal(whole(&budget, 500, 0), INCIDENT_BUDGET_US);
}

/* One step is always taken; a long one is expected again for a while, and not for ever. */
static void test_a_long_step(void **state)
{
	struct incident_budget budget = {.left_us = 0};
	int64_t took = 0;

	(void)state;
	assert_int_equal(whole(&budget, 3 * INCIDENT_BUDGET_US, 0), 3 * INCIDENT_BUDGET_US);
	assert_int_equal(whole(&budget, 500, 0), 500);
	for (int i = 0; i < 400; i++)
		took = whole(&budget, 500, 0);
	assert_int_equal(took, INCIDENT_BUDGET_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_together),
	    cmocka_unit_test(test_least), cmocka_unit_test(test_a_long_step)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
