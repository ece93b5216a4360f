/* The table of roles and rights, and the words for both. Pure. */
#include "access/role.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

static const char *const right_names[RIGHTS] = {
    [RIGHT_NOBODY] = "nobody",
    [RIGHT_PUBLIC] = "public",
    [RIGHT_VIEWER] = "viewer",
    [RIGHT_CONTENT] = "content",
    [RIGHT_OPERATOR] = "operator",
    [RIGHT_PAUSES] = "pauses",
    [RIGHT_SETTINGS] = "settings",
    [RIGHT_ACCOUNTS] = "accounts",
    [RIGHT_AUDIT] = "audit",
};

#define BIT ACCESS_RIGHT_BIT
#define SEES BIT(RIGHT_VIEWER)
#define ACTS (SEES | BIT(RIGHT_CONTENT) | BIT(RIGHT_OPERATOR) | BIT(RIGHT_PAUSES))

/* What each role may do by itself, what it may be given beside that, and what it may lose. What a
 * role is made of stays: an operator who may not act is a viewer. */
static const struct access_role_line roles[ACCESS_ROLES] = {
    [ACCESS_ROLE_NONE] = {"none", 0, 0, 0},
    [ACCESS_ROLE_VIEWER] = {"viewer", SEES, BIT(RIGHT_CONTENT) | BIT(RIGHT_AUDIT), 0},
    [ACCESS_ROLE_OPERATOR] = {"operator", ACTS, BIT(RIGHT_SETTINGS) | BIT(RIGHT_AUDIT),
	BIT(RIGHT_CONTENT) | BIT(RIGHT_PAUSES)},
    [ACCESS_ROLE_ADMIN] = {"admin",
	ACTS | BIT(RIGHT_SETTINGS) | BIT(RIGHT_ACCOUNTS) | BIT(RIGHT_AUDIT), 0, BIT(RIGHT_CONTENT)},
};

/* These are about the whole host: whoever sees a part of the queue has none of them, whatever his
 * role. */
static const uint32_t lost_to_a_scope =
    BIT(RIGHT_PAUSES) | BIT(RIGHT_SETTINGS) | BIT(RIGHT_ACCOUNTS) | BIT(RIGHT_AUDIT);

/* A number from the database may be any; outside of the table is no right. */
static enum access_role role_of(const struct access_grant *grant)
{
	return (size_t)grant->role < ACCESS_ROLES ? grant->role : ACCESS_ROLE_NONE;
}

uint32_t access_rights(const struct access_grant *grant)
{
	enum access_role role = role_of(grant);
	uint32_t rights = roles[role].has | (grant->given & roles[role].may_be_given);

	rights &= ~(grant->taken & roles[role].may_lose);
	return grant->scoped ? rights & ~lost_to_a_scope : rights;
}

void access_grant_set_scope(struct access_grant *grant, struct slice scope)
{
	grant->scoped = true;
	if (scope.len > ACCESS_SCOPE_MAX || memchr(scope.data, '\0', scope.len) != NULL)
		scope = SLICE("(");
	memcpy(grant->scope, scope.data, scope.len);
	grant->scope[scope.len] = '\0';
}

void access_grant_effective(const struct access_grant *grant, uint32_t *given, uint32_t *taken)
{
	*given = grant->given & roles[role_of(grant)].may_be_given;
	if (grant->scoped)
		*given &= ~lost_to_a_scope;
	*taken = grant->taken & roles[role_of(grant)].may_lose;
}

const struct access_role_line *access_role_lines(size_t *count)
{
	*count = ACCESS_ROLES - ACCESS_ROLE_VIEWER;
	return &roles[ACCESS_ROLE_VIEWER];
}

uint32_t access_lost_to_a_scope(void)
{
	return lost_to_a_scope;
}

uint32_t access_grant_lost(const struct access_grant *grant)
{
	struct access_grant free_of = {
	    .role = grant->role, .given = grant->given, .taken = grant->taken};

	return grant->scoped ? access_rights(&free_of) & lost_to_a_scope : 0;
}

bool access_scope_takes(enum access_role role, enum access_right right)
{
	const struct access_grant grant = {.role = role};

	return (size_t)right < RIGHTS &&
	       (access_rights(&grant) & lost_to_a_scope & BIT(right)) != 0;
}

bool access_grant_check(const struct access_grant *grant, struct error *err)
{
	enum access_role role = role_of(grant);

	for (size_t right = 0; right < RIGHTS; right++) {
		if (grant->given & BIT(right) & ~roles[role].may_be_given)
			return error_say(err, "bad_right", SAID_PROBLEM_RIGHT_NOT_GIVEN, 2,
			    said_text("role", slice_of(roles[role].name)),
			    said_text("right", slice_of(right_names[right])));
		if (grant->taken & BIT(right) & ~roles[role].may_lose)
			return error_say(err, "bad_right", SAID_PROBLEM_RIGHT_NOT_TAKEN, 2,
			    said_text("right", slice_of(right_names[right])),
			    said_text("role", slice_of(roles[role].name)));
		if (grant->scoped && (grant->given & BIT(right) & lost_to_a_scope) != 0)
			return error_say(err, "bad_right", SAID_PROBLEM_RIGHT_WHOLE_HOST, 1,
			    said_text("right", slice_of(right_names[right])));
	}
	return true;
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

void access_rights_words(uint32_t rights, char text[ACCESS_RIGHTS_WORDS_SIZE])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t right = RIGHT_VIEWER; right < RIGHTS && len < ACCESS_RIGHTS_WORDS_SIZE; right++)
		if (rights & BIT(right))
			len += (size_t)snprintf(text + len, ACCESS_RIGHTS_WORDS_SIZE - len, "%s%s",
			    len > 0 ? ", " : "", right_names[right]);
}

bool access_right_parse(struct slice text, enum access_right *right)
{
	for (size_t i = RIGHT_VIEWER; i < RIGHTS; i++)
		if (slice_is(text, right_names[i])) {
			*right = (enum access_right)i;
			return true;
		}
	return false;
}
