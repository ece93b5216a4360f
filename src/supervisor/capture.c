/* Runs a command and takes what it prints, within a time and a size: how root's process asks
 * postconf and getent. It waits for the end, so it is for short answers only. The command gets an
 * environment of its own and no descriptor of ours. */
#include "supervisor/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

static const char *const environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/root",
    NULL};

static void become(char *const *argv, int out, int errors)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	/* So that the end of its time is also that of what it started. */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0)
		_exit(127);
	close_range(3, ~0U, 0);
	environ = (char **)environment;
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Takes what is there; false at the end. What exceeds the bound is dropped. */
static bool take(int fd, struct buffer *to)
{
	char bytes[16384];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	/* By subtraction. The rest is read all the same, or the command would stand still at a full
	 * pipe. */
	if ((size_t)n <= CAPTURE_MAX - to->len)
		buffer_append(to, bytes, (size_t)n);
	return n > 0;
}

/* Reads both to their ends; false when the time is over. */
static bool read_both(
    int out_fd, int error_fd, int64_t until, struct buffer *out, struct buffer *errors)
{
	struct pollfd polled[2] = {{out_fd, POLLIN, 0}, {error_fd, POLLIN, 0}};
	struct buffer *to[2] = {out, errors};

	/* Both at once: a command that fills one pipe while we wait for the other would never end.
	 */
	while (polled[0].fd >= 0 || polled[1].fd >= 0) {
		int64_t left = until - clock_monotonic_ms();

		if (left <= 0 || (poll(polled, 2, (int)left) < 0 && errno != EINTR))
			return false;
		for (int i = 0; i < 2; i++)
			if (polled[i].revents != 0 && !take(polled[i].fd, to[i]))
				polled[i].fd = -1;
	}
	return true;
}

static bool judge(const char *name, int status, struct buffer *errors, struct error *err)
{
	struct slice rest = buffer_slice(errors), line = {"", 0};

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	/* The first line of what it says on standard error is the cause, in its own words. */
	slice_split(&rest, '\n', &line);
	if (line.len > 0)
		return error_set(
		    err, "command_failed", "%.*s", line.len < 300 ? (int)line.len : 300, line.data);
	return error_set(err, "command_failed", "%s ended with %s %d", name,
	    WIFEXITED(status) ? "status" : "signal",
	    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

bool capture_run(char *const *argv, int timeout_ms, struct buffer *out, struct error *err)
{
	BUFFER_AUTO struct buffer errors = {0};
	int64_t until = clock_monotonic_ms() + timeout_ms;
	int out_pipe[2] = {-1, -1}, error_pipe[2] = {-1, -1}, status = 0;
	bool in_time = false;
	pid_t pid = -1;

	if (pipe2(out_pipe, O_CLOEXEC) == 0 && pipe2(error_pipe, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0)
		become(argv, out_pipe[1], error_pipe[1]);
	fd_close(&out_pipe[1]);
	fd_close(&error_pipe[1]);
	if (pid > 0) {
		in_time = read_both(out_pipe[0], error_pipe[0], until, out, &errors);
		if (!in_time)
			kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	fd_close(&out_pipe[0]);
	fd_close(&error_pipe[0]);
	if (pid < 0)
		return error_set_errno(err, "command_failed", errno, "fork");
	if (!in_time)
		return error_set(
		    err, "timed_out", "%s did not answer within %d s", argv[0], timeout_ms / 1000);
	return judge(argv[0], status, &errors, err);
}
