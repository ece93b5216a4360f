#include "api/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/socket.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/server.h"
#include "store/store.h"

/* Requests that came before the store was read for the first time; more are told to come again. */
#define EARLY_MAX 256
#define EXPIRE_MS 3600000
#define DEVICE_SECONDS (400 * 86400) /* browsers keep no cookie longer */
#define NONCE_SIZE 16
#define BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)
#define DEVICE_COOKIE_SIZE (BASE64_SIZE(NONCE_SIZE) + BASE64_SIZE(ACCOUNTS_KEY_SIZE) + 1)

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
			    rq, 503, "store_unavailable", "Nobody can be signed in: %s", err->text);
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
	struct slice rest, pair, name;
	char wanted[64];

	cookie_name(rq, plain_name, wanted);
	if (!http_header(rq, "Cookie", &rest))
		return false;
	while (slice_split(&rest, ';', &pair)) {
		pair = slice_trim(pair);
		if (slice_split(&pair, '=', &name) && slice_is(name, wanted) && pair.data != NULL) {
			*value = pair;
			return true;
		}
	}
	return false;
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

/* What makes the cookie of a device this name's and ours. */
static void sign_device(const struct auth *auth, struct slice name,
    const unsigned char nonce[NONCE_SIZE], unsigned char mac[ACCOUNTS_KEY_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(
	    &state, auth->device_key, sizeof(auth->device_key), ACCOUNTS_KEY_SIZE);
	crypto_generichash_update(&state, nonce, NONCE_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)name.data, name.len);
	crypto_generichash_final(&state, mac, ACCOUNTS_KEY_SIZE);
}

void auth_set_device_cookie(struct auth *auth, struct http_request *rq, struct slice name)
{
	unsigned char nonce[NONCE_SIZE], mac[ACCOUNTS_KEY_SIZE];
	char value[DEVICE_COOKIE_SIZE], *end;

	if (!auth->has_device_key)
		return;
	randombytes_buf(nonce, sizeof(nonce));
	sign_device(auth, name, nonce, mac);
	sodium_bin2base64(value, BASE64_SIZE(NONCE_SIZE), nonce, sizeof(nonce),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	end = value + strlen(value);
	*end++ = '.';
	sodium_bin2base64(end, BASE64_SIZE(ACCOUNTS_KEY_SIZE), mac, sizeof(mac),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	set_cookie(rq, AUTH_DEVICE_COOKIE, value, DEVICE_SECONDS);
}

static bool decode_base64(struct slice text, unsigned char *out, size_t size)
{
	size_t len;

	return sodium_base642bin(out, size, text.data, text.len, NULL, &len, NULL,
		   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       len == size;
}

static bool device_cookie_good(
    const struct auth *auth, const struct http_request *rq, struct slice name, struct slice *nonce)
{
	unsigned char random[NONCE_SIZE], mac[ACCOUNTS_KEY_SIZE], right[ACCOUNTS_KEY_SIZE];
	struct slice rest;

	if (!auth->has_device_key || !find_cookie(rq, AUTH_DEVICE_COOKIE, &rest) ||
	    !slice_split(&rest, '.', nonce) || rest.data == NULL ||
	    !decode_base64(*nonce, random, sizeof(random)) ||
	    !decode_base64(rest, mac, sizeof(mac)))
		return false;
	sign_device(auth, name, random, right);
	return sodium_memcmp(mac, right, sizeof(mac)) == 0;
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
	if (device_cookie_good(auth, rq, name, &nonce))
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
		http_reply_problem(rq, 503, "store_unavailable",
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

void auth_authenticate(void *context, struct http_request *rq)
{
	struct auth *auth = context;
	struct slice value, scheme;
	struct caller caller;
	struct http_socket_peer peer = http_socket_peer(rq);

	if (http_header(rq, "Authorization", &value)) {
		slice_split(&value, ' ', &scheme);
		if (slice_equal_nocase(scheme, SLICE("Bearer")) && value.data != NULL)
			check_secret(auth, rq, slice_trim(value), CREDENTIALS_TOKEN);
		else
			http_authenticated(rq, NULL);
	} else if (peer.known) {
		http_authenticated(rq, access_socket_caller(peer.uid, peer.gid,
					   role_config_get(auth->api->config, "http.socket_group"),
					   auth->api->config->privileged, &caller)
					   ? &caller
					   : NULL);
	} else if (auth_cookie(rq, &value)) {
		check_secret(auth, rq, value, CREDENTIALS_SESSION);
	} else {
		http_authenticated(rq, NULL);
	}
}
