/* Roles and rights. An account, a token and a session have one role, and may differ from it by
 * rights that were given or taken away, and by a scope; a route names one right (http/router.h).
 * The table in role.c is the only place that says who has which right: nobody else compares a role.
 */
#ifndef ACCESS_ROLE_H
#define ACCESS_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* The numbers stand in the database. */
enum access_role {
	ACCESS_ROLE_NONE, /* has shown nothing that counts */
	ACCESS_ROLE_VIEWER,
	ACCESS_ROLE_OPERATOR,
	ACCESS_ROLE_ADMIN,
	ACCESS_ROLES,
};

/* The numbers stand in the database, as bits: what is new comes last. */
enum access_right {
	RIGHT_NOBODY,	/* the default of a table entry that forgot it: refuses everyone */
	RIGHT_PUBLIC,	/* no sign-in needed */
	RIGHT_VIEWER,	/* sees the queue */
	RIGHT_CONTENT,	/* reads what is in a message */
	RIGHT_OPERATOR, /* acts on messages */
	RIGHT_PAUSES,	/* holds deliveries back for a time */
	RIGHT_SETTINGS, /* changes settings of Postfix, and who is alerted of what */
	RIGHT_ACCOUNTS, /* accounts, and the tokens and sessions of others */
	RIGHT_AUDIT,	/* reads what everybody has done */
	RIGHTS,
};

#define ACCESS_RIGHT_BIT(right) (UINT32_C(1) << (right))

/* Bytes of a scope's text: some 130 domains. */
#define ACCESS_SCOPE_MAX 4000

/* What somebody may do, as it stands in the database and before the table was asked. */
struct access_grant {
	enum access_role role;
	uint32_t given, taken; /* rights beside the role's, as bits; those that it may not be given
				* do not count */
	bool scoped;	       /* keeps to `scope`, the text of a filter; else he sees everything */
	char scope[ACCESS_SCOPE_MAX + 1];
};

/* The rights that this makes, as bits. None for any number that is no role (a damaged database). */
uint32_t access_rights(const struct access_grant *grant);
/* A scope from outside. One that is too long becomes no filter at all, which lets nothing through:
 * cut, it might let more through than it was meant to. */
void access_grant_set_scope(struct access_grant *grant, struct slice scope);
/* The rights that this would make without its scope, and does not with it, as bits: for whoever has
 * to be told that they do not hold. */
uint32_t access_grant_lost(const struct access_grant *grant);
/* Whether a role has this right by itself, and nobody has it beside a scope. */
bool access_scope_takes(enum access_role role, enum access_right right);
/* Whether the rights that are given and taken away are such as the role may be given, or lose, and
 * none is given that nobody has beside a scope. False with bad_right, which names the first that is
 * not. */
bool access_grant_check(const struct access_grant *grant, struct error *err);
/* Of the rights given and taken away, those that count for the role and beside the scope. */
void access_grant_effective(const struct access_grant *grant, uint32_t *given, uint32_t *taken);

/* A line of the table: rights as bits. */
struct access_role_line {
	const char *name;
	uint32_t has, may_be_given, may_lose;
};
/* The lines of the roles that somebody can be given, for whoever is offered a choice. */
const struct access_role_line *access_role_lines(size_t *count);
/* The rights that nobody has who keeps to a scope, as bits. */
uint32_t access_lost_to_a_scope(void);

/* "viewer", "operator", "admin"; "none" for any other number. */
const char *access_role_name(enum access_role role);
/* One of those three words; false, and `*role` stays, on any other text. */
bool access_role_parse(struct slice text, enum access_role *role);
/* Those words: "viewer, operator or admin". */
#define ACCESS_ROLE_WORDS_SIZE 64
void access_role_all(char text[ACCESS_ROLE_WORDS_SIZE]);
/* "nobody", "public", "viewer", ...: the words of x-right in api/openapi.yaml. */
const char *access_right_name(enum access_right right);
/* These rights by their names, "settings, audit"; cut where it does not fit. */
#define ACCESS_RIGHTS_WORDS_SIZE 80
void access_rights_words(uint32_t rights, char text[ACCESS_RIGHTS_WORDS_SIZE]);
/* One of the words that somebody signed in can have; false, and `*right` stays, on any other. */
bool access_right_parse(struct slice text, enum access_right *right);

#endif
