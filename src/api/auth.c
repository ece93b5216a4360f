#include "api/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/device.h"
#include "access/socket.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/secret.h"
#include "http/server.h"
#include "store/store.h"

/* Requests that came before the store was read for the first time; more are told to come again. */
#define EARLY_MAX 256
#define EXPIRE_MS 3600000
#define DEVICE_SECONDS (400 * 86400) /* browsers keep no cookie longer */

/* A request that waits for the first reading. */
struct early {
	struct auth *auth;
	struct http_request *rq;
	struct early *next, **previous;
};

struct auth {
	struct api *api;
	struct credentials *credentials;
	struct login_limits *limits;
	struct early *early;
	unsigned early_count;
	bool loaded, loading;
	int64_t expire_ms; /* when the store is next asked to forget what has expired */
	int64_t version;   /* of the database, as it was last read */
	unsigned char device_key[ACCOUNTS_KEY_SIZE];
	bool has_device_key;
};

struct auth *auth_create(struct api *api)
{
	struct auth *auth = memory_zero(1, sizeof(*auth));

	auth->api = api;
	auth->credentials = credentials_create();
	auth->limits = login_limits_create();
	auth_tick(auth);
	return auth;
}

void auth_destroy(struct auth **auth)
{
	if (*auth == NULL)
		return;
	credentials_destroy(&(*auth)->credentials);
	login_limits_destroy(&(*auth)->limits);
	sodium_memzero(*auth, sizeof(**auth));
	free(*auth);
	*auth = NULL;
}

struct credentials *auth_credentials(struct auth *auth)
{
	return auth->credentials;
}

struct login_limits *auth_limits(struct auth *auth)
{
	return auth->limits;
}

/* ---- Reading the store ---- */

struct reading {
	struct auth *auth;
	int64_t version;
	struct accounts_all all;
	unsigned char device_key[ACCOUNTS_KEY_SIZE];
};

static enum db_result read_all(struct db *db, void *arg, struct error *err)
{
	struct reading *r = arg;
	return accounts_load(db, clock_now(), r->version, &r->all, err);
}

static void early_remove(struct early *e)
{
	*e->previous = e->next;
	if (e->next != NULL)
		e->next->previous = e->previous;
	e->auth->early_count--;
	free(e);
}

static void early_gone(void *data)
{
	early_remove(data);
}

/* Those who came too early get their answer. */
static void answer_early(struct auth *auth, const struct error *err)
{
	while (auth->early != NULL) {
		struct http_request *rq = auth->early->rq;

		early_remove(auth->early);
		http_on_gone(rq, NULL, NULL);
		if (auth->loaded)
			auth_authenticate(auth, rq);
		else
			http_reply_problem(
			    rq, "store_unavailable", "Nobody can be signed in: %s", err->text);
	}
}

static void all_read(void *arg, enum db_result result, const struct error *err)
{
	struct reading *r = arg;
	struct auth *auth = r->auth;

	auth->loading = false;
	if (result == DB_OK) {
		credentials_load(auth->credentials, &r->all);
		auth->version = r->all.version;
		auth->loaded = true;
	}
	accounts_all_free(&r->all);
	free(r);
	answer_early(auth, err);
}

static enum db_result read_device_key(struct db *db, void *arg, struct error *err)
{
	struct reading *r = arg;
	return accounts_device_key(db, r->device_key, err);
}

static void device_key_read(void *arg, enum db_result result, const struct error *err)
{
	struct reading *r = arg;

	(void)err;
	if (result == DB_OK) {
		memcpy(r->auth->device_key, r->device_key, sizeof(r->device_key));
		r->auth->has_device_key = true;
	}
	sodium_memzero(r, sizeof(*r));
	free(r);
}

static struct reading *reading_create(struct auth *auth)
{
	struct reading *r = memory_zero(1, sizeof(*r));

	r->auth = auth;
	r->version = auth->version;
	return r;
}

static enum db_result expire(struct db *db, void *arg, struct error *err)
{
	(void)arg;
	return accounts_expire(db, clock_now(), err);
}

void auth_tick(struct auth *auth)
{
	credentials_expire(auth->credentials, clock_now());
	if (auth->loading)
		return;
	auth->loading = true;
	if (!auth->has_device_key)
		store_write(
		    auth->api->store, read_device_key, device_key_read, reading_create(auth));
	store_read(auth->api->store, read_all, all_read, reading_create(auth));
	if (clock_monotonic_ms() < auth->expire_ms)
		return;
	auth->expire_ms = clock_monotonic_ms() + EXPIRE_MS;
	store_write(auth->api->store, expire, NULL, NULL);
}

/* ---- Cookies ---- */

/* The prefix __Host- makes browsers take a cookie only over TLS, from this very host, for all of
 * it: no neighbour under the same domain can put one in its place. */
static const char *cookie_name(const struct http_request *rq, const char *name, char out[64])
{
	snprintf(out, 64, "%s%s", http_is_secure(rq) ? "__Host-" : "", name);
	return out;
}

static bool find_cookie(const struct http_request *rq, const char *plain_name, struct slice *value)
{
	struct slice header;
	char name[64];

	return http_header(rq, "Cookie", &header) &&
	       secret_cookie(header, slice_of(cookie_name(rq, plain_name, name)), value);
}

static void set_cookie(
    struct http_request *rq, const char *name, const char *value, int64_t seconds)
{
	char cookie[300], full[64];

	snprintf(cookie, sizeof(cookie), "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
	    cookie_name(rq, name, full), value, (long long)seconds,
	    http_is_secure(rq) ? "; Secure" : "");
	http_set_header(rq, "Set-Cookie", cookie);
}

bool auth_cookie(const struct http_request *rq, struct slice *secret)
{
	return find_cookie(rq, AUTH_COOKIE, secret);
}

void auth_set_cookie(struct http_request *rq, const char *secret, int64_t seconds)
{
	set_cookie(rq, AUTH_COOKIE, secret, seconds);
}

void auth_set_device_cookie(struct auth *auth, struct http_request *rq, struct slice name)
{
	char cookie[DEVICE_COOKIE_SIZE];

	if (!auth->has_device_key)
		return;
	device_cookie_make(auth->device_key, name, cookie);
	set_cookie(rq, AUTH_DEVICE_COOKIE, cookie, DEVICE_SECONDS);
}

/* ---- Known people ---- */

static uint64_t known_number(struct auth *auth, const char *kind, struct slice what)
{
	char text[200];
	int len = snprintf(
	    text, sizeof(text), "%s %.*s", kind, (int)(what.len < 150 ? what.len : 150), what.data);

	return login_limits_hash(auth->limits, slice_make(text, (size_t)len));
}

uint64_t auth_known(struct auth *auth, const struct http_request *rq, struct slice name)
{
	const struct credentials_account *account = credentials_account(auth->credentials, name);
	const struct caller *session = NULL;
	uint64_t address = login_limits_address(auth->limits, http_peer(rq));
	struct slice secret, nonce;
	char host[64];

	if (auth_cookie(rq, &secret))
		session =
		    credentials_find(auth->credentials, secret, CREDENTIALS_SESSION, clock_now());
	if (session != NULL && session->user != 0 && slice_is(name, session->name))
		return known_number(auth, "session", secret);
	if (auth->has_device_key && find_cookie(rq, AUTH_DEVICE_COOKIE, &secret) &&
	    device_cookie_good(auth->device_key, name, secret, &nonce))
		return known_number(auth, "device", nonce);
	for (size_t i = 0; account != NULL && i < CREDENTIALS_ADDRESSES; i++)
		if (account->addresses[i] == address) {
			snprintf(host, sizeof(host), "address %llx", (unsigned long long)address);
			return known_number(auth, host, name);
		}
	return 0;
}

void auth_note_address(struct auth *auth, struct slice name, const char *peer)
{
	struct credentials_account *account = credentials_account(auth->credentials, name);
	uint64_t address = login_limits_address(auth->limits, peer);

	if (account == NULL)
		return;
	for (size_t i = 0; i < CREDENTIALS_ADDRESSES; i++)
		if (account->addresses[i] == address)
			return;
	account->addresses[account->next_address++ % CREDENTIALS_ADDRESSES] = address;
}

/* ---- The question ---- */

static void check_secret(
    struct auth *auth, struct http_request *rq, struct slice secret, enum credentials_kind kind)
{
	struct early *e;

	if (auth->loaded) {
		http_authenticated(
		    rq, credentials_find(auth->credentials, secret, kind, clock_now()));
		return;
	}
	if (auth->early_count == EARLY_MAX) {
		http_reply_problem(rq, "store_unavailable",
		    "The accounts are being read, and %d requests wait for that already: try again "
		    "in a moment.",
		    EARLY_MAX);
		return;
	}
	e = memory_zero(1, sizeof(*e));
	*e = (struct early){auth, rq, auth->early, &auth->early};
	if (e->next != NULL)
		e->next->previous = &e->next;
	auth->early = e;
	auth->early_count++;
	http_on_gone(rq, early_gone, e);
	auth_tick(auth);
}

/* Whom the processes of the service run as. */
static bool is_role_user(const struct role_config *config, uid_t uid)
{
	static const char *const keys[] = {"run.uid", "run.parse_uid", "run.view_uid"};

	for (size_t i = 0; config->privileged && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strtoul(role_config_get(config, keys[i]), NULL, 10) == uid)
			return true;
	return false;
}

void auth_authenticate(void *context, struct http_request *rq)
{
	struct auth *auth = context;
	struct slice value, token;
	struct caller caller;
	struct http_socket_peer peer = http_socket_peer(rq);

	if (http_header(rq, "Authorization", &value)) {
		if (secret_bearer(value, &token))
			check_secret(auth, rq, token, CREDENTIALS_TOKEN);
		else
			http_authenticated(rq, NULL);
	} else if (peer.known) {
		http_authenticated(rq, access_socket_caller(peer.uid, peer.gid,
					   role_config_get(auth->api->config, "http.socket_gid"),
					   auth->api->config->privileged,
					   is_role_user(auth->api->config, peer.uid), &caller)
					   ? &caller
					   : NULL);
	} else if (auth_cookie(rq, &value)) {
		check_secret(auth, rq, value, CREDENTIALS_SESSION);
	} else {
		http_authenticated(rq, NULL);
	}
}
