/* The table of secrets and the list of accounts, in memory. Secrets stand in buckets by the first
 * bytes of their hash; accounts are few and stand in a list. */
#include "access/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/memory.h"

/* Secrets have their place by the first bytes of their keys, which nobody can choose. */
#define BUCKETS 1024

struct credential {
	unsigned char key[ACCOUNTS_KEY_SIZE];
	enum credentials_kind kind;
	struct caller caller;
	struct credential *next;
};

struct credentials {
	struct credential *buckets[BUCKETS];
	struct credentials_account *accounts;
};

struct credentials *credentials_create(void)
{
	return memory_zero(1, sizeof(struct credentials));
}

static bool any(const struct credential *c, int64_t number)
{
	(void)c;
	(void)number;
	return true;
}

/* Removes what `wanted` says yes to. */
static void remove_where(struct credentials *credentials,
    bool (*wanted)(const struct credential *c, int64_t number), int64_t number)
{
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential **at = &credentials->buckets[b]; *at != NULL;) {
			struct credential *c = *at;

			if (!wanted(c, number)) {
				at = &c->next;
				continue;
			}
			*at = c->next;
			free(c);
		}
}

static void free_accounts(struct credentials_account *accounts)
{
	while (accounts != NULL) {
		struct credentials_account *next = accounts->next;

		/* It has the hash of a password. */
		sodium_memzero(&accounts->user, sizeof(accounts->user));
		free(accounts);
		accounts = next;
	}
}

void credentials_destroy(struct credentials **credentials)
{
	if (*credentials == NULL)
		return;
	remove_where(*credentials, any, 0);
	free_accounts((*credentials)->accounts);
	free(*credentials);
	*credentials = NULL;
}

/* Two bytes of a hash are as good as any hash of it. */
static struct credential **bucket(
    struct credentials *credentials, const unsigned char key[ACCOUNTS_KEY_SIZE])
{
	return &credentials->buckets[(key[0] | (unsigned)key[1] << 8) % BUCKETS];
}

static void add(struct credentials *credentials, const unsigned char key[ACCOUNTS_KEY_SIZE],
    enum credentials_kind kind, const struct caller *caller)
{
	struct credential **at = bucket(credentials, key), *c = memory_zero(1, sizeof(*c));

	memcpy(c->key, key, sizeof(c->key));
	c->kind = kind;
	c->caller = *caller;
	c->next = *at;
	*at = c;
}

static void add_loaded(struct credentials *credentials, const struct accounts_secret *s)
{
	struct caller caller = {.role = s->role,
	    .via = s->is_token ? CALLER_VIA_TOKEN : CALLER_VIA_SESSION,
	    .expires = s->expires,
	    .id = (uint64_t)s->id,
	    .user = (uint64_t)s->user_id};

	snprintf(caller.name, sizeof(caller.name), "%s", s->name);
	add(credentials, s->key,
	    s->once	  ? CREDENTIALS_ONCE
	    : s->is_token ? CREDENTIALS_TOKEN
			  : CREDENTIALS_SESSION,
	    &caller);
}

void credentials_load(struct credentials *credentials, const struct accounts_all *all)
{
	/* The addresses from which somebody signed in are known to memory alone and taken over. */
	struct credentials_account *before = credentials->accounts, *same;

	remove_where(credentials, any, 0);
	for (size_t i = 0; i < all->secret_count; i++)
		add_loaded(credentials, &all->secrets[i]);
	credentials->accounts = NULL;
	for (size_t i = 0; i < all->user_count; i++) {
		credentials_set_account(credentials, &all->users[i]);
		for (same = before; same != NULL; same = same->next)
			if (same->user.id == all->users[i].id) {
				memcpy(credentials->accounts->addresses, same->addresses,
				    sizeof(same->addresses));
				credentials->accounts->next_address = same->next_address;
			}
	}
	free_accounts(before);
}

static bool has_expired(const struct credential *c, int64_t now)
{
	return c->caller.expires != 0 && c->caller.expires <= now;
}

void credentials_expire(struct credentials *credentials, int64_t now)
{
	remove_where(credentials, has_expired, now);
}

static struct credential **find(struct credentials *credentials, struct slice secret)
{
	unsigned char key[ACCOUNTS_KEY_SIZE];
	struct credential **at;

	accounts_key(secret, key);
	at = bucket(credentials, key);
	/* In constant time, although what is compared are hashes that nobody can choose. */
	while (*at != NULL && sodium_memcmp((*at)->key, key, sizeof(key)) != 0)
		at = &(*at)->next;
	return at;
}

/* The kind counts too: a one-time link must not pass as a token. */
const struct caller *credentials_find(
    struct credentials *credentials, struct slice secret, enum credentials_kind kind, int64_t now)
{
	const struct credential *c = *find(credentials, secret);

	return c != NULL && c->kind == kind && !has_expired(c, now) ? &c->caller : NULL;
}

void credentials_add(struct credentials *credentials, struct slice secret,
    enum credentials_kind kind, const struct caller *caller)
{
	unsigned char key[ACCOUNTS_KEY_SIZE];

	/* It may be there already, from a reading of the store that came in between. */
	credentials_end(credentials, secret);
	accounts_key(secret, key);
	add(credentials, key, kind, caller);
}

void credentials_end(struct credentials *credentials, struct slice secret)
{
	struct credential **at = find(credentials, secret), *c = *at;

	if (c == NULL)
		return;
	*at = c->next;
	free(c);
}

static bool is_token(const struct credential *c, int64_t id)
{
	return c->kind == CREDENTIALS_TOKEN && c->caller.id == (uint64_t)id;
}

void credentials_end_token(struct credentials *credentials, uint64_t id)
{
	remove_where(credentials, is_token, (int64_t)id);
}

static bool is_of_user(const struct credential *c, int64_t user)
{
	return c->caller.user == (uint64_t)user;
}

void credentials_end_user(struct credentials *credentials, uint64_t user)
{
	/* 0 is of no account: secrets of the command line have it. */
	if (user != 0)
		remove_where(credentials, is_of_user, (int64_t)user);
}

/* ---- Accounts: a handful ---- */

struct credentials_account *credentials_account(struct credentials *credentials, struct slice name)
{
	struct credentials_account *a = credentials->accounts;

	while (a != NULL && !slice_is(name, a->user.name))
		a = a->next;
	return a;
}

void credentials_set_account(struct credentials *credentials, const struct accounts_user *user)
{
	struct credentials_account *a = credentials_account(credentials, slice_of(user->name));

	if (a == NULL) {
		a = memory_zero(1, sizeof(*a));
		a->next = credentials->accounts;
		credentials->accounts = a;
	}
	a->user = *user;
}

void credentials_drop_account(struct credentials *credentials, struct slice name)
{
	for (struct credentials_account **at = &credentials->accounts; *at != NULL;
	     at = &(*at)->next)
		if (slice_is(name, (*at)->user.name)) {
			struct credentials_account *gone = *at;

			*at = gone->next;
			gone->next = NULL;
			free_accounts(gone);
			return;
		}
}

struct credentials_account *credentials_accounts(struct credentials *credentials)
{
	return credentials->accounts;
}
