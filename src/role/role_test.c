/* What a process proves of itself at its entrance; whole processes are in
 * src/supervisor/supervisor_test.c and tests/system/roles.test.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "role/prove.h"
#include "role/role.h"

#define NOBODY 65534

static const struct control_ready right = {
    CONTROL_ROLE_READER, NOBODY, NOBODY, 0, 0, 0, 0, 0, true, false, 4};

static bool passes(const struct control_ready *ready)
{
	struct confine_plan plan = {CONTROL_ROLE_READER, true, false, NOBODY, NOBODY};
	struct error err;

	return confine_check(&plan, ready, &err);
}

/* Each right that is too much is found. */
static void test_check(void **state)
{
	struct control_ready r;

	(void)state;
	assert_true(passes(&right));
	r = right, r.uid = 0;
	assert_false(passes(&r));
	r = right, r.gid = 0;
	assert_false(passes(&r));
	r = right, r.groups = 1;
	assert_false(passes(&r));
	r = right, r.cap_permitted = 1;
	assert_false(passes(&r));
	r = right, r.cap_effective = 1;
	assert_false(passes(&r));
	r = right, r.cap_bounding = 1;
	assert_false(passes(&r));
	r = right, r.cap_ambient = 1;
	assert_false(passes(&r));
	r = right, r.no_new_privs = false;
	assert_false(passes(&r));
	r = right, r.dumpable = true;
	assert_false(passes(&r));
	r = right, r.open_fds = 5;
	assert_false(passes(&r));
}

/* A service manager may hand it an inheritable set (systemd 257 does). */
static void test_nothing_is_inherited(void **state)
{
	struct confine_plan plan = {CONTROL_ROLE_READER, true, false, NOBODY, NOBODY};
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	struct error err;
	int status;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (syscall(SYS_capget, &header, data) != 0)
			_exit(2);
		data[0].inheritable = data[0].permitted;
		data[1].inheritable = data[1].permitted;
		if (syscall(SYS_capset, &header, data) != 0 || !confine_apply(&plan, &err) ||
		    syscall(SYS_capget, &header, data) != 0)
			_exit(3);
		_exit(data[0].inheritable == 0 && data[1].inheritable == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* As /proc/PID/status has it. */
static const char status_lines[] = "Name:\tpostroom-reader\n"
				   "Uid:\t65534\t65534\t65534\t65534\n"
				   "Gid:\t65534\t65534\t65534\t65534\n"
				   "Groups:\t \n"
				   "CapInh:\t0000000000000000\n"
				   "CapPrm:\t0000000000000000\n"
				   "CapEff:\t0000000000000000\n"
				   "CapBnd:\t0000000000000000\n"
				   "CapAmb:\t0000000000000000\n"
				   "NoNewPrivs:\t1\n";

/* With `instead` in place of the first `what`. */
static bool proves(enum control_role role, const char *what, const char *instead)
{
	struct confine_plan plan = {role, true, false, NOBODY, NOBODY};
	const char *at = strstr(status_lines, what);
	BUFFER_AUTO struct buffer text = {0};
	struct error err;

	assert_non_null(at);
	buffer_append(&text, status_lines, (size_t)(at - status_lines));
	buffer_append_string(&text, instead);
	buffer_append_string(&text, at + strlen(what));
	return prove_status(&plan, buffer_slice(&text), &err);
}

/* Each right that is too much is seen from outside as well. */
static void test_prove(void **state)
{
	static const char *const wrong[][2] = {
	    {"Uid:\t65534", "Uid:\t0"},
	    {"65534\nGid", "0\nGid"},
	    {"\t65534\nGid", "\nGid"},
	    {"Gid:\t65534\t65534", "Gid:\t65534\t0"},
	    {"Groups:\t ", "Groups:\t4 "},
	    {"CapInh:\t00", "CapInh:\t01"},
	    {"CapPrm:\t00", "CapPrm:\t80"},
	    {"CapEff:\t00", "CapEff:\tff"},
	    {"CapBnd:\t00", "CapBnd:\t01"},
	    {"CapAmb:\t00", "CapAmb:\t01"},
	    {"CapBnd:\t00", "CapBnd:\t"},
	    {"CapBnd", "CapXyz"},
	    {"NoNewPrivs:\t1", "NoNewPrivs:\t0"},
	    {"NoNewPrivs", "Xyz"},
	};

	(void)state;
	assert_true(proves(CONTROL_ROLE_READER, "Name", "Name"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (proves(CONTROL_ROLE_READER, wrong[i][0], wrong[i][1]))
			fail_msg("passes with %s", wrong[i][1]);
	assert_false(proves(CONTROL_ROLE_HELPER, "Name", "Name")); /* it is root, or nothing */
}

static void test_arguments(void **state)
{
	char *good[] = {(char[]){"p"}, (char[]){"server"}, (char[]){"5"}, (char[]){"6"},
	    (char[]){"privileged"}};
	struct confine_plan plan;

	(void)state;
	assert_true(role_parse_arguments(5, good, &plan));
	assert_true(plan.role == CONTROL_ROLE_SERVER && plan.uid == 5 && plan.gid == 6 &&
		    plan.privileged && !plan.unbounded);
	assert_false(role_parse_arguments(4, good, &plan));
	strcpy(good[4], "anything");
	assert_false(role_parse_arguments(5, good, &plan));
	strcpy(good[4], "unbounded");
	strcpy(good[1], "nobody");
	assert_false(role_parse_arguments(5, good, &plan));
}

/* Started by hand as root, no role goes on. */
static void test_refuses_root(void **state)
{
	char *arguments[] = {(char[]){"p"}, (char[]){"viewer"}, (char[]){"0"}, (char[]){"0"},
	    (char[]){"unprivileged"}};
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		(void)dup2(STDOUT_FILENO, CONTROL_FD);
		close_range(CONTROL_FD + 1, ~0U, 0);
		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(role_enter(5, arguments) == 0 ? 70 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check),
	    cmocka_unit_test(test_nothing_is_inherited),
	    cmocka_unit_test(test_prove),
	    cmocka_unit_test(test_arguments),
	    cmocka_unit_test(test_refuses_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
