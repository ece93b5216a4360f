/* Root without the rights to give a file away, or to write into a directory of another, as the
 * units of packaging/systemd leave it. A process that has become the other can, and has no more
 * than that. The supervisor itself never changes its user: the kernel would hide its children from
 * it then. */
#include "supervisor/errand.h"

#include <errno.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void run(uid_t uid, gid_t gid, errand_work *work, const void *context)
{
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		_exit(errno);
	_exit(work(context));
}

int errand_run(uid_t uid, gid_t gid, errand_work *work, const void *context)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return errno;
	if (pid == 0)
		run(uid, gid, work, context);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	/* Numbers of errno are small; a signal has none. */
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}
