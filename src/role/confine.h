/* What a process of the service gives up, in one place for all of them: between fork and exec it
 * drops its rights, after exec it asks the kernel what it is and compares that with the plan. */
#ifndef ROLE_CONFINE_H
#define ROLE_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/control_proto.h"

struct confine_plan {
	enum control_role role;
	bool privileged; /* the supervisor is root: become uid and gid (not the helper) */
	bool unbounded;	 /* helper with a command prefix, which may need any capability */
	uint32_t uid, gid;
	bool foreign; /* helper that runs programs which nobody knows */
};

/* What the configuration, with the users that the supervisor found, makes of that role. Where it
 * names no user (0) a privileged role is refused. */
struct confine_plan confine_plan(const struct role_config *config, enum control_role role);

/* Whether the helper runs programs that nobody knows: with a command prefix, or as log command. */
bool confine_runs_foreign(const struct role_config *config);

/* The capabilities that it, or what it starts, may have at most. */
uint64_t confine_bounding(const struct confine_plan *plan);

/* In the new process, before exec: namespaces, groups, gid, uid, capabilities, no_new_privs,
 * limits. No memory is taken. False with insufficient_rights when anything could not be dropped:
 * do not exec then. A namespace that the kernel or the service manager refuses is no error: the
 * sandbox (role/sandbox.h) says the same once more. */
bool confine_apply(const struct confine_plan *plan, struct error *err);

/* What this process is, asked of the kernel. */
bool confine_read(enum control_role role, struct control_ready *ready, struct error *err);

/* Whether that is what the plan allows; unsafe with what is too much. */
bool confine_check(
    const struct confine_plan *plan, const struct control_ready *ready, struct error *err);

#endif
