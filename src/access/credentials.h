/* Who may come in, in memory: sessions, tokens, one-time links and accounts, as the store has them.
 * A request is let in or turned away from here alone, so that no stranger can make the database
 * work. Loaded at the start and whenever another process has changed the database, and kept in step
 * with each write of our own (access.h). Secrets are known by their keys only. */
#ifndef ACCESS_CREDENTIALS_H
#define ACCESS_CREDENTIALS_H

#include "access/accounts.h"
#include "access/caller.h"

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
/* Forgets what has expired. */
void credentials_expire(struct credentials *credentials, int64_t now);

enum credentials_kind { CREDENTIALS_SESSION, CREDENTIALS_TOKEN, CREDENTIALS_ONCE };

/* NULL when there is no such secret of that kind, or it has expired. Valid until the next change.
 */
const struct caller *credentials_find(
    struct credentials *credentials, struct slice secret, enum credentials_kind kind, int64_t now);
/* The writes, once the store has them. */
void credentials_add(struct credentials *credentials, struct slice secret,
    enum credentials_kind kind, const struct caller *caller);
void credentials_end(struct credentials *credentials, struct slice secret);
void credentials_end_token(struct credentials *credentials, uint64_t id);
void credentials_end_user(struct credentials *credentials, uint64_t user);

/* NULL when there is no such account. */
struct credentials_account *credentials_account(struct credentials *credentials, struct slice name);
void credentials_set_account(struct credentials *credentials, const struct accounts_user *user);
void credentials_drop_account(struct credentials *credentials, struct slice name);
/* All of them, by `next`; in no order. */
struct credentials_account *credentials_accounts(struct credentials *credentials);

#endif
