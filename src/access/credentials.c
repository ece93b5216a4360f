/* The table of secrets and the list of accounts, in memory. Secrets stand in buckets by the first
 * bytes of their hash; accounts are few and stand in a list. */
#include "access/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

/* Secrets have their place by the first bytes of their keys, which nobody can choose. */
#define BUCKETS 1024
/* Clocks are set by so many seconds without anybody's doing. */
#define CLOCK_TOLERANCE 300

struct credential {
	unsigned char key[ACCOUNTS_KEY_SIZE];
	enum credentials_kind kind;
	struct caller caller; /* as it was answered last */
	uint32_t rights;      /* its own, whatever its account may */
	uint32_t given, taken;
	char *scope; /* its own; NULL: none */
	char *both;  /* its own and its account's, as it was answered last */
	int64_t created, used;
	/* On the clock that never steps: when it ends at the latest, and was used last. */
	int64_t end_boot, used_boot;
	bool noted; /* `used` is written down, or about to be */
	enum accounts_how how;
	char used_from[ACCOUNTS_PEER_SIZE];
	char *came_from, *agent;
	struct credential *next;
};

struct credentials {
	struct credential *buckets[BUCKETS];
	struct credentials_account *accounts;
	struct people *people;
	struct hash_key key; /* of what a credential is judged by (caller.judged) */
	int64_t idle;	     /* seconds; 0: for ever */
	bool otp_required;
	uint64_t ended;
};

struct credentials *credentials_create(void)
{
	struct credentials *credentials = memory_zero(1, sizeof(*credentials));

	credentials->people = people_create();
	credentials->key = hash_key_random();
	return credentials;
}

struct people *credentials_people(struct credentials *credentials)
{
	return credentials->people;
}

static void free_credential(struct credential *c)
{
	free(c->scope);
	free(c->both);
	free(c->came_from);
	free(c->agent);
	free(c);
}

/* What is looked for among them. */
struct wanted {
	int64_t number, but; /* of a token, session or account; but that session */
	int64_t now, boot, idle;
	const struct people *people;
};
typedef bool is_wanted(const struct credential *c, const struct wanted *wanted);

static bool any(const struct credential *c, const struct wanted *wanted)
{
	(void)c;
	(void)wanted;
	return true;
}

static struct credential *remove_at(struct credentials *credentials, struct credential **at)
{
	struct credential *c = *at;

	*at = c->next;
	c->next = NULL;
	credentials->ended++;
	return c;
}

/* Removes what `is` says yes to. */
static void remove_where(
    struct credentials *credentials, is_wanted *is, const struct wanted *wanted)
{
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential **at = &credentials->buckets[b]; *at != NULL;)
			if (is(*at, wanted))
				free_credential(remove_at(credentials, at));
			else
				at = &(*at)->next;
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
	remove_where(*credentials, any, NULL);
	free_accounts((*credentials)->accounts);
	people_destroy(&(*credentials)->people);
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
    const struct accounts_secret *s)
{
	struct credential **at = bucket(credentials, key), *c = memory_zero(1, sizeof(*c));
	int64_t now = clock_now(), boot = clock_boot_us() / 1000000, idle;

	memcpy(c->key, key, sizeof(c->key));
	c->kind = s->once	? CREDENTIALS_ONCE
		  : s->is_token ? CREDENTIALS_TOKEN
				: CREDENTIALS_SESSION;
	c->caller = (struct caller){.role = s->grant.role,
	    .via = s->is_token ? VIA_TOKEN : VIA_SESSION,
	    .expires = s->expires,
	    .id = (uint64_t)s->id,
	    .user = (uint64_t)s->user_id,
	    .person = (uint64_t)s->person_id,
	    .by_issuer = s->how == ACCOUNTS_BY_OIDC};
	snprintf(c->caller.name, sizeof(c->caller.name), "%s", s->name);
	c->rights = access_rights(&s->grant);
	access_grant_effective(&s->grant, &c->given, &c->taken);
	c->scope = s->grant.scoped ? memory_strdup(s->grant.scope) : NULL;
	c->created = s->created;
	c->used = s->used;
	c->how = s->how;
	c->came_from = memory_strdup(s->came_from);
	c->agent = memory_strdup(s->agent);
	memcpy(c->used_from, s->used_from, sizeof(c->used_from));
	c->noted = true;
	c->end_boot = s->expires != 0 ? boot + (s->expires - now) : INT64_MAX;
	/* A time that lies ahead was written before the clock was set back: nobody knows how old
	 * the session is, so it has ended. */
	if (!s->is_token && s->created > now + CLOCK_TOLERANCE)
		c->end_boot = boot;
	idle = now - (s->used > s->created ? s->used : s->created);
	c->used_boot = boot - (idle > 0 ? idle : 0);
	c->next = *at;
	*at = c;
}

static struct credential **find_key(
    struct credentials *credentials, const unsigned char key[ACCOUNTS_KEY_SIZE])
{
	struct credential **at = bucket(credentials, key);

	/* In constant time, although what is compared are hashes that nobody can choose. */
	while (*at != NULL && sodium_memcmp((*at)->key, key, ACCOUNTS_KEY_SIZE) != 0)
		at = &(*at)->next;
	return at;
}

static struct credential **find(struct credentials *credentials, struct slice secret)
{
	unsigned char key[ACCOUNTS_KEY_SIZE];

	accounts_key(secret, key);
	return find_key(credentials, key);
}

/* Those that were known already go on as they were: a reading must not make them longer. */
static void take_over(struct credential *c, struct credential *before)
{
	c->end_boot = before->end_boot;
	c->used_boot = before->used_boot;
	c->used = before->used;
	c->noted = before->noted;
	memcpy(c->used_from, before->used_from, sizeof(c->used_from));
}

static void load_secrets(struct credentials *credentials, const struct accounts_all *all)
{
	struct credential *before[BUCKETS];

	memcpy(before, credentials->buckets, sizeof(before));
	memset(credentials->buckets, 0, sizeof(credentials->buckets));
	for (size_t i = 0; i < all->secret_count; i++)
		add(credentials, all->secrets[i].key, &all->secrets[i]);
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential *c = before[b], *next; c != NULL; c = next) {
			struct credential *now = *find_key(credentials, c->key);

			next = c->next;
			if (now != NULL)
				take_over(now, c);
			else
				credentials->ended++;
			free_credential(c);
		}
}

void credentials_load(struct credentials *credentials, const struct accounts_all *all)
{
	/* The addresses from which somebody signed in are known to memory alone and taken over. */
	struct credentials_account *before = credentials->accounts, *same;

	load_secrets(credentials, all);
	people_load(credentials->people, all->people, all->person_count, clock_now(),
	    clock_boot_us() / 1000000);
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

void credentials_set_otp_required(struct credentials *credentials, bool required)
{
	/* Who has none is let in to set it up alone: what he has open goes. */
	credentials->ended += credentials->otp_required != required;
	credentials->otp_required = required;
}

void credentials_set_rules(struct credentials *credentials, const struct people_rules *rules)
{
	people_set_rules(credentials->people, rules);
}

void credentials_set_idle(struct credentials *credentials, int64_t seconds)
{
	credentials->idle = seconds;
}

static bool has_expired(const struct credential *c, int64_t now)
{
	return c->caller.expires != 0 && c->caller.expires <= now;
}

/* Whether it belongs to somebody without an account who may not use it any more. Who has signed in
 * by an issuer was seen at that moment, and his session ends by itself: only what outlives it needs
 * him to come again. */
static bool has_lost_person(
    const struct people *people, const struct credential *c, int64_t boot, struct people_item *item)
{
	if (c->caller.person == 0)
		/* From before it was written down who he is: nothing says what he may now. */
		return c->how == ACCOUNTS_BY_OIDC;
	return !people_find(people, c->caller.person, boot, item) ||
	       item->grant->role == ACCESS_ROLE_NONE ||
	       (item->away && c->kind != CREDENTIALS_SESSION);
}

static bool has_ended(const struct credential *c, const struct wanted *wanted)
{
	struct people_item item;

	return has_expired(c, wanted->now) || c->end_boot <= wanted->boot ||
	       (c->kind == CREDENTIALS_SESSION && wanted->idle > 0 &&
		   wanted->boot - c->used_boot >= wanted->idle) ||
	       has_lost_person(wanted->people, c, wanted->boot, &item);
}

/* One that has ended, for the store. */
static struct accounts_ended ended_one(const struct credential *c)
{
	return (struct accounts_ended){
	    .is_token = c->kind != CREDENTIALS_SESSION, .id = (int64_t)c->caller.id};
}

size_t credentials_expire(struct credentials *credentials, int64_t now, int64_t boot,
    struct accounts_ended ended[], size_t max)
{
	const struct wanted wanted = {
	    .now = now, .boot = boot, .idle = credentials->idle, .people = credentials->people};
	size_t count = 0;

	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential **at = &credentials->buckets[b]; *at != NULL;) {
			/* What is more waits for the next call, and lets nobody in till then. */
			if (!has_ended(*at, &wanted) || count == max) {
				at = &(*at)->next;
				continue;
			}
			ended[count++] = ended_one(*at);
			free_credential(remove_at(credentials, at));
		}
	return count;
}

/* The session of that owner that has lain unused longest, but `id`; counts all of them. */
static struct credential **idlest_of(
    struct credentials *credentials, const struct caller *owner, uint64_t id, size_t *count)
{
	struct credential **idlest = NULL;

	*count = 0;
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential **at = &credentials->buckets[b]; *at != NULL;
		     at = &(*at)->next) {
			const struct credential *c = *at;

			if (c->kind != CREDENTIALS_SESSION || c->caller.user != owner->user ||
			    c->caller.person != owner->person)
				continue;
			(*count)++;
			if (c->caller.id != id &&
			    (idlest == NULL || c->used_boot < (*idlest)->used_boot ||
				(c->used_boot == (*idlest)->used_boot &&
				    c->caller.id < (*idlest)->caller.id)))
				idlest = at;
		}
	return idlest;
}

static struct credential *find_id(
    const struct credentials *credentials, enum credentials_kind kind, uint64_t id)
{
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential *c = credentials->buckets[b]; c != NULL; c = c->next)
			if (c->kind == kind && c->caller.id == id)
				return c;
	return NULL;
}

size_t credentials_make_room(
    struct credentials *credentials, uint64_t id, struct accounts_ended ended[], size_t max)
{
	const struct credential *opened = find_id(credentials, CREDENTIALS_SESSION, id);
	struct credential **at;
	struct caller owner;
	size_t count, ends = 0;

	if (opened == NULL)
		return 0;
	owner = opened->caller;
	while (ends < max && (at = idlest_of(credentials, &owner, id, &count)) != NULL &&
	       count > ACCOUNTS_SESSIONS_MAX) {
		ended[ends++] = ended_one(*at);
		free_credential(remove_at(credentials, at));
	}
	return ends;
}

uint64_t credentials_ended(const struct credentials *credentials)
{
	return credentials->ended + people_changes(credentials->people);
}

/* Both hold: a text that no filter has stands between them, so that neither can end the other. */
static void join_scopes(struct credential *c, const char *own, const struct access_grant *owner)
{
	size_t size;

	c->caller.scope = own;
	if (owner == NULL || !owner->scoped)
		return;
	free(c->both);
	size = strlen(owner->scope) + 1 + (own != NULL ? strlen(own) + 1 : 0);
	c->both = memory_zero(1, size);
	if (own != NULL)
		snprintf(c->both, size, "%s%c%s", owner->scope, ACCESS_SCOPE_AND, own);
	else
		memcpy(c->both, owner->scope, size);
	c->caller.scope = c->both;
}

static const struct accounts_user *account_of(
    const struct credentials *credentials, const struct credential *c)
{
	const struct credentials_account *a = credentials->accounts;

	while (a != NULL && (uint64_t)a->user.id != c->caller.user)
		a = a->next;
	return a != NULL ? &a->user : NULL;
}

/* Whoever comes by a single sign-on has no account; one of his name that is locked keeps him out,
 * as it does when he comes (api/oidc_sign_in.c), and all that is his. */
static bool is_shut_out(const struct credentials *credentials, const struct person *person)
{
	const struct credentials_account *a = credentials->accounts;

	while (a != NULL && !(a->user.locked &&
				slice_equal_nocase(slice_of(person->name), slice_of(a->user.name))))
		a = a->next;
	return a != NULL;
}

/* What he may is one number for whoever compares it. */
static uint64_t judged(const struct credentials *credentials, const struct caller *caller)
{
	uint64_t hash =
	    hash_bytes(&credentials->key, slice_make(&caller->rights, sizeof(caller->rights)));

	return caller->scope != NULL
		   ? hash_mix(hash, hash_bytes(&credentials->key, slice_of(caller->scope)))
		   : hash;
}

/* By the grant of its owner as it is now; NULL: it has none. The session by which somebody has
 * signed in who has no account is his groups' alone: what they gave him then counts no more. */
static void settle_rights(
    const struct credentials *credentials, struct credential *c, const struct access_grant *owner)
{
	bool is_his = c->how == ACCOUNTS_BY_OIDC && owner != NULL;

	if (is_his)
		c->caller.role = owner->role;
	c->caller.rights = is_his	   ? access_rights(owner)
			   : owner != NULL ? c->rights & access_rights(owner)
					   : c->rights;
	join_scopes(c, is_his ? NULL : c->scope, owner);
	c->caller.judged = judged(credentials, &c->caller);
}

/* Brings up to date what he may, by his account or his groups as they are now. False when it has
 * ended with that. */
static bool settle(const struct credentials *credentials, struct credential *c)
{
	const struct accounts_user *account = account_of(credentials, c);
	struct people_item person = {NULL, NULL, 0, false};

	/* Also where somebody has removed the account beside us. */
	if ((c->caller.user != 0 && (account == NULL || account->locked)) ||
	    has_lost_person(credentials->people, c, clock_boot_us() / 1000000, &person) ||
	    (person.person != NULL && is_shut_out(credentials, person.person)))
		return false;
	c->caller.by_password =
	    c->caller.user != 0 && (c->how == ACCOUNTS_BY_PASSWORD || c->how == ACCOUNTS_BY_OTP);
	c->caller.must_otp = c->caller.by_password && credentials->otp_required && !account->otp;
	snprintf(c->caller.owner, sizeof(c->caller.owner), "%s",
	    account != NULL	    ? account->name
	    : person.person != NULL ? person.person->name
				    : "");
	settle_rights(credentials, c, account != NULL ? &account->grant : person.grant);
	return true;
}

/* The kind counts too: a one-time link must not pass as a token. */
const struct caller *credentials_find(
    struct credentials *credentials, struct slice secret, enum credentials_kind kind, int64_t now)
{
	struct credential *c = *find(credentials, secret);

	if (c == NULL || c->kind != kind || has_expired(c, now) || !settle(credentials, c))
		return NULL;
	return &c->caller;
}

/* ---- Uses ---- */

const struct caller *credentials_use(struct credentials *credentials, struct slice secret,
    enum credentials_kind kind, const struct credentials_use *use)
{
	const struct wanted wanted = {.now = use->now,
	    .boot = use->boot,
	    .idle = credentials->idle,
	    .people = credentials->people};
	struct credential *c = *find(credentials, secret);

	if (c == NULL || c->kind != kind || has_ended(c, &wanted) || !settle(credentials, c))
		return NULL;
	c->used = use->now;
	c->used_boot = use->boot;
	c->noted = false;
	snprintf(c->used_from, sizeof(c->used_from), "%s", use->peer);
	return &c->caller;
}

size_t credentials_take_used(
    struct credentials *credentials, struct accounts_used *used, size_t max)
{
	size_t count = 0;

	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential *c = credentials->buckets[b]; c != NULL && count < max;
		     c = c->next) {
			if (c->noted)
				continue;
			c->noted = true;
			used[count] =
			    (struct accounts_used){.is_token = c->kind != CREDENTIALS_SESSION,
				.id = (int64_t)c->caller.id,
				.at = c->used};
			memcpy(used[count++].from, c->used_from, sizeof(c->used_from));
		}
	return count;
}

/* ---- What people are shown ---- */

static bool describe(const struct credentials *credentials, struct credential *c, int64_t now,
    struct credentials_item *item)
{
	const struct accounts_user *account;
	struct people_item person = {NULL, NULL, 0, false};

	if (has_expired(c, now) || !settle(credentials, c))
		return false;
	account = account_of(credentials, c);
	(void)people_find(
	    credentials->people, c->caller.person, clock_boot_us() / 1000000, &person);
	*item = (struct credentials_item){.caller = &c->caller,
	    .effective = c->caller.rights,
	    .owner = account != NULL ? account->name : NULL,
	    .person = person.person,
	    .person_until = c->kind != CREDENTIALS_SESSION ? person.until : 0,
	    .given = c->given,
	    .taken = c->taken,
	    .scope = c->scope,
	    .created = c->created,
	    .used = c->used,
	    .used_from = c->used_from,
	    .came_from = c->came_from,
	    .agent = c->agent,
	    .how = c->how};
	return true;
}

static int newest_first(const void *a, const void *b)
{
	uint64_t x = (*(struct credential *const *)a)->caller.id,
		 y = (*(struct credential *const *)b)->caller.id;

	return (x < y) - (x > y);
}

void credentials_each(struct credentials *credentials, enum credentials_kind kind, int64_t now,
    credentials_each_one *each, void *context)
{
	struct credentials_item item;
	struct credential **list;
	size_t count = 0;

	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential *c = credentials->buckets[b]; c != NULL; c = c->next)
			count += c->kind == kind;
	list = memory_zero(count + 1, sizeof(struct credential *));
	count = 0;
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct credential *c = credentials->buckets[b]; c != NULL; c = c->next)
			if (c->kind == kind)
				list[count++] = c;
	qsort(list, count, sizeof(struct credential *), newest_first);
	for (size_t i = 0; i < count; i++)
		if (describe(credentials, list[i], now, &item))
			each(context, &item);
	free(list);
}

bool credentials_item(struct credentials *credentials, enum credentials_kind kind, uint64_t id,
    int64_t now, struct credentials_item *item)
{
	struct credential *c = find_id(credentials, kind, id);

	return c != NULL && describe(credentials, c, now, item);
}

bool credentials_holds(const struct credentials *credentials, const struct caller *caller)
{
	struct credential *c = find_id(credentials,
	    caller->via == VIA_TOKEN ? CREDENTIALS_TOKEN : CREDENTIALS_SESSION, caller->id);

	return c != NULL && settle(credentials, c) && c->caller.judged == caller->judged &&
	       (!c->caller.must_otp || caller->must_otp);
}

/* ---- The writes ---- */

void credentials_add(
    struct credentials *credentials, struct slice secret, const struct accounts_secret *what)
{
	unsigned char key[ACCOUNTS_KEY_SIZE];

	/* It may be there already, from a reading of the store that came in between. */
	credentials_end(credentials, secret);
	accounts_key(secret, key);
	add(credentials, key, what);
}

void credentials_end(struct credentials *credentials, struct slice secret)
{
	struct credential **at = find(credentials, secret);

	if (*at != NULL)
		free_credential(remove_at(credentials, at));
}

static bool is_token(const struct credential *c, const struct wanted *wanted)
{
	return c->kind == CREDENTIALS_TOKEN && c->caller.id == (uint64_t)wanted->number;
}

void credentials_end_token(struct credentials *credentials, uint64_t id)
{
	remove_where(credentials, is_token, &(struct wanted){.number = (int64_t)id});
}

static bool is_session(const struct credential *c, const struct wanted *wanted)
{
	return c->kind == CREDENTIALS_SESSION && c->caller.id == (uint64_t)wanted->number;
}

void credentials_end_session(struct credentials *credentials, uint64_t id)
{
	remove_where(credentials, is_session, &(struct wanted){.number = (int64_t)id});
}

static bool is_session_of(const struct credential *c, const struct wanted *wanted)
{
	return c->kind == CREDENTIALS_SESSION && c->caller.user == (uint64_t)wanted->number &&
	       c->caller.id != (uint64_t)wanted->but;
}

void credentials_end_sessions_of(struct credentials *credentials, uint64_t user, uint64_t but)
{
	/* 0 is of no account. */
	if (user != 0)
		remove_where(credentials, is_session_of,
		    &(struct wanted){.number = (int64_t)user, .but = (int64_t)but});
}

static bool is_of_user(const struct credential *c, const struct wanted *wanted)
{
	return c->caller.user == (uint64_t)wanted->number;
}

void credentials_end_user(struct credentials *credentials, uint64_t user)
{
	if (user != 0)
		remove_where(credentials, is_of_user, &(struct wanted){.number = (int64_t)user});
}

/* ---- Accounts: a handful ---- */

struct credentials_account *credentials_account(struct credentials *credentials, struct slice name)
{
	struct credentials_account *a = credentials->accounts;

	while (a != NULL && !slice_is(name, a->user.name))
		a = a->next;
	return a;
}

void credentials_name_meant(
    struct credentials *credentials, struct slice typed, char name[ACCOUNTS_NAME_MAX + 1])
{
	const struct credentials_account *same = NULL;
	size_t count = 0;

	typed = slice_first(typed, ACCOUNTS_NAME_MAX);
	for (size_t i = 0; i < typed.len; i++)
		name[i] = typed.data[i] >= 'A' && typed.data[i] <= 'Z'
			      ? (char)(typed.data[i] - 'A' + 'a')
			      : typed.data[i];
	name[typed.len] = '\0';
	for (const struct credentials_account *a = credentials->accounts; a != NULL; a = a->next) {
		if (!slice_equal_nocase(typed, slice_of(a->user.name)))
			continue;
		same = a;
		count++;
		/* Some may have been made before names were compared so. */
		if (slice_is(typed, a->user.name)) {
			count = 1;
			break;
		}
	}
	if (count == 1)
		memcpy(name, same->user.name, sizeof(same->user.name));
}

bool credentials_is_locked(struct credentials *credentials, struct slice name)
{
	const struct credentials_account *account;
	char meant[ACCOUNTS_NAME_MAX + 1];

	credentials_name_meant(credentials, name, meant);
	account = credentials_account(credentials, slice_of(meant));
	return account != NULL && account->user.locked;
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
	/* It may keep somebody out who has nothing here (api/proxy_word.h). */
	if (user->locked)
		credentials->ended++;
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
