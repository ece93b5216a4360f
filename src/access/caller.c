/* What a caller may do, from the bits that role.c has made for him. */
#include "access/caller.h"

#include <stddef.h>

bool caller_may(const struct caller *caller, enum access_right right)
{
	if (right == RIGHT_PUBLIC)
		return true;
	/* Numbers that are no rights, and the one that a table entry without any has. */
	if (right == RIGHT_NOBODY || (size_t)right >= RIGHTS)
		return false;
	return (caller->rights & ACCESS_RIGHT_BIT(right)) != 0;
}

bool caller_covers(const struct caller *caller, uint32_t rights)
{
	return (rights & ~caller->rights) == 0;
}

uint64_t caller_account(const struct caller *caller)
{
	return caller->by_password ? caller->user : 0;
}

const char *caller_via_name(enum caller_via via)
{
	static const char *const names[] = {[VIA_NOTHING] = "nothing",
	    [VIA_SESSION] = "session",
	    [VIA_TOKEN] = "token",
	    [VIA_SOCKET] = "socket",
	    [VIA_PROXY] = "proxy"};

	return names[(size_t)via < sizeof(names) / sizeof(names[0]) ? via : VIA_NOTHING];
}
