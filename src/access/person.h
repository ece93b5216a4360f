/* Somebody who comes by a single sign-on and has something here that outlives a request: a session,
 * a token, a link. He has no account. What he may is worked out from the groups that he was in when
 * he was seen last, by the table as it is now (people.h). One row of the database for each; the
 * functions with a `db` run on the thread that owns it. */
#ifndef ACCESS_PERSON_H
#define ACCESS_PERSON_H

#include <stdint.h>

#include "store/db.h"

/* Who says who he is. The numbers stand in the database. */
enum person_way { PERSON_BY_ISSUER = 1, PERSON_BY_PROXY };
/* "oidc", "proxy"; "unknown" for any other number. */
const char *person_way_name(enum person_way way);

struct person {
	int64_t id;
	enum person_way way;
	/* What he is known again by, with the way: a name alone may be chosen by himself. */
	char *origin;  /* the issuer's address; "" of a proxy */
	char *subject; /* who he is for the issuer; of a proxy, his name */
	char name[65]; /* as it is shown */
	char *groups;  /* their names, each with a NUL behind it */
	size_t groups_len;
	int64_t seen; /* when he came last: signed in, or a request by the proxy */
};

/* A copy with texts of its own. */
void person_copy(struct person *to, const struct person *from);
/* Frees the texts, and empties it. */
void person_free(struct person *person);
/* Whether the two are one. */
bool person_same(const struct person *a, const struct person *b);

/* Writes down who he is now, and fills in his id: a new row, or the one that he has. */
enum db_result person_write(struct db *db, struct person *person, struct error *err);
/* The same where he still has a row; nothing where he has none any more. */
enum db_result person_note(struct db *db, const struct person *person, struct error *err);
/* Removes those who have no session and no token any more. */
enum db_result person_expire(struct db *db, struct error *err);

/* All of them; each is freed with person_free, and the list with free. */
enum db_result person_load(struct db *db, struct person **people, size_t *count, struct error *err);

#endif
