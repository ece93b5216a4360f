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
#include "role/role.h"
#include "role/sandbox.h"

static _Noreturn void become(const struct confine_plan *plan, int program, int control)
{
	struct role_launch launch = {.plan = *plan,
	    .program = program,
	    .standard = {open("/dev/null", O_RDONLY | O_CLOEXEC), 2, 2},
	    .control = control};

	role_become(&launch);
}

bool process_start(struct process *process, const struct confine_plan *plan, int program,
    const struct role_config *config, struct error *err)
{
	BUFFER_AUTO struct buffer frame = {0};
	int fds[2];

	*process = (struct process){.pidfd = -1};
	if (!channel_pair(fds, err))
		return false;
	process->pid = fork();
	if (process->pid == 0)
		become(plan, program, fds[1]);
	fd_close(&fds[1]);
	if (process->pid > 0)
		process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd < 0) {
		error_set_errno(
		    err, "spawn_failed", errno, "starting the %s", control_role_name(plan->role));
		if (process->pid > 0)
			kill(process->pid, SIGKILL);
		process->pid = 0;
		fd_close(&fds[0]);
		return false;
	}
	fd_set_cloexec(process->pidfd, true);
	process->control = channel_create(fds[0]);
	role_config_encode(&frame, config);
	(void)channel_send(process->control, &frame, NULL, 0); /* its pidfd tells its end */
	return true;
}

bool process_reap(struct process *process, char *how, size_t size)
{
	siginfo_t info = {0};
	bool exited;

	while (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED) != 0 && errno == EINTR)
		;
	exited = info.si_code == CLD_EXITED;
	if (exited && info.si_status == SANDBOX_EXIT_STATUS)
		snprintf(how, size, "made a system call that its sandbox does not admit");
	else
		snprintf(how, size, exited ? "ended with status %d" : "was ended by signal %d",
		    info.si_status);
	channel_destroy(&process->control);
	fd_close(&process->pidfd);
	process->pid = 0;
	return exited && info.si_status == 0;
}
