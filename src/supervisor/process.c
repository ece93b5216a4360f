/* One role's process, from its start to the way it ended. */
#include "supervisor/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "role/prove.h"
#include "role/role.h"
#include "role/sandbox.h"

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

static void drop(struct process *process)
{
	if (process->pid > 0) {
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

bool process_prove(const struct process *process, const struct confine_plan *plan,
    const struct frame *first, struct error *err)
{
	return prove_role(plan, process->pid, process->status, process->control, first, err) &&
	       channel_know_sender(process->control, false);
}

bool process_reap(struct process *process, char *how, size_t size)
{
	siginfo_t info = {0};
	bool exited;

	while (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED) != 0 && errno == EINTR)
		;
	exited = info.si_code == CLD_EXITED;
	/* Said in words, as a number would send people to the wrong place. */
	if (exited && info.si_status == SANDBOX_EXIT_STATUS)
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
