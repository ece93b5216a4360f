/* Starts the processes of the helper and follows each to its end: commands of Postfix, commands
 * that print a log, and viewers. The first half runs in the new process, between fork and exec. The
 * second half is the helper's: pipes, the deadline, the end. Whoever starts one gives a plan and is
 * called back (helper/child.h). */
#include "helper/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "role/prove.h"
#include "role/role.h"

/* What a command prints is read at most this often: postsuper says each message on its own, and
 * would wake us, and through us the server, a thousand times in a batch. A pipe holds 64 KiB, more
 * than it says in a batch. */
#define OUTPUT_REST_MS 10

enum { PIPE_IN, PIPE_OUT, PIPE_ERR, PIPES };

struct child {
	struct loop *loop;
	struct child_events events;
	void *context;
	pid_t pid;
	int pidfd;
	int status;	/* of a role: what the kernel says of it (role/prove.h); else -1 */
	int fds[PIPES]; /* the helper's ends; -1 where there is none, or it is finished */
	struct loop_watch *watches[PIPES];
	struct loop_watch *exit_watch;
	struct buffer input;
	size_t output_left;
	int64_t started_ms;
	struct helper_exit end;
};

/* ---- in the new process ---- */

/* Nothing of the helper's own environment reaches a command: a variable could make a tool load or
 * run something else. LC_ALL=C keeps what Postfix's commands print readable by program. */
static const char *const environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/root",
    NULL};

static void say_and_exit(const char *what, const char *name)
{
	dprintf(STDERR_FILENO, "postroom: %s %s: %s\n", what, name, strerror(errno));
	/* _exit and not exit: the buffers and the handlers are the helper's, and must not run
	 * twice. 127 is what a shell gives for a command that it cannot run. */
	_exit(127);
}

static _Noreturn void become_role(const struct child_plan *plan, const int theirs[PIPES], int gate)
{
	struct role_launch launch = {.plan = *plan->role,
	    .program = plan->program,
	    .standard = {theirs[0], theirs[1], theirs[2]},
	    .control = plan->extra_fd,
	    .gate = gate,
	    .dies_with_parent = plan->disposable};

	role_become(&launch);
}

static void become(const struct child_plan *plan, const int theirs[PIPES], int gate)
{
	sigset_t none;

	if (plan->role != NULL)
		become_role(plan, theirs, gate);
	/* A group of its own, so that a deadline ends what the command started as well. */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Ignored signals stay ignored over exec, and the helper ignores these two. */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	for (int i = 0; i < PIPES; i++)
		if (dup2(theirs[i], i) < 0)
			_exit(127);
	if (plan->extra_fd >= 0 && dup2(plan->extra_fd, 3) < 0)
		_exit(127);
	/* Everything else is the helper's: queue files, channels, the inotify descriptor. */
	close_range(plan->extra_fd >= 0 ? 4 : 3, ~0U, 0);
	if (plan->disposable)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	environ = (char **)environment;
	execvp(plan->argv[0], plan->argv);
	say_and_exit("cannot run", plan->argv[0]);
}

/* ---- in the helper ---- */

static void close_pipe(struct child *child, int which)
{
	loop_remove(&child->watches[which]);
	fd_close(&child->fds[which]);
}

static void on_writable(void *context, short revents)
{
	struct child *child = context;
	ssize_t n = write(child->fds[PIPE_IN], child->input.data, child->input.len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		buffer_consume(&child->input, (size_t)n);
	/* EPIPE: it does not want the rest; its exit status and output tell why. */
	if (n < 0 || child->input.len == 0)
		close_pipe(child, PIPE_IN);
}

/* How many bytes there were, 0 for none now or ever again. */
static size_t read_some(struct child *child, int which)
{
	char bytes[HELPER_OUTPUT_CHUNK];
	ssize_t n;
	size_t taken;

	do
		n = read(child->fds[which], bytes, sizeof(bytes));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		close_pipe(child, which);
		return 0;
	}
	/* What is beyond the bound is read and dropped. A command that nobody reads from would
	 * stand still at a full pipe until its deadline. */
	taken = (size_t)n < child->output_left ? (size_t)n : child->output_left;
	child->output_left -= taken;
	if (taken < (size_t)n)
		child->end.cut = true;
	if (taken > 0 && child->events.output != NULL)
		child->events.output(child->context, (uint8_t)which, slice_make(bytes, taken));
	return (size_t)n;
}

/* After a little a rest; after much, which may be half of what the pipe holds, none. While it
 * rests, the descriptor is not polled and the deadline alone wakes it up. */
static void read_and_rest(struct child *child, int which)
{
	size_t n = read_some(child, which);
	struct loop_watch *watch = child->watches[which];
	bool rest = n > 0 && n < HELPER_OUTPUT_CHUNK;

	if (watch == NULL)
		return;
	loop_events(watch, rest ? 0 : POLLIN);
	loop_deadline(watch, rest ? clock_monotonic_ms() + OUTPUT_REST_MS : -1);
}

static void on_output(void *context, short revents)
{
	read_and_rest(context, PIPE_OUT);
}

static void on_errors(void *context, short revents)
{
	read_and_rest(context, PIPE_ERR);
}

static void finish(struct child *child)
{
	siginfo_t info = {0};

	/* What it began and what ignored SIGTERM: its time is over too. Before the process is
	 * waited for, as its number is its group's, and might be another's afterwards. */
	if (child->end.deadline)
		kill(-child->pid, SIGKILL);
	while (waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED) != 0 && errno == EINTR)
		;
	child->end.status = info.si_code == CLD_EXITED ? info.si_status : -1;
	child->end.signal = info.si_code == CLD_EXITED ? 0 : (uint32_t)info.si_status;
	child->end.took_ms = (uint64_t)(clock_monotonic_ms() - child->started_ms);
	/* What it wrote before it ended is in the pipes by now; a pipe holds at most 1 MiB. */
	for (int which = PIPE_OUT; which <= PIPE_ERR; which++)
		for (int i = 0; i < 64 && child->fds[which] >= 0 && read_some(child, which) > 0;
		     i++)
			;
	for (int which = 0; which < PIPES; which++)
		close_pipe(child, which);
	loop_remove(&child->exit_watch);
	fd_close(&child->pidfd);
	fd_close(&child->status);
	if (child->events.done != NULL)
		child->events.done(child->context, &child->end);
	buffer_free(&child->input);
	free(child);
}

static void on_exit_or_deadline(void *context, short revents)
{
	struct child *child = context;

	if (revents != 0) {
		finish(child);
		return;
	}
	/* First asked to end, so that a tool can tidy up behind itself. What does not is killed
	 * CHILD_KILL_MS later. */
	kill(-child->pid, child->end.deadline ? SIGKILL : SIGTERM);
	child->end.deadline = true;
	loop_deadline(child->exit_watch, clock_monotonic_ms() + CHILD_KILL_MS);
}

/* ours[] and theirs[] for standard input, output and error. */
static bool make_pipes(
    const struct child_plan *plan, int ours[PIPES], int theirs[PIPES], struct error *err)
{
	for (int which = 0; which < PIPES; which++) {
		int fds[2];

		if (which == PIPE_IN && plan->input.len == 0) {
			theirs[which] = open("/dev/null", O_RDONLY | O_CLOEXEC);
			if (theirs[which] < 0)
				return error_set_errno(err, "spawn_failed", errno, "/dev/null");
			continue;
		}
		if (which == PIPE_OUT && plan->output_fd >= 0) {
			theirs[which] = fcntl(plan->output_fd, F_DUPFD_CLOEXEC, 0);
			continue;
		}
		if (pipe2(fds, O_CLOEXEC) != 0)
			return error_set_errno(err, "spawn_failed", errno, "pipe");
		/* Only the helper's end does not block. The other end is a command's own, and
		 * Postfix's tools do not expect EAGAIN. */
		ours[which] = fds[which == PIPE_IN ? 1 : 0];
		theirs[which] = fds[which == PIPE_IN ? 0 : 1];
		fd_set_nonblocking(ours[which], true);
	}
	return true;
}

static void watch(struct child *child, int pidfd, int64_t deadline_ms)
{
	static loop_function *const functions[PIPES] = {on_writable, on_output, on_errors};

	child->pidfd = pidfd;
	child->exit_watch = loop_add(child->loop, pidfd, POLLIN, on_exit_or_deadline, child);
	if (deadline_ms > 0)
		loop_deadline(child->exit_watch, child->started_ms + deadline_ms);
	for (int i = 0; i < PIPES; i++)
		if (child->fds[i] >= 0)
			child->watches[i] = loop_add(child->loop, child->fds[i],
			    i == PIPE_IN ? POLLOUT : POLLIN, functions[i], child);
}

static struct child *start_in(
    struct child *child, const struct child_plan *plan, const int theirs[PIPES], struct error *err)
{
	int pidfd, gate[2] = {-1, -1};

	if (plan->role != NULL && pipe2(gate, O_CLOEXEC) != 0) {
		error_set_errno(err, "spawn_failed", errno, "pipe");
		return NULL;
	}
	child->pid = fork();
	if (child->pid == 0) {
		fd_close(&gate[1]);
		become(plan, theirs, gate[0]);
	}
	if (child->pid > 0 && plan->role != NULL)
		child->status = prove_open(child->pid, NULL); /* child_prove says it */
	/* The gate opens by being closed. A role waits at it until its status in /proc is open
	 * here, so that the number cannot be another process's by then. */
	fd_close(&gate[0]);
	fd_close(&gate[1]);
	if (child->pid < 0) {
		error_set_errno(err, "spawn_failed", errno, "fork");
		return NULL;
	}
	/* Done on both sides, because either may run first and a kill of the group must find it. */
	setpgid(child->pid, child->pid); /* as the child does: whoever is first */
	pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (pidfd < 0) {
		error_set_errno(err, "spawn_failed", errno, "pidfd_open");
		kill(-child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
		fd_close(&child->status);
		return NULL;
	}
	fd_set_cloexec(pidfd, true);
	watch(child, pidfd, plan->deadline_ms);
	return child;
}

struct child *child_start(struct loop *loop, const struct child_plan *plan,
    const struct child_events *events, void *context, struct error *err)
{
	struct child *child = memory_zero(1, sizeof(*child)), *started = NULL;
	int theirs[PIPES] = {-1, -1, -1};

	*child = (struct child){.loop = loop,
	    .events = *events,
	    .context = context,
	    .pidfd = -1,
	    .status = -1,
	    .fds = {-1, -1, -1},
	    .output_left = plan->output_max,
	    .started_ms = clock_monotonic_ms()};
	buffer_append_slice(&child->input, plan->input);
	if (make_pipes(plan, child->fds, theirs, err))
		started = start_in(child, plan, theirs, err);
	for (int i = 0; i < PIPES; i++) {
		fd_close(&theirs[i]);
		if (started == NULL)
			fd_close(&child->fds[i]);
	}
	if (started == NULL) {
		buffer_free(&child->input);
		free(child);
	}
	return started;
}

bool child_prove(const struct child *child, const struct confine_plan *plan,
    const struct channel *channel, const struct frame *first, struct error *err)
{
	return prove_role(plan, child->pid, child->status, channel, first, err);
}

void child_kill(struct child *child)
{
	kill(-child->pid, SIGKILL);
}
