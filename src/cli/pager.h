/* The pager: which one, and its process. */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The command of the pager, as words separated by blanks; NULL for none. `pager` is PAGER and
 * `term` TERM of the environment, NULL where they are not set. A PAGER that is empty or cat is
 * none. `wide`: lines may be longer than the screen, and are looked at by moving sideways. */
const char *pager_choose(bool terminal, bool wide, const char *pager, const char *term);

/* Starts it, with its standard input as *fd. False where there is no such program. */
bool pager_start(const char *command, int *fd, pid_t *pid);
/* Waits until it is left. */
void pager_wait(pid_t pid);

#endif
