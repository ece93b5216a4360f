#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/state_machine.h"
#include "base/state_machine_test_moves.h"

enum { SHUT, AJAR, OPEN, DOORS };
static const char *const names[DOORS] = {"shut", "ajar", "open"};
static const uint32_t next[DOORS] = {
    [SHUT] = STATE_MACHINE_BIT(AJAR),
    [AJAR] = STATE_MACHINE_BIT(SHUT) | STATE_MACHINE_BIT(OPEN),
    [OPEN] = STATE_MACHINE_BIT(AJAR),
};
static const struct state_machine door = {"door", DOORS, names, next};

static void test_allowed(void **state)
{
	(void)state;
	assert_int_equal(state_machine_move(&door, SHUT, AJAR), AJAR);
	assert_int_equal(state_machine_move(&door, AJAR, OPEN), OPEN);
	assert_int_equal(state_machine_move(&door, OPEN, AJAR), AJAR);
	assert_false(state_machine_allows(&door, SHUT, OPEN));
	assert_false(state_machine_allows(&door, SHUT, SHUT));
	assert_false(state_machine_allows(&door, SHUT, DOORS));
	assert_false(state_machine_allows(&door, DOORS, SHUT));
}

static unsigned move(unsigned from, unsigned to)
{
	return state_machine_move(&door, from, to);
}

static void test_forbidden(void **state)
{
	(void)state;
	assert_int_equal(state_machine_test_signal(move, SHUT, OPEN), SIGABRT);
	assert_int_equal(state_machine_test_signal(move, SHUT, 77), SIGABRT);
	assert_int_equal(state_machine_test_signal(move, 77, SHUT), SIGABRT);
	assert_int_equal(state_machine_test_signal(move, SHUT, AJAR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_allowed),
	    cmocka_unit_test(test_forbidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
