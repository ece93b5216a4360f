/* What `postroom check` shows of the processes: each is started as the service starts it, proved,
 * and ended. */
#ifndef CHECK_ROLES_H
#define CHECK_ROLES_H

#include "base/buffer.h"
#include "wire/control_proto.h"
#include "wire/problem.h"

/* Appends a line for each role to `lines`: its user, its capabilities, and what the kernel gives of
 * its sandbox. Adds role_failed for one that does not start, or is not what it should be. The
 * facts must name the users. */
void check_roles(
    const struct role_config *facts, struct buffer *lines, struct problem_list *problems);

#endif
