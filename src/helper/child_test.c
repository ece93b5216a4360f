/* Processes that behave as they should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "helper/child.h"

struct seen {
	struct loop *loop;
	struct buffer out, errors;
	struct helper_exit end;
	bool done;
};

static void on_output(void *context, uint8_t stream, struct slice bytes)
{
	struct seen *seen = context;

	buffer_append_slice(stream == 1 ? &seen->out : &seen->errors, bytes);
}

static void on_done(void *context, const struct helper_exit *end)
{
	struct seen *seen = context;

	seen->end = *end;
	seen->done = true;
	loop_stop(seen->loop);
}

static const struct child_events events = {on_output, on_done};

static void run(struct seen *seen, const char *script, struct slice input, int64_t deadline_ms,
    size_t output_max)
{
	char *const argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, (char *)(uintptr_t)script, NULL};
	struct child_plan plan = {.argv = argv,
	    .input = input,
	    .output_fd = -1,
	    .extra_fd = -1,
	    .deadline_ms = deadline_ms,
	    .output_max = output_max};
	struct error err;

	*seen = (struct seen){.loop = loop_create()};
	assert_non_null(child_start(seen->loop, &plan, &events, seen, &err));
	assert_true(loop_run(seen->loop));
	assert_true(seen->done);
}

static void forget(struct seen *seen)
{
	loop_destroy(&seen->loop);
	buffer_free(&seen->out);
	buffer_free(&seen->errors);
}

static void test_streams(void **state)
{
	struct seen seen;

	(void)state;
	run(&seen, "cat; echo error >&2; exit 7", SLICE("one\ntwo\n"), 5000, 1000);
	assert_string_equal(buffer_string(&seen.out), "one\ntwo\n");
	assert_string_equal(buffer_string(&seen.errors), "error\n");
	assert_true(
	    seen.end.status == 7 && seen.end.signal == 0 && !seen.end.deadline && !seen.end.cut);
	forget(&seen);
	run(&seen, "kill -9 $$", SLICE(""), 5000, 1000);
	assert_true(seen.end.status == -1 && seen.end.signal == SIGKILL);
	forget(&seen);
}

/* Its environment and its descriptors are its own. */
static void test_nothing_is_inherited(void **state)
{
	struct seen seen;
	int leak = open("/dev/null", O_RDONLY);

	(void)state;
	setenv("MAIL_CONFIG", "/tmp/evil", 1);
	run(&seen, "env | sort | grep -v '^PWD\\|^_\\|^SHLVL\\|^OLDPWD'; ls /proc/self/fd | wc -l",
	    SLICE(""), 5000, 1000);
	/* ls has the directory open beside 0, 1 and 2. */
	assert_string_equal(buffer_string(&seen.out),
	    "HOME=/root\nLC_ALL=C\nPATH=/usr/local/sbin:/usr/local/bin:"
	    "/usr/sbin:/usr/bin:/sbin:/bin\n4\n");
	forget(&seen);
	unsetenv("MAIL_CONFIG");
	fd_close(&leak);
}

/* The command has ended; what it left in the background keeps the pipes and is not waited for. */
static void test_background_keeps_pipe(void **state)
{
	struct seen seen;
	int64_t begin = clock_monotonic_ms();

	(void)state;
	run(&seen, "echo said; sleep 60 & exit 0", SLICE(""), 0, 1000);
	assert_string_equal(buffer_string(&seen.out), "said\n");
	assert_true(seen.end.status == 0 && clock_monotonic_ms() - begin < 30000);
	forget(&seen);
}

static void test_deadline(void **state)
{
	struct seen seen;

	(void)state;
	run(&seen, "sleep 60 & sleep 60", SLICE(""), 100, 1000);
	assert_true(seen.end.deadline && seen.end.signal == SIGTERM);
	forget(&seen);
	/* Long enough for a shell to have set its trap, on a machine that is busy. */
	run(&seen, "trap '' TERM; echo begun; while :; do sleep 0.1; done", SLICE(""), 3000, 1000);
	assert_true(seen.end.deadline && seen.end.signal == SIGKILL);
	assert_string_equal(buffer_string(&seen.out), "begun\n");
	forget(&seen);
}

/* Whether the process still runs; one that has ended and was not waited for has no words. */
static bool runs(long pid)
{
	BUFFER_AUTO struct buffer bytes = {0};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	return fd_read_file(path, 4096, &bytes, NULL) && bytes.len > 0;
}

/* The command heeds SIGTERM, what it began does not: its time is over all the same. */
static void test_deadline_ends_the_whole_group(void **state)
{
	struct seen seen;
	FD_AUTO int process = -1;
	long pid;

	(void)state;
	run(&seen, "(trap '' TERM; exec sleep 300) & echo $!; wait", SLICE(""), 3000, 1000);
	assert_true(seen.end.deadline && seen.end.signal == SIGTERM);
	pid = strtol(buffer_string(&seen.out), NULL, 10);
	assert_true(pid > 1);
	/* It is gone, or its end is told. */
	process = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (process >= 0)
		assert_int_equal(poll(&(struct pollfd){process, POLLIN, 0}, 1, 30000), 1);
	assert_false(runs(pid));
	forget(&seen);
}

static void test_too_much(void **state)
{
	struct seen seen;
	BUFFER_AUTO struct buffer input = {0};

	(void)state;
	run(&seen, "head -c 5000000 /dev/zero", SLICE(""), 10000, 100000);
	assert_true(seen.end.cut && seen.end.status == 0 && seen.out.len == 100000);
	forget(&seen);
	for (int i = 0; i < 200000; i++)
		buffer_append_string(&input, "0123456789\n");
	run(&seen, "wc -l", buffer_slice(&input), 10000, 1000);
	assert_string_equal(buffer_string(&seen.out), "200000\n");
	forget(&seen);
	signal(SIGPIPE, SIG_IGN);
	run(&seen, "exec 0<&-; sleep 0.1", buffer_slice(&input), 10000,
	    1000); /* it does not want its input */
	assert_true(seen.end.status == 0);
	forget(&seen);
}

static void test_no_program(void **state)
{
	char *const argv[] = {(char[]){"/no/such/program"}, NULL};
	struct child_plan plan = {
	    .argv = argv, .output_fd = -1, .extra_fd = -1, .output_max = 1000};
	struct seen seen = {.loop = loop_create()};

	(void)state;
	assert_non_null(child_start(seen.loop, &plan, &events, &seen, NULL));
	assert_true(loop_run(seen.loop));
	assert_int_equal(seen.end.status, 127);
	assert_string_equal(buffer_string(&seen.errors),
	    "postroom: cannot run /no/such/program: No such file or directory\n");
	forget(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_streams),
	    cmocka_unit_test(test_nothing_is_inherited),
	    cmocka_unit_test(test_background_keeps_pipe),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_deadline_ends_the_whole_group),
	    cmocka_unit_test(test_too_much),
	    cmocka_unit_test(test_no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
