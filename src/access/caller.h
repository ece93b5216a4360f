/* Who calls: what the router knows of somebody who has shown who he is, and what handlers, jobs and
 * the audit are told of him. */
#ifndef ACCESS_CALLER_H
#define ACCESS_CALLER_H

#include <stdint.h>

#include "access/role.h"

/* How he showed it. */
enum caller_via {
	VIA_NOTHING, /* not at all */
	VIA_SESSION,
	VIA_TOKEN,
	VIA_SOCKET, /* the kernel's word on the Unix socket */
	VIA_PROXY,  /* the word of a proxy in front; no row in the database */
};

struct caller {
	char name[65]; /* account; "root" or the system user's name on the socket */
	enum access_role role;
	uint32_t rights; /* as bits: all that decides what he may (access_rights) */
	enum caller_via via;
	int64_t expires; /* Unix seconds; 0 = no end */
	uint64_t id;	 /* of the token or session; 0 for others */
	uint64_t user;	 /* the account that it belongs to and ends with; 0 for none */
	uint64_t person; /* the same of somebody who comes by a single sign-on (person.h) */
	char owner[65];	 /* the name of that account or person; "" for none */
	/* A number of what a session or token may at this moment, its scope with it: with another
	 * one it may something else (credentials_holds). */
	uint64_t judged;
	bool by_password; /* a session that was opened with the password of that account */
	bool by_issuer;	  /* a session that an issuer of OpenID Connect has vouched for */
	/* Opened with a password, and everybody must have a one-time password, which that account
	 * has not: he is let in to set it up, and for nothing else (http_route.unfinished). */
	bool must_otp;
	/* What of the queue he may see and act on: the text of a filter, joined to all that he
	 * asks; or two of them, with ACCESS_SCOPE_AND between, of which both must match. NULL: all
	 * of it. Lives as long as what it was asked of: a request has a copy of its own. */
	const char *scope;
};

/* Between the scope of an account and that of its token. No text of a filter has it. */
#define ACCESS_SCOPE_AND '\x1e'

/* Whether he may do what needs this right: the router's question (http/router.h) and that of /me,
 * and nobody else's. RIGHT_NOBODY: nobody may. */
bool caller_may(const struct caller *caller, enum access_right right);
/* Whether he has all of these rights, as bits: nobody gives away what he has not. */
bool caller_covers(const struct caller *caller, uint32_t rights);
/* The account whose sessions and tokens he may see, make and end as his own; 0: none. Only who has
 * shown its password: a link or a token may be in the hands of somebody who sees less. */
uint64_t caller_account(const struct caller *caller);
/* "session", "token", "socket", "proxy"; "nothing". */
const char *caller_via_name(enum caller_via via);

#endif
