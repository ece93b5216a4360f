/* One role's process: started, watched, ended. */
#ifndef SUPERVISOR_PROCESS_H
#define SUPERVISOR_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "supervisor/privilege.h"
#include "wire/channel.h"

struct process {
	pid_t pid;		 /* 0: not running */
	int pidfd;		 /* readable when it has ended */
	struct channel *control; /* to its descriptor 3 */
};

/* Forks and re-execs this binary with a role, its rights dropped before exec. */
bool process_start(struct process *process, const struct privilege_plan *plan, struct error *err);

/* After the pidfd became readable: waits, frees, and says how it ended in `how` (for people).
 * Returns whether it ended by itself with status 0. */
bool process_reap(struct process *process, char *how, size_t size);

/* The arguments that process_start gives, parsed back in the new process: "role NAME UID GID MODE".
 */
bool process_parse_arguments(int argc, char **argv, struct privilege_plan *plan);

/* In the new process, before the role's main: makes it undumpable, checks what it is against the
 * plan and sends READY on descriptor 3. False (said on standard error) when it must not go on. */
bool process_enter(const struct privilege_plan *plan);

#endif
