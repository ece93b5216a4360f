/* The table of roles and rights, and the words for both. Pure. */
#include "access/role.h"

#include <stddef.h>

#include "base/suggest.h"

static const char *const right_names[RIGHTS] = {
    [RIGHT_NOBODY] = "nobody",
    [RIGHT_PUBLIC] = "public",
    [RIGHT_VIEWER] = "viewer",
    [RIGHT_CONTENT] = "content",
    [RIGHT_OPERATOR] = "operator",
    [RIGHT_ADMIN] = "admin",
};

/* What each role may do. RIGHT_NOBODY stands in no line: a route that forgot its right refuses
 * everyone. */
static const struct {
	const char *name;
	bool has[RIGHTS];
} roles[ACCESS_ROLES] = {
    [ACCESS_ROLE_NONE] = {"none", {[RIGHT_PUBLIC] = true}},
    [ACCESS_ROLE_VIEWER] = {"viewer", {[RIGHT_PUBLIC] = true, [RIGHT_VIEWER] = true}},
    [ACCESS_ROLE_OPERATOR] = {"operator", {[RIGHT_PUBLIC] = true,
					      [RIGHT_VIEWER] = true,
					      [RIGHT_CONTENT] = true,
					      [RIGHT_OPERATOR] = true}},
    [ACCESS_ROLE_ADMIN] = {"admin", {[RIGHT_PUBLIC] = true,
					[RIGHT_VIEWER] = true,
					[RIGHT_CONTENT] = true,
					[RIGHT_OPERATOR] = true,
					[RIGHT_ADMIN] = true}},
};

bool access_role_has(enum access_role role, enum access_right right)
{
	/* A number from the database may be any; outside of the table is no right. */
	return (size_t)role < ACCESS_ROLES && (size_t)right < RIGHTS && roles[role].has[right];
}

/* Never NULL, since it goes into answers and the audit. */
const char *access_role_name(enum access_role role)
{
	return roles[(size_t)role < ACCESS_ROLES ? role : ACCESS_ROLE_NONE].name;
}

bool access_role_parse(struct slice text, enum access_role *role)
{
	/* "none" is no role that anybody can be given. */
	for (size_t i = ACCESS_ROLE_VIEWER; i < ACCESS_ROLES; i++)
		if (slice_is(text, roles[i].name)) {
			*role = (enum access_role)i;
			return true;
		}
	return false;
}

void access_role_all(char text[ACCESS_ROLE_WORDS_SIZE])
{
	const char *names[ACCESS_ROLES] = {NULL};

	for (size_t i = ACCESS_ROLE_VIEWER; i < ACCESS_ROLES; i++)
		names[i] = roles[i].name;
	suggest_all(names, ACCESS_ROLES, text, ACCESS_ROLE_WORDS_SIZE);
}

const char *access_right_name(enum access_right right)
{
	return right_names[(size_t)right < RIGHTS ? right : RIGHT_NOBODY];
}
