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
	bool connected;		 /* the service manager's child, not ours */
	unsigned filters;	 /* of system calls, around it when it connected */
	struct channel *control; /* to its descriptor 3 */
};

/* Starts a role from its program (role/program.h) and sends it `config`, with which it closes its
 * sandbox; READY follows. NULL for a viewer, which is told nothing before its message. */
bool process_start(struct process *process, const struct confine_plan *plan, int program,
    const struct role_config *config, struct error *err);

/* The same for a helper that the service manager starts for each connection to that socket
 * (packaging/systemd). Waits for it, seconds at most. False with not_started, unsafe, or
 * other_build when it was not started from `program`: the service was upgraded meanwhile. */
bool process_connect(struct process *process, const char *socket, int program,
    const struct role_config *config, struct error *err);

/* Ends it at once. */
void process_kill(const struct process *process);

/* Judges the first frame that came over its control channel (role/prove.h). */
bool process_prove(const struct process *process, const struct confine_plan *plan,
    const struct frame *first, struct error *err);

/* After the pidfd became readable: waits, frees, and says how it ended in `how` (for people).
 * Returns whether it ended by itself with status 0; of one that has connected only the service
 * manager knows. */
bool process_reap(struct process *process, char *how, size_t size);

#endif
