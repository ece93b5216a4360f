/* What a role gives up between fork and exec, and the proof of it afterwards. */
#ifndef SUPERVISOR_PRIVILEGE_H
#define SUPERVISOR_PRIVILEGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/control_proto.h"

struct privilege_plan {
	enum control_role role;
	bool privileged; /* the supervisor is root: become uid and gid (not the helper) */
	bool unbounded;	 /* helper with a command prefix, which may need any capability */
	uint32_t uid, gid;
};

/* In the new process, before exec: groups, gid, uid, capabilities, no_new_privs, limits. No memory
 * is taken. False when anything could not be dropped (insufficient_rights): do not exec then. */
bool privilege_drop(const struct privilege_plan *plan, struct error *err);

/* What this process is, asked of the kernel. */
bool privilege_read(enum control_role role, struct control_ready *ready, struct error *err);

/* Whether that is what the plan allows; unsafe with what is too much. */
bool privilege_check(
    const struct privilege_plan *plan, const struct control_ready *ready, struct error *err);

#endif
