/* One role's process: started, watched, ended. */
#ifndef SUPERVISOR_PROCESS_H
#define SUPERVISOR_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "role/confine.h"
#include "wire/channel.h"

struct process {
	pid_t pid;		 /* 0: not running */
	int pidfd;		 /* readable when it has ended */
	int status;		 /* what the kernel says of it (role/prove.h) */
	struct channel *control; /* to its descriptor 3 */
};

/* Starts a role from its program (role/program.h) and sends it `config`, with which it closes its
 * sandbox; READY follows. NULL for a viewer, which is told nothing before its message. */
bool process_start(struct process *process, const struct confine_plan *plan, int program,
    const struct role_config *config, struct error *err);

/* Judges the first frame that came over its control channel (role/prove.h). */
bool process_prove(const struct process *process, const struct confine_plan *plan,
    const struct frame *first, struct error *err);

/* After the pidfd became readable: waits, frees, and says how it ended in `how` (for people).
 * Returns whether it ended by itself with status 0. */
bool process_reap(struct process *process, char *how, size_t size);

#endif
