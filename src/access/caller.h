/* Who calls: what the router knows of somebody who has shown who he is, and what handlers, jobs and
 * the audit are told of him. */
#ifndef ACCESS_CALLER_H
#define ACCESS_CALLER_H

#include <stdint.h>

#include "access/role.h"

/* How he showed it. */
enum caller_via { CALLER_VIA_NOTHING, CALLER_VIA_SESSION, CALLER_VIA_TOKEN, CALLER_VIA_SOCKET };

struct caller {
	char name[65]; /* account; "root" or the system user's name on the socket */
	enum access_role role;
	enum caller_via via;
	int64_t expires; /* Unix seconds; 0 = no end */
	uint64_t id;	 /* of the token or session; 0 for the socket */
	uint64_t user;	 /* the account that it belongs to and ends with; 0 for none */
	/* What of the queue he may see and act on: the text of a filter, joined to all that he
	 * asks. NULL: all of it. No account has one yet. */
	const char *scope;
};

#endif
