/* Starting with signals as they were at first, waiting, and saying how one ended. */
#include "demo/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "base/slice.h"

/* Of what a failed command printed, this much is read. */
#define OUTPUT_MAX ((size_t)16 << 10)

static void default_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

pid_t program_fork(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* The demo blocks the signals that end it; a child must hear them. */
	default_signals();
	/* A group of its own: Ctrl-C on the terminal reaches the demo alone, which then ends all in
	 * order. */
	setpgid(0, 0);
	/* So that the demo's end is theirs, even when it is killed. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* The parent may have gone before that call. */
	if (getppid() != parent)
		_exit(1);
	return 0;
}

/* Nothing but the three descriptors and the command: what the demo has open is not Postfix's
 * business. */
static _Noreturn void become(
    const char *const argv[], bool (*before)(const void *), const void *context, int output)
{
	int null = open("/dev/null", O_RDONLY);

	default_signals();
	/* The daemons of Postfix must have no terminal. */
	setsid();
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0)
		_exit(126);
	if (before != NULL && !before(context)) {
		dprintf(STDERR_FILENO, "cannot prepare %s: %s\n", argv[0], strerror(errno));
		_exit(126);
	}
	/* Daemons must not inherit the demo's sockets. */
	syscall(SYS_close_range, 3u, ~0u, 0u);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static bool explain(const char *program, int status, struct buffer *output, struct error *err)
{
	struct slice text = slice_trim(buffer_slice(output));

	if (text.len == 0)
		return error_set(err, "command_failed", "%s ended with status %d", program, status);
	/* Where the output is long, its end says what went wrong. */
	if (text.len > 300)
		text = slice_from(text, text.len - 300);
	return error_set(err, "command_failed", "%s: %.*s", program, SLICE_ARGS(text));
}

bool program_run(
    const char *const argv[], bool (*before)(const void *), const void *context, struct error *err)
{
	BUFFER_AUTO struct buffer output = {0};
	/* A file, not a pipe: daemons that it starts may keep it open. */
	FD_AUTO int fd = memfd_create("output", MFD_CLOEXEC);
	pid_t pid;
	int status;

	if (fd < 0)
		return error_set_errno(err, "command_failed", errno, "%s", argv[0]);
	pid = fork();
	if (pid < 0)
		return error_set_errno(err, "command_failed", errno, "%s", argv[0]);
	if (pid == 0)
		become(argv, before, context, fd);
	status = wait_for(pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	lseek(fd, 0, SEEK_SET);
	fd_read_all(fd, OUTPUT_MAX, &output, NULL);
	return explain(argv[0], WIFEXITED(status) ? WEXITSTATUS(status) : status, &output, err);
}

void program_end(pid_t *pid, int seconds)
{
	FD_AUTO int pidfd = -1;
	struct pollfd ended;

	if (*pid <= 0)
		return;
	pidfd = (int)syscall(SYS_pidfd_open, *pid, 0);
	kill(*pid, SIGTERM);
	ended = (struct pollfd){pidfd, POLLIN, 0};
	/* A pidfd becomes readable when its process ends: no polling, and no wrong process by a
	 * number used again. */
	if (pidfd < 0 || poll(&ended, 1, seconds * 1000) <= 0)
		kill(*pid, SIGKILL);
	wait_for(*pid);
	*pid = 0;
}
