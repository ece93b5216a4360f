#include "supervisor/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

/* Roles find nothing of the supervisor's environment. */
static const char *const environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/",
    NULL};

static const char *mode_of(const struct privilege_plan *plan)
{
	if (!plan->privileged)
		return "unprivileged";
	return plan->unbounded ? "unbounded" : "privileged";
}

static void become(const struct privilege_plan *plan, int control)
{
	char uid[16], gid[16];
	int null = open("/dev/null", O_RDONLY);
	struct error err;
	sigset_t none;

	snprintf(uid, sizeof(uid), "%u", plan->uid);
	snprintf(gid, sizeof(gid), "%u", plan->gid);
	setpgid(0, 0); /* Ctrl-C on a terminal is for the supervisor alone */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(2, 1) < 0 || dup2(control, CONTROL_FD) < 0)
		_exit(71);
	close_range(CONTROL_FD + 1, ~0U, 0);
	if (!privilege_drop(plan, &err)) {
		log_error(
		    "the %s cannot drop its rights: %s", control_role_name(plan->role), err.text);
		_exit(71);
	}
	execle("/proc/self/exe", "postroom", "role", control_role_name(plan->role), uid, gid,
	    mode_of(plan), (char *)NULL, environment);
	_exit(71);
}

bool process_start(struct process *process, const struct privilege_plan *plan, struct error *err)
{
	int fds[2];

	*process = (struct process){.pidfd = -1};
	if (!channel_pair(fds, err))
		return false;
	process->pid = fork();
	if (process->pid == 0)
		become(plan, fds[1]);
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
	return true;
}

bool process_reap(struct process *process, char *how, size_t size)
{
	siginfo_t info = {0};
	bool exited;

	while (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED) != 0 && errno == EINTR)
		;
	exited = info.si_code == CLD_EXITED;
	snprintf(
	    how, size, exited ? "ended with status %d" : "was ended by signal %d", info.si_status);
	channel_destroy(&process->control);
	fd_close(&process->pidfd);
	process->pid = 0;
	return exited && info.si_status == 0;
}

bool process_parse_arguments(int argc, char **argv, struct privilege_plan *plan)
{
	uint64_t uid, gid;

	*plan = (struct privilege_plan){0};
	if (argc != 6 || !slice_to_u64(slice_of(argv[3]), &uid) ||
	    !slice_to_u64(slice_of(argv[4]), &gid))
		return false;
	for (int role = 1; role < CONTROL_ROLES; role++)
		if (strcmp(argv[2], control_role_name((enum control_role)role)) == 0)
			plan->role = (enum control_role)role;
	plan->uid = (uint32_t)uid;
	plan->gid = (uint32_t)gid;
	plan->privileged = strcmp(argv[5], "unprivileged") != 0;
	plan->unbounded = strcmp(argv[5], "unbounded") == 0;
	return plan->role != 0;
}

bool process_enter(const struct privilege_plan *plan)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct control_ready ready;
	struct error err;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || !privilege_read(plan->role, &ready, &err) ||
	    !privilege_check(plan, &ready, &err)) {
		log_error("does not start: %s", err.text);
		return false;
	}
	control_ready_encode(&frame, &ready);
	if (send(CONTROL_FD, frame.data, frame.len, MSG_NOSIGNAL) == (ssize_t)frame.len)
		return true;
	log_error("does not start: descriptor 3 is no control channel");
	return false;
}
