/* Callers on the Unix socket, by the system's user and group tables. */
#include "access/socket.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool in_group(const char *user, gid_t primary, const char *group)
{
	gid_t wanted = (gid_t)strtoul(group, NULL, 10), groups[256];
	int count = sizeof(groups) / sizeof(groups[0]);

	if (group[0] == '\0')
		return false;
	if (primary == wanted)
		return true;
	/* With more groups than there is room for he is taken for a member of none. */
	if (user == NULL || getgrouplist(user, primary, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

bool access_socket_caller(
    uid_t uid, gid_t gid, const char *group, bool privileged, bool is_role, struct caller *caller)
{
	/* For the name in the audit; a user without an entry is told by number. */
	struct passwd *pw = getpwuid(uid);

	struct access_grant grant = {.role = ACCESS_ROLE_NONE};

	*caller = (struct caller){.via = VIA_SOCKET};
	if (pw != NULL)
		snprintf(caller->name, sizeof(caller->name), "%s", pw->pw_name);
	else
		snprintf(caller->name, sizeof(caller->name), "uid %u", uid);
	/* The service of one user is that user's own; installed by root, only root is admin here.
	 */
	if (uid == 0 || (!privileged && uid == getuid()))
		grant.role = ACCESS_ROLE_ADMIN;
	/* A user of the service that was taken over must not be an operator, even where somebody
	 * put him into the group. */
	else if (!is_role && in_group(pw != NULL ? caller->name : NULL, gid, group))
		grant.role = ACCESS_ROLE_OPERATOR;
	caller->role = grant.role;
	caller->rights = access_rights(&grant);
	return caller_may(caller, RIGHT_VIEWER);
}
