/* Which pager there is, and that a missing one is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/pager.h"

static void check(bool terminal, const char *pager, const char *term, const char *expected)
{
	const char *command = pager_choose(terminal, false, pager, term);

	if (expected == NULL)
		assert_null(command);
	else
		assert_string_equal(command, expected);
}

static void decides(void **state)
{
	(void)state;
	check(true, NULL, "xterm", "less -FRX");
	check(false, NULL, "xterm", NULL);
	check(false, "more", "xterm", NULL);
	check(true, "more", "xterm", "more");
	check(true, "less -S", "xterm", "less -S");
	check(true, "", "xterm", NULL);
	check(true, "  ", "xterm", NULL);
	check(true, "cat", "xterm", NULL);
	check(true, NULL, "dumb", NULL);
	check(true, "more", "dumb", NULL);
	check(true, NULL, NULL, "less -FRX");
	assert_string_equal(pager_choose(true, true, NULL, "xterm"), "less -FRXS");
}

static void notices_that_there_is_none(void **state)
{
	int fd = -1;
	pid_t pid;

	(void)state;
	assert_false(pager_start("/nowhere/pager -x", &fd, &pid));
	assert_int_equal(fd, -1);
	assert_true(pager_start("cat", &fd, &pid));
	close(fd);
	pager_wait(pid);
}

/* less has commands that start a shell, and an editor. */
static void gives_no_shell_of_roots(void **state)
{
	int fd = -1;
	pid_t pid;

	(void)state;
	unsetenv("LESSSECURE");
	assert_true(pager_start("cat", &fd, &pid));
	close(fd);
	pager_wait(pid);
	if (geteuid() == 0)
		assert_string_equal(getenv("LESSSECURE"), "1");
	else
		assert_null(getenv("LESSSECURE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decides),
	    cmocka_unit_test(notices_that_there_is_none),
	    cmocka_unit_test(gives_no_shell_of_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
