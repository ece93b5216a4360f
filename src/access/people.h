/* People without an account, in memory: what each of them may now, by the groups that he was in
 * when he was seen last and by the table of the configuration (access.group). Part of the
 * credentials (credentials.h), which ask it at each use of a session or token. */
#ifndef ACCESS_PEOPLE_H
#define ACCESS_PEOPLE_H

#include "access/groups.h"
#include "access/person.h"

struct people;

struct people *people_create(void);
/* Accepts a pointer to NULL. */
void people_destroy(struct people **people);

/* What decides who may what. */
struct people_rules {
	struct groups *groups; /* taken over */
	const char *issuer;    /* whose word counts; "": nobody's */
	bool proxy;	       /* whether a proxy's word counts */
	int64_t away; /* seconds after which tokens end of whom nobody has seen; 0: never */
};
/* The rules from now on. Whoever came by another issuer, or by a proxy that is not asked any more,
 * may nothing. */
void people_set_rules(struct people *people, const struct people_rules *rules);
int64_t people_away(const struct people *people);

/* Takes the place of all that was there. Who was there already was seen when he was seen. `boot`:
 * seconds of the clock that never steps, here and below. */
void people_load(
    struct people *people, const struct person *list, size_t count, int64_t now, int64_t boot);
/* His row has been written, so he was here. */
void people_set(struct people *people, const struct person *person, int64_t now, int64_t boot);
/* He is here, with these groups; he need not have a row. False where he has none. His id is filled
 * in. */
bool people_seen(struct people *people, struct person *person, int64_t boot);

/* How it stands with one of them. */
struct people_item {
	const struct person *person;	  /* lives until the next change */
	const struct access_grant *grant; /* role none: his groups give him nothing */
	int64_t until;			  /* when his tokens end if he is not seen; 0: never */
	bool away;			  /* that has come */
};
/* False when there is no such person. */
bool people_find(const struct people *people, uint64_t id, int64_t boot, struct people_item *item);

/* Counts up whenever somebody may something else than before. */
uint64_t people_changes(const struct people *people);
/* Copies of those who were seen since they were written down, at most `max`; returns how many.
 * Each is freed with person_free. They are given again until people_written. */
size_t people_take_seen(const struct people *people, struct person list[], size_t max);
/* They have been written down as they were then. */
void people_written(struct people *people, const struct person list[], size_t count);

#endif
