/* Roles and rights. An account, a token and a session have one role; a route names one right
 * (http/router.h). The table in role.c is the only place that says which role has which right:
 * nobody else compares a role. */
#ifndef ACCESS_ROLE_H
#define ACCESS_ROLE_H

#include <stdbool.h>

#include "base/slice.h"

/* The numbers stand in the database. */
enum access_role {
	ACCESS_ROLE_NONE, /* has shown nothing that counts */
	ACCESS_ROLE_VIEWER,
	ACCESS_ROLE_OPERATOR,
	ACCESS_ROLE_ADMIN,
	ACCESS_ROLES,
};

enum access_right {
	RIGHT_NOBODY,	/* the default of a table entry that forgot it: refuses everyone */
	RIGHT_PUBLIC,	/* no sign-in needed */
	RIGHT_VIEWER,	/* sees the queue */
	RIGHT_CONTENT,	/* reads what is in a message */
	RIGHT_OPERATOR, /* acts on messages */
	RIGHT_ADMIN,	/* settings and accounts */
	RIGHTS,
};

/* False for any number that is no role or no right (a damaged database). */
bool access_role_has(enum access_role role, enum access_right right);
/* "viewer", "operator", "admin"; "none" for any other number. */
const char *access_role_name(enum access_role role);
/* One of those three words; false, and `*role` stays, on any other text. */
bool access_role_parse(struct slice text, enum access_role *role);
/* Those words: "viewer, operator or admin". */
#define ACCESS_ROLE_WORDS_SIZE 64
void access_role_all(char text[ACCESS_ROLE_WORDS_SIZE]);
/* "nobody", "public", "viewer", ...: the words of x-right in api/openapi.yaml. */
const char *access_right_name(enum access_right right);

#endif
