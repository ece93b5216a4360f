#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/state_machine.h"

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

/* In a process of its own, which leaves no core. */
static int signal_of(unsigned from, unsigned to)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		state_machine_move(&door, from, to);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_forbidden(void **state)
{
	(void)state;
	assert_int_equal(signal_of(SHUT, OPEN), SIGABRT);
	assert_int_equal(signal_of(SHUT, 77), SIGABRT);
	assert_int_equal(signal_of(77, SHUT), SIGABRT);
	assert_int_equal(signal_of(SHUT, AJAR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_allowed),
	    cmocka_unit_test(test_forbidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
