/* No shell: PAGER may have options, and its words are taken as they stand. */
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "config/config.h"

/* Ends at once where all fits (F), lets colours through (R), and leaves what it showed on the
 * terminal (X). */
#define USUAL "less -FRX"
#define USUAL_WIDE "less -FRXS"

const char *pager_choose(bool terminal, bool wide, const char *pager, const char *term)
{
	if (!terminal || (term != NULL && strcmp(term, "dumb") == 0))
		return NULL;
	if (pager == NULL)
		return wide ? USUAL_WIDE : USUAL;
	return pager[strspn(pager, " ")] == '\0' || strcmp(pager, "cat") == 0 ? NULL : pager;
}

bool pager_start(const char *command, int *fd, pid_t *pid)
{
	MEMORY_AUTO char **words = config_words(command);
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t usual;
	int ends[2];
	bool started;

	if (words[0] == NULL || pipe2(ends, O_CLOEXEC) < 0)
		return false;
	/* For one that is `less` without options of its own. */
	setenv("LESS", "FRX", 0);
	/* Who may run this one command as root (sudo) must not get a shell of root's from its
	 * pager. */
	if (geteuid() == 0)
		setenv("LESSSECURE", "1", 0);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, ends[0], STDIN_FILENO);
	/* We ignore these while it runs; it must not. */
	posix_spawnattr_init(&attributes);
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	started = posix_spawnp(pid, words[0], &files, &attributes, words, environ) == 0;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	fd_close(&ends[0]);
	if (started)
		*fd = ends[1];
	else
		fd_close(&ends[1]);
	return started;
}

void pager_wait(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}
