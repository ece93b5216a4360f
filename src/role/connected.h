/* A process of root's that the service manager has started for a connection of the supervisor
 * (packaging/systemd): it becomes the role by the same steps as one that the supervisor forks. */
#ifndef ROLE_CONNECTED_H
#define ROLE_CONNECTED_H

#include "wire/control_proto.h"

/* The argument of such a process. */
#define ROLE_CONNECTED "--connected"

/* The whole main of it: CONTROL_FD is the connection, and whoever connected must be root. It hands
 * over what the supervisor proves it by, waits for the configuration, drops its rights and becomes
 * the role by an exec of its own program. It only returns, with an exit status, when that cannot
 * be. */
int role_connected(enum control_role role);

#endif
