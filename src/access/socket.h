/* Who calls on the Unix socket: the kernel says his user and group, and here is what that makes of
 * him. */
#ifndef ACCESS_SOCKET_H
#define ACCESS_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "access/caller.h"

/* Root is admin (he could do everything anyway), and so is whoever runs an unprivileged service
 * himself (`privileged` false); the members of `group` (its number, "" for none) are operators.
 * `is_role`: the user is one that a process of the service runs as; it has nothing to ask here, and
 * one that does was taken over. Fills in `caller`, and returns false when he is none of these.
 * Reads the system's user and group tables. */
bool access_socket_caller(
    uid_t uid, gid_t gid, const char *group, bool privileged, bool is_role, struct caller *caller);

#endif
