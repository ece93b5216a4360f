/* The service's memory of those who may come in, and how it is kept in step with the store. */
#include "access/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/device.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* How often the store is asked to forget what has expired. */
#define EXPIRE_MS 3600000
/* How often it is told what was used: so much of it a crash may cost. Requests are many more. */
#define USED_MS 60000
/* In one transaction; what is more waits for the next. */
#define USED_MAX 1000
/* Sessions and tokens that end at once; what is more ends a second later. */
#define ENDED_MAX 1000
/* People without an account who were seen. */
#define SEEN_MAX 100

struct access {
	struct store *store;
	access_read *read;
	void *context;
	struct credentials *credentials;
	struct login_limits *limits;
	bool loaded, loading;
	int64_t expire_ms; /* when the store is next asked to forget what has expired */
	int64_t used_ms;   /* when it is next told what was used */
	int64_t version;   /* of the database, as it was last read */
	unsigned char device_key[ACCOUNTS_KEY_SIZE];
	bool has_device_key;
};

struct access *access_create(struct store *store, access_read *read, void *context)
{
	struct access *access = memory_zero(1, sizeof(*access));

	access->store = store;
	access->read = read;
	access->context = context;
	access->credentials = credentials_create();
	access->limits = login_limits_create();
	return access;
}

void access_destroy(struct access **access)
{
	if (*access == NULL)
		return;
	credentials_destroy(&(*access)->credentials);
	login_limits_destroy(&(*access)->limits);
	sodium_memzero(*access, sizeof(**access));
	free(*access);
	*access = NULL;
}

bool access_loaded(const struct access *access)
{
	return access->loaded;
}

struct credentials *access_credentials(struct access *access)
{
	return access->credentials;
}

struct login_limits *access_limits(struct access *access)
{
	return access->limits;
}

const unsigned char *access_device_key(const struct access *access)
{
	return access->has_device_key ? access->device_key : NULL;
}

/* ---- Reading the store ---- */

struct reading {
	struct access *access;
	int64_t version;
	struct accounts_all all;
	unsigned char device_key[ACCOUNTS_KEY_SIZE];
};

/* All at once: accounts, tokens and sessions are few, and must be of one moment. */
static enum db_result read_all(struct db *db, void *context, struct error *err)
{
	struct reading *r = context;
	return accounts_load(db, clock_now(), r->version, &r->all, err);
}

/* DB_NOT_FOUND says that nothing has changed since the version that was read last: what is in
 * memory stays. */
static void all_read(void *context, enum db_result result, const struct error *err)
{
	struct reading *r = context;
	struct access *access = r->access;

	access->loading = false;
	if (result == DB_OK) {
		credentials_load(access->credentials, &r->all);
		access->version = r->all.version;
		access->loaded = true;
	}
	accounts_all_free(&r->all);
	free(r);
	/* Told also when reading failed: requests that wait for it must get an answer. */
	if (access->read != NULL)
		access->read(access->context, access->loaded ? NULL : err);
}

static enum db_result read_device_key(struct db *db, void *context, struct error *err)
{
	struct reading *r = context;
	return accounts_device_key(db, r->device_key, err);
}

/* Without the key nobody is known by his browser, which costs people a wait at worst. */
static void device_key_read(void *context, enum db_result result, const struct error *err)
{
	struct reading *r = context;

	(void)err;
	if (result == DB_OK) {
		memcpy(r->access->device_key, r->device_key, sizeof(r->device_key));
		r->access->has_device_key = true;
	}
	sodium_memzero(r, sizeof(*r));
	free(r);
}

static struct reading *reading_create(struct access *access)
{
	struct reading *r = memory_zero(1, sizeof(*r));

	r->access = access;
	r->version = access->version;
	return r;
}

static enum db_result expire(struct db *db, void *context, struct error *err)
{
	(void)context;
	return accounts_expire(db, clock_now(), err);
}

struct uses {
	size_t count;
	struct accounts_used used[USED_MAX];
};

static enum db_result write_used(struct db *db, void *context, struct error *err)
{
	const struct uses *uses = context;

	return accounts_note_used(db, uses->used, uses->count, err);
}

/* What could not be written is written with the next use. */
static void used_written(void *context, enum db_result result, const struct error *err)
{
	(void)result;
	(void)err;
	free(context);
}

struct seen {
	struct access *access;
	size_t count;
	struct person people[SEEN_MAX];
};

static enum db_result write_seen(struct db *db, void *context, struct error *err)
{
	const struct seen *seen = context;
	enum db_result result = DB_OK;

	for (size_t i = 0; i < seen->count && result == DB_OK; i++)
		result = person_note(db, &seen->people[i], err);
	return result;
}

/* What could not be written comes again: else who was in a group is taken back to it by the next
 * reading. */
static void seen_written(void *context, enum db_result result, const struct error *err)
{
	struct seen *seen = context;

	(void)err;
	if (result == DB_OK)
		people_written(
		    credentials_people(seen->access->credentials), seen->people, seen->count);
	for (size_t i = 0; i < seen->count; i++)
		person_free(&seen->people[i]);
	free(seen);
}

static void tell_seen(struct access *access)
{
	struct seen *seen = memory_zero(1, sizeof(*seen));

	seen->access = access;
	seen->count =
	    people_take_seen(credentials_people(access->credentials), seen->people, SEEN_MAX);
	if (seen->count > 0)
		store_write_optional(access->store, write_seen, seen_written, seen);
	else
		free(seen);
}

static void tell_used(struct access *access)
{
	struct uses *uses;

	if (clock_monotonic_ms() < access->used_ms)
		return;
	access->used_ms = clock_monotonic_ms() + USED_MS;
	tell_seen(access);
	uses = memory_zero(1, sizeof(*uses));
	uses->count = credentials_take_used(access->credentials, uses->used, USED_MAX);
	if (uses->count > 0)
		store_write_optional(access->store, write_used, used_written, uses);
	else
		free(uses);
}

struct endings {
	size_t count;
	struct accounts_ended ended[ENDED_MAX];
};

static enum db_result write_ended(struct db *db, void *context, struct error *err)
{
	const struct endings *endings = context;

	return accounts_end(db, endings->ended, endings->count, err);
}

/* What could not be written may come back with the next reading, and ends again. */
static void ended_written(void *context, enum db_result result, const struct error *err)
{
	(void)result;
	(void)err;
	free(context);
}

static void tell_ended(struct access *access, struct endings *endings)
{
	if (endings->count > 0)
		store_write_optional(access->store, write_ended, ended_written, endings);
	else
		free(endings);
}

static void end_expired(struct access *access)
{
	struct endings *endings = memory_zero(1, sizeof(*endings));

	endings->count = credentials_expire(
	    access->credentials, clock_now(), clock_boot_us() / 1000000, endings->ended, ENDED_MAX);
	tell_ended(access, endings);
}

void access_make_room(struct access *access, uint64_t session)
{
	struct endings *endings = memory_zero(1, sizeof(*endings));

	endings->count =
	    credentials_make_room(access->credentials, session, endings->ended, ENDED_MAX);
	tell_ended(access, endings);
}

/* Called often: reading again is cheap, since the store says when nothing has changed. */
void access_tick(struct access *access)
{
	end_expired(access);
	tell_used(access);
	/* A slow disk must not have one reading behind the other. */
	if (access->loading)
		return;
	access->loading = true;
	if (!access->has_device_key)
		store_write(
		    access->store, read_device_key, device_key_read, reading_create(access));
	store_read(access->store, read_all, all_read, reading_create(access));
	if (clock_monotonic_ms() < access->expire_ms)
		return;
	access->expire_ms = clock_monotonic_ms() + EXPIRE_MS;
	store_write(access->store, expire, NULL, NULL);
}

/* ---- Known people ---- */

/* A number for each way of being known: their limits are counted apart. */
static uint64_t known_number(struct access *access, const char *kind, struct slice what)
{
	char text[200];
	int len = snprintf(
	    text, sizeof(text), "%s %.*s", kind, (int)(what.len < 150 ? what.len : 150), what.data);

	return login_limits_hash(access->limits, slice_make(text, (size_t)len));
}

uint64_t access_known(struct access *access, struct slice name, const char *peer,
    struct slice session, struct slice device)
{
	const struct credentials_account *account = credentials_account(access->credentials, name);
	const struct caller *caller = NULL;
	uint64_t address = login_limits_address(access->limits, peer);
	struct slice nonce;
	char host[64];

	if (session.len > 0)
		caller = credentials_find(
		    access->credentials, session, CREDENTIALS_SESSION, clock_now());
	/* Only for his own name: a session must not help with guessing another's password. */
	if (caller != NULL && caller->user != 0 && slice_is(name, caller->name))
		return known_number(access, "session", session);
	/* The strongest way first: a session, then a browser, then an address, which many may
	 * share. */
	if (access->has_device_key && device.len > 0 &&
	    device_cookie_good(access->device_key, name, device, &nonce))
		return known_number(access, "device", nonce);
	for (size_t i = 0; account != NULL && i < CREDENTIALS_ADDRESSES; i++)
		if (account->addresses[i] == address) {
			snprintf(host, sizeof(host), "address %llx", (unsigned long long)address);
			return known_number(access, host, name);
		}
	return 0;
}

/* Kept in memory alone: after a restart people are known by their browser. */
void access_note_address(struct access *access, struct slice name, const char *peer)
{
	struct credentials_account *account = credentials_account(access->credentials, name);
	uint64_t address = login_limits_address(access->limits, peer);

	if (account == NULL)
		return;
	for (size_t i = 0; i < CREDENTIALS_ADDRESSES; i++)
		if (account->addresses[i] == address)
			return;
	/* The oldest address goes: people move, and the list stays short. */
	account->addresses[account->next_address++ % CREDENTIALS_ADDRESSES] = address;
}
