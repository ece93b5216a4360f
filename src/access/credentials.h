/* Who may come in, in memory: sessions, tokens, one-time links and accounts, as the store has them.
 * A request is let in or turned away from here alone, so that no stranger can make the database
 * work. Loaded at the start and whenever another process has changed the database, and kept in step
 * with each write of our own (access.h). Secrets are known by their keys only.
 *
 * What belongs to an account never opens more than the account does at that moment: the rights of
 * both are intersected at each use, and both scopes hold. Without its account it opens nothing. The
 * same holds for people without an account (people.h): the session by which somebody has signed in
 * opens what his groups give him by the table of now. */
#ifndef ACCESS_CREDENTIALS_H
#define ACCESS_CREDENTIALS_H

#include "access/accounts.h"
#include "access/caller.h"
#include "access/people.h"

struct credentials;

/* Addresses that an account has lately signed in from. */
#define CREDENTIALS_ADDRESSES 8

struct credentials_account {
	struct accounts_user user;
	uint64_t addresses[CREDENTIALS_ADDRESSES]; /* login_limits_address(); 0: none */
	unsigned next_address;
	struct credentials_account *next;
};

struct credentials *credentials_create(void);
/* Accepts a pointer to NULL. */
void credentials_destroy(struct credentials **credentials);
/* Takes the place of all that was there; accounts keep their addresses. */
void credentials_load(struct credentials *credentials, const struct accounts_all *all);
/* How long a session may lie unused, in seconds; 0: for ever. */
void credentials_set_idle(struct credentials *credentials, int64_t seconds);
/* Whether everybody who signs in with a password must have a one-time password, too. */
void credentials_set_otp_required(struct credentials *credentials, bool required);
/* What people may who have no account. */
void credentials_set_rules(struct credentials *credentials, const struct people_rules *rules);
/* Those people: who is seen, and who is written down. */
struct people *credentials_people(struct credentials *credentials);
/* Forgets what has expired, by the clock on the wall and by the one that never steps (`boot`, in
 * seconds): a clock that is set back must not make a session longer. And what belongs to somebody
 * without an account whose groups give him nothing any more, or whom nobody has seen for too long.
 * `ended` gets those that the store must be told to forget, too, at most `max` in one call: else
 * the next reading would bring them back. Returns how many. */
size_t credentials_expire(struct credentials *credentials, int64_t now, int64_t boot,
    struct accounts_ended ended[], size_t max);
/* Counts up whenever something that let somebody in has ended, or lets in to something else. */
uint64_t credentials_ended(const struct credentials *credentials);
/* Whether the session or token that somebody came in by still lets him in, to what it let him in to
 * then: a stream asks nobody again, and must not go on with rights that were taken away, nor past a
 * one-time password that is asked of everybody now. */
bool credentials_holds(const struct credentials *credentials, const struct caller *caller);
/* Of the sessions of one account or person, those beyond ACCOUNTS_SESSIONS_MAX end, the one first
 * that has lain unused longest, and never `id`, the new one. `ended` as above. */
size_t credentials_make_room(
    struct credentials *credentials, uint64_t id, struct accounts_ended ended[], size_t max);

enum credentials_kind { CREDENTIALS_SESSION, CREDENTIALS_TOKEN, CREDENTIALS_ONCE };

/* NULL when there is no such secret of that kind, it has expired, or its account has gone or is
 * locked. Valid until the next change or question. */
const struct caller *credentials_find(
    struct credentials *credentials, struct slice secret, enum credentials_kind kind, int64_t now);
/* The same for somebody who asks with it: not one that has lain unused too long, and this is its
 * last use by now. */
struct credentials_use {
	int64_t now, boot; /* seconds, as in credentials_expire */
	const char *peer;
};
const struct caller *credentials_use(struct credentials *credentials, struct slice secret,
    enum credentials_kind kind, const struct credentials_use *use);
/* The uses that were not taken yet, at most `max`; returns how many. They are written down now and
 * then, and not for each request. */
size_t credentials_take_used(
    struct credentials *credentials, struct accounts_used *used, size_t max);

/* One session or token, as it is shown to people. The texts live until the next change. */
struct credentials_item {
	const struct caller *caller;
	uint32_t effective; /* what it may, with its account's */
	const char *owner;  /* its account's name; NULL: it belongs to none */
	/* Whose it is who has no account; NULL: nobody's. And when it ends unless he is seen
	 * before; 0: it does not (a session). */
	const struct person *person;
	int64_t person_until;
	uint32_t given, taken; /* its own, as the next */
	const char *scope;     /* NULL: none */
	int64_t created, used; /* used 0: never */
	const char *used_from, *came_from, *agent;
	enum accounts_how how;
};
typedef void credentials_each_one(void *context, const struct credentials_item *item);
/* Those of that kind that let somebody in, the newest first. */
void credentials_each(struct credentials *credentials, enum credentials_kind kind, int64_t now,
    credentials_each_one *each, void *context);
/* That one of them; false when it is not there. */
bool credentials_item(struct credentials *credentials, enum credentials_kind kind, uint64_t id,
    int64_t now, struct credentials_item *item);

/* The writes, once the store has them. */
/* `what` without its key, which is the secret's. */
void credentials_add(
    struct credentials *credentials, struct slice secret, const struct accounts_secret *what);
void credentials_end(struct credentials *credentials, struct slice secret);
void credentials_end_token(struct credentials *credentials, uint64_t id);
void credentials_end_session(struct credentials *credentials, uint64_t id);
/* All sessions of an account but one (0: all). */
void credentials_end_sessions_of(struct credentials *credentials, uint64_t user, uint64_t but);
void credentials_end_user(struct credentials *credentials, uint64_t user);

/* NULL when there is no such account. */
struct credentials_account *credentials_account(struct credentials *credentials, struct slice name);
/* The account that somebody means who types this name: that one, else the only one whose name
 * differs in case alone. Without one the name in lower case, so that an attempt counts as the same
 * however it is written. */
void credentials_name_meant(
    struct credentials *credentials, struct slice typed, char name[ACCOUNTS_NAME_MAX + 1]);
/* Whether the account that this name means is locked: so whoever leaves can be shut out from here
 * as well, whichever way he would come. */
bool credentials_is_locked(struct credentials *credentials, struct slice name);
void credentials_set_account(struct credentials *credentials, const struct accounts_user *user);
void credentials_drop_account(struct credentials *credentials, struct slice name);
/* All of them, by `next`; in no order. */
struct credentials_account *credentials_accounts(struct credentials *credentials);

#endif
