/* People whom a proxy in front names, by a header with a name and one with groups (access.proxy_*
 * of the configuration). No session is made of it: each request is judged by what it says itself,
 * so who has signed out at the proxy is out here with his next request. What is kept of a person is
 * who was here lately, for the audit and for the streams that his requests have opened. */
#ifndef ACCESS_PROXIED_H
#define ACCESS_PROXIED_H

#include "access/caller.h"
#include "access/groups.h"
#include "base/error.h"

struct proxied;

/* A stream asks nobody again while it is open, so it ends after this time, and its reader comes
 * back by the proxy. */
#define PROXIED_STREAM_SECONDS 60
/* Who was away for longer comes anew. */
#define PROXIED_AWAY_MS ((int64_t)3600 * 1000)
/* People who are remembered; beyond that the one who was away longest comes anew. */
#define PROXIED_PEOPLE 1024
/* Groups of one person. */
#define PROXIED_GROUPS_MAX 1000

struct proxied *proxied_create(void);
/* Accepts a pointer to NULL. */
void proxied_destroy(struct proxied **proxied);
/* The map from now on (taken over), and what stands between two groups in the header. Everybody
 * comes anew. */
void proxied_set_groups(struct proxied *proxied, struct groups *groups, char separator);

struct proxied_said {
	struct slice name, groups; /* the two headers */
	int64_t now;		   /* Unix seconds */
	int64_t now_ms;		   /* of the clock that nobody sets */
};
struct proxied_arrival {
	bool arrived; /* he was not here lately, or with other rights */
	uint64_t
	    former; /* his number (caller.id) with those rights, whose streams are to end; or 0 */
};

/* Fills in the caller; his scope is valid until the next call. False, with what to tell him: for a
 * name that is none (person_name.h), and when none of his groups is in the map. */
bool proxied_caller(struct proxied *proxied, const struct proxied_said *said, struct caller *caller,
    struct proxied_arrival *arrival, struct error *err);

#endif
