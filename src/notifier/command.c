/* Chooses the program, starts it and watches it to its end. Its life has three events: output, its
 * exit (a pidfd), its deadline. */
#include "notifier/command.h"

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

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "role/program.h"
#include "role/sandbox.h"

/* "A temporary failure", sysexits(3). */
#define STATUS_TRY_AGAIN 75
/* As a shell says that it could not start a program. */
#define STATUS_NOT_STARTED 126

struct command {
	struct loop *loop;
	pid_t pid;
	int pidfd, output;
	struct loop_watch *exit_watch, *output_watch;
	command_done *done; /* NULL: nobody waits for it */
	void *context;
	struct buffer answer;
	size_t printed;
	uint32_t timeout_ms;
	bool late, endless;
};

/* ---- its end ---- */

/* The group, while its leader is a zombie at most: its number is nobody else's. */
static void kill_group(const struct command *c)
{
	kill(-c->pid, SIGKILL);
}

static void judge_exit(const struct command *c, int status, struct outcome *outcome)
{
	int code = WEXITSTATUS(status);

	if (c->late) {
		outcome_set(outcome, NOTIFIER_TRY_AGAIN,
		    "It had not ended after %.1f s and was ended.", c->timeout_ms / 1000.0);
	} else if (c->endless) {
		outcome_set(
		    outcome, NOTIFIER_TRY_AGAIN, "It printed more than 1 MiB and was ended.");
	} else if (!WIFEXITED(status)) {
		outcome_set(
		    outcome, NOTIFIER_TRY_AGAIN, "It was ended by signal %d.", WTERMSIG(status));
	} else if (code == 0) {
		outcome_set(outcome, NOTIFIER_DONE, "It ended with status 0.");
	} else if (code == STATUS_TRY_AGAIN) {
		outcome_set(outcome, NOTIFIER_TRY_AGAIN,
		    "It ended with status 75: it asks to be tried again.");
	} else {
		outcome_set(outcome, NOTIFIER_REFUSED, "It ended with status %d.", code);
	}
	outcome->sent.status = WIFEXITED(status) ? code : 0;
	outcome->sent.answer = buffer_slice(&c->answer);
}

static void destroy(struct command *c)
{
	loop_remove(&c->exit_watch);
	loop_remove(&c->output_watch);
	fd_close(&c->pidfd);
	fd_close(&c->output);
	buffer_free(&c->answer);
	free(c);
}

/* Takes what is there; false when there is no more, now or ever. */
static bool take_output(struct command *c)
{
	char bytes[16384];
	ssize_t n = read(c->output, bytes, sizeof(bytes));
	size_t room = NOTIFIER_ANSWER_MAX - c->answer.len;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		loop_remove(&c->output_watch);
	if (n <= 0)
		return false;
	buffer_append(&c->answer, bytes, (size_t)n < room ? (size_t)n : room);
	c->printed += (size_t)n;
	return c->printed <= COMMAND_OUTPUT_MAX;
}

static void on_exit_or_deadline(void *context, short revents)
{
	struct command *c = context;
	struct outcome outcome = {0};
	int status = 0;

	if (revents == 0) {
		c->late = true;
		kill_group(c);
		return;
	}
	/* What it has left running ends with it: nobody would watch over that. */
	kill_group(c);
	if (waitpid(c->pid, &status, 0) != c->pid)
		status = SIGKILL; /* cannot be: it is ours, and has ended */
	/* What it said last is still in the pipe; those that could write more are gone. */
	while (c->output_watch != NULL && take_output(c))
		;
	judge_exit(c, status, &outcome);
	if (c->done != NULL)
		c->done(c->context, &outcome);
	destroy(c);
}

static void on_output(void *context, short revents)
{
	struct command *c = context;

	(void)revents;
	if (!take_output(c) && c->printed > COMMAND_OUTPUT_MAX) {
		c->endless = true;
		loop_remove(&c->output_watch);
		kill_group(c);
	}
}

void command_cancel(struct command *command)
{
	command->done = NULL;
	kill_group(command);
}

/* ---- its beginning ---- */

/* A descriptor of the directory in which the program may be started; -1 with why not. */
static int open_directory(
    const char *directory, const struct notifier_send *send, struct outcome *outcome)
{
	MEMORY_AUTO char *name = memory_strndup(send->command.data, send->command.len);
	FD_AUTO int program = -1;
	FD_AUTO int within = -1;
	struct error err;
	int found;

	if (directory[0] == '\0') {
		outcome_set(outcome, NOTIFIER_REFUSED,
		    "No command is started here: alerts.commands is empty.");
		return -1;
	}
	within = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (within >= 0)
		/* A link is refused: who may write where it leads is another question. */
		program = openat(within, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (program < 0) {
		outcome_set(outcome, NOTIFIER_REFUSED, "There is no command %s in %s (%s).", name,
		    directory, strerror(errno));
		return -1;
	}
	if (!program_check(within, program, name, &err)) {
		outcome_set(outcome, NOTIFIER_REFUSED, "%s.", err.text);
		return -1;
	}
	found = within;
	within = -1;
	return found;
}

/* What it reads: a file without a name, so that nobody waits for one who does not read. */
static int open_input(struct slice body)
{
	int fd = memfd_create("alert", MFD_CLOEXEC);

	if (fd >= 0 && (!fd_write_all(fd, body.data, body.len) || lseek(fd, 0, SEEK_SET) != 0))
		fd_close(&fd);
	return fd;
}

/* In the new process. What is said on standard error is part of its output. */
static _Noreturn void become(const struct notifier_send *send, int directory, int input, int output)
{
	char *argv[NOTIFIER_ARGUMENTS_COUNT_MAX + 2], path[NOTIFIER_COMMAND_MAX + 3];
	struct slice rest = send->arguments, argument;
	size_t count = 0;
	struct error err;

	snprintf(path, sizeof(path), "./%.*s", SLICE_ARGS(send->command));
	argv[count++] = path + 2;
	/* Each has its NUL, so they are strings as they lie there. */
	while (count <= NOTIFIER_ARGUMENTS_COUNT_MAX && slice_split(&rest, '\0', &argument) &&
	       argument.data != send->arguments.data + send->arguments.len)
		argv[count++] = (char *)argument.data;
	argv[count] = NULL;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (fchdir(directory) != 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(output, 2) < 0)
		_exit(STATUS_NOT_STARTED);
	close_range(3, ~0U, 0);
	if (!sandbox_close_command(&err)) {
		dprintf(2, "%s\n", err.text);
		_exit(STATUS_NOT_STARTED);
	}
	execve(path, argv, environ);
	dprintf(2, "%s: %s\n", path + 2, strerror(errno));
	_exit(STATUS_NOT_STARTED);
}

/* Its descriptors; false where there are no more. */
static bool watch(struct command *c)
{
	setpgid(c->pid, c->pid); /* both do, as nobody knows who comes first */
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0)
		return false;
	c->exit_watch = loop_add(c->loop, c->pidfd, POLLIN, on_exit_or_deadline, c);
	c->output_watch = loop_add(c->loop, c->output, POLLIN, on_output, c);
	loop_deadline(c->exit_watch, clock_monotonic_ms() + c->timeout_ms);
	return true;
}

/* False where the machine has no room for it. */
static bool start(struct command *c, const struct notifier_send *send, int directory)
{
	FD_AUTO int input = open_input(send->body);
	FD_AUTO int output = -1;
	int pipes[2], status;

	if (input < 0 || pipe2(pipes, O_CLOEXEC) != 0)
		return false;
	c->output = pipes[0];
	output = pipes[1];
	fd_set_nonblocking(c->output, true);
	c->pid = fork();
	if (c->pid < 0)
		return false;
	if (c->pid == 0)
		become(send, directory, input, output);
	if (watch(c))
		return true;
	kill_group(c);
	(void)waitpid(c->pid, &status, 0);
	return false;
}

struct command *command_start(struct loop *loop, const char *directory,
    const struct notifier_send *send, command_done *done, void *context, struct outcome *outcome)
{
	FD_AUTO int within = open_directory(directory, send, outcome);
	struct command *c;

	if (within < 0)
		return NULL;
	c = memory_zero(1, sizeof(*c));
	*c = (struct command){.loop = loop,
	    .pidfd = -1,
	    .output = -1,
	    .done = done,
	    .context = context,
	    .timeout_ms = send->timeout_ms};
	if (start(c, send, within))
		return c;
	outcome_set(outcome, NOTIFIER_TRY_AGAIN, "It could not be started (%s).", strerror(errno));
	destroy(c);
	return NULL;
}
