/* One role's process, from its start to the way it ended. */
#include "supervisor/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "role/prove.h"
#include "role/role.h"
#include "role/sandbox.h"

/* To start a unit takes the service manager some 50 ms. All else stands still meanwhile. */
#define CONNECT_WAIT_MS 10000

static _Noreturn void become(const struct confine_plan *plan, int program, int control, int gate)
{
	struct role_launch launch = {.plan = *plan,
	    .program = program,
	    /* Standard output goes to the log too: no role has anything to print. */
	    .standard = {open("/dev/null", O_RDONLY | O_CLOEXEC), 2, 2},
	    .control = control,
	    .gate = gate};

	role_become(&launch);
}

/* Forks; false with what was opened in `process`, for drop(). */
static bool begin(struct process *process, const struct confine_plan *plan, int program,
    int control, struct error *err)
{
	int gate[2];

	if (pipe2(gate, O_CLOEXEC) != 0)
		return error_set_errno(err, "spawn_failed", errno, "pipe");
	process->pid = fork();
	if (process->pid == 0) {
		fd_close(&gate[1]);
		become(plan, program, control, gate[0]);
	}
	fd_close(&gate[0]);
	if (process->pid > 0) {
		process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
		/* Before the gate opens: the process cannot have ended and its number gone to
		 * another. */
		process->status = prove_open(process->pid, err);
	}
	fd_close(&gate[1]);
	if (process->pidfd < 0)
		return error_set_errno(err, "spawn_failed", errno, "starting it");
	return fd_set_cloexec(process->pidfd, true) && process->status >= 0;
}

void process_kill(const struct process *process)
{
	/* Not by number: that of the service manager's child may be another's by now. */
	if (process->pidfd >= 0)
		(void)syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
}

static void drop(struct process *process)
{
	if (process->pid > 0 && !process->connected) {
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
	}
	process->pid = 0;
	channel_destroy(&process->control);
	fd_close(&process->pidfd);
	fd_close(&process->status);
}

bool process_start(struct process *process, const struct confine_plan *plan, int program,
    const struct role_config *config, struct error *err)
{
	BUFFER_AUTO struct buffer frame = {0};
	int fds[2];
	bool ok;

	*process = (struct process){.pidfd = -1, .status = -1};
	if (!channel_pair(fds, err))
		return false;
	process->control = channel_create(fds[0]);
	/* Before it exists, so that its very first frame comes with the kernel's word. */
	ok = channel_know_sender(process->control, true) &&
	     begin(process, plan, program, fds[1], err);
	fd_close(&fds[1]);
	if (!ok) {
		drop(process);
		return error_prefix(err, "the %s", control_role_name(plan->role));
	}
	/* It lies in the channel before the role looks for it (role_enter). */
	if (config != NULL) {
		role_config_encode(&frame, config);
		(void)channel_send(process->control, &frame, NULL, 0); /* its pidfd tells its end */
	}
	return true;
}

/* ---- one that the service manager starts ---- */

static bool connect_to(struct process *process, const char *path, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		fd_close(&fd);
		return error_set(err, "not_started", "%s is no path of a socket", path);
	}
	strcpy(address.sun_path, path);
	process->control = channel_create(fd);
	/* Before it is connected, so that the very first frame comes with the kernel's word. */
	return (channel_know_sender(process->control, true) &&
		   connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) ||
	       error_set_errno(err, "not_started", errno, "%s", path);
}

static bool is_same_file(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static bool take_over(struct process *process, struct frame *first, int program, struct error *err)
{
	FD_AUTO int status = frame_take_fd(first, 0);
	FD_AUTO int started_from = frame_take_fd(first, 1);
	struct ucred sender;

	if (first->type != CONTROL_CONNECTED || status < 0 || started_from < 0)
		return error_set(err, "unsafe", "its first frame does not say what it is");
	if (!channel_sender(process->control, &sender) || sender.uid != 0 || sender.pid <= 0)
		return error_set(err, "unsafe", "its first frame is not root's");
	/* The program of the newer build would not understand this one. */
	if (!is_same_file(started_from, program))
		return error_set(err, "other_build", "it belongs to another build of Postroom");
	process->pidfd = (int)syscall(SYS_pidfd_open, sender.pid, 0);
	if (process->pidfd < 0 || !fd_set_cloexec(process->pidfd, true))
		return error_set_errno(err, "not_started", errno, "pidfd_open");
	if (!prove_handed(status, sender.pid, err))
		return false;
	process->pid = sender.pid;
	process->status = status;
	status = -1;
	process->filters = sandbox_filters(process->status);
	return true;
}

bool process_connect(struct process *process, const char *path, int program,
    const struct role_config *config, struct error *err)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct frame first = {0};
	bool ok;

	*process = (struct process){.pidfd = -1, .status = -1, .connected = true};
	ok = connect_to(process, path, err);
	if (ok && (!channel_wait(process->control, CONNECT_WAIT_MS) ||
		      channel_receive(process->control, &first) != CHANNEL_FRAME))
		ok = error_set(err, "not_started", "%s: the service manager starts none", path);
	ok = ok && take_over(process, &first, program, err);
	frame_close(&first);
	if (!ok) {
		drop(process);
		return error_prefix(err, "the helper");
	}
	/* It waits for this, and drops its rights by it. */
	role_config_encode(&frame, config);
	(void)channel_send(process->control, &frame, NULL, 0);
	return true;
}

/* The number of one that is not our child has been its own all the time: the process that the pidfd
 * means has not ended. */
static bool is_the_one(const struct process *process, struct error *err)
{
	struct pollfd polled = {process->pidfd, POLLIN, 0};

	return !process->connected || poll(&polled, 1, 0) == 0 ||
	       error_set(err, "unsafe", "it has ended");
}

bool process_prove(const struct process *process, const struct confine_plan *plan,
    const struct frame *first, struct error *err)
{
	return prove_role(plan, process->pid, process->status, process->control, first, err) &&
	       is_the_one(process, err) && channel_know_sender(process->control, false);
}

bool process_reap(struct process *process, char *how, size_t size)
{
	siginfo_t info = {0};
	bool exited;

	while (!process->connected && waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED) != 0 &&
	       errno == EINTR)
		;
	exited = info.si_code == CLD_EXITED || process->connected;
	/* Said in words, as a number would send people to the wrong place. */
	if (process->connected)
		snprintf(how, size, "ended (its unit's log says why)");
	else if (exited && info.si_status == SANDBOX_EXIT_STATUS)
		snprintf(how, size, "made a system call that its sandbox does not admit");
	else
		snprintf(how, size, exited ? "ended with status %d" : "was ended by signal %d",
		    info.si_status);
	channel_destroy(&process->control);
	fd_close(&process->pidfd);
	fd_close(&process->status);
	process->pid = 0;
	return exited && info.si_status == 0;
}
