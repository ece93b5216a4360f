#include "api/auth.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "http/server.h"
#include "store/accounts.h"
#include "store/store.h"

#define CACHE_SIZE 256
/* Name and address pairs whose failed logins are counted; the oldest is forgotten. */
#define FAILURES_SIZE 256
/* So many failures cost nothing: people mistype. */
#define FAILURES_FREE 4
#define FAILURES_WAIT_MAX 60
#define FAILURES_FORGET_SECONDS 900

struct cached {
	char secret[ACCOUNTS_SECRET_SIZE]; /* "" for an unused entry */
	struct http_identity identity;
	int64_t checked_ms;
};

struct failures {
	uint64_t key; /* of name and address; 0 for an unused entry */
	unsigned count;
	int64_t last; /* Unix seconds */
};

struct auth {
	struct api *api;
	struct hash_key key;
	struct cached cache[CACHE_SIZE];
	struct failures failures[FAILURES_SIZE];
};

/* One question to the store. */
struct lookup {
	struct auth *auth;
	struct http_request *rq; /* NULL once the caller has gone */
	char secret[ACCOUNTS_SECRET_SIZE];
	bool is_token;
	struct accounts_token token;
	struct accounts_session session;
};

struct auth *auth_create(struct api *api)
{
	struct auth *auth = memory_zero(1, sizeof(*auth));

	auth->api = api;
	auth->key = hash_key_random();
	return auth;
}

void auth_destroy(struct auth **auth)
{
	if (*auth == NULL)
		return;
	sodium_memzero(*auth, sizeof(**auth));
	free(*auth);
	*auth = NULL;
}

/* ---- The cache ---- */

/* A secret has its place by its keyed hash: one place each, the newer wins. */
static struct cached *cache_place(struct auth *auth, struct slice secret)
{
	return &auth->cache[hash_bytes(&auth->key, secret) % CACHE_SIZE];
}

static struct cached *cache_find(struct auth *auth, struct slice secret)
{
	struct cached *c = cache_place(auth, secret);
	size_t len = strlen(c->secret);

	if (len == 0 || len != secret.len || sodium_memcmp(c->secret, secret.data, len) != 0)
		return NULL;
	if (c->identity.expires != 0 && c->identity.expires <= clock_now())
		return NULL;
	return c;
}

static void cache_put(struct auth *auth, const char *secret, const struct http_identity *identity)
{
	struct cached *c = cache_place(auth, slice_of(secret));

	snprintf(c->secret, sizeof(c->secret), "%s", secret);
	c->identity = *identity;
	c->checked_ms = clock_monotonic_ms();
}

void auth_forget(struct auth *auth, struct slice secret)
{
	struct cached *c = cache_find(auth, secret);

	if (c != NULL)
		sodium_memzero(c, sizeof(*c));
}

void auth_forget_token(struct auth *auth, uint64_t id)
{
	for (size_t i = 0; i < CACHE_SIZE; i++)
		if (auth->cache[i].identity.via == HTTP_VIA_TOKEN &&
		    auth->cache[i].identity.id == id)
			sodium_memzero(&auth->cache[i], sizeof(auth->cache[i]));
}

/* ---- The store ---- */

static enum db_result find(struct db *db, void *arg, struct error *err)
{
	struct lookup *l = arg;
	struct slice secret = slice_of(l->secret);

	return l->is_token ? accounts_token_find(db, secret, clock_now(), &l->token, err)
			   : accounts_session_find(db, secret, clock_now(), &l->session, err);
}

/* The two enums name the same roles by different numbers. */
static enum http_role role_of(enum accounts_role role)
{
	return http_role_parse(slice_of(accounts_role_name(role)));
}

static void fill_identity(const struct lookup *l, struct http_identity *identity)
{
	*identity = (struct http_identity){
	    .role = role_of(l->is_token ? l->token.role : l->session.role),
	    .via = l->is_token ? HTTP_VIA_TOKEN : HTTP_VIA_SESSION,
	    .expires = l->is_token ? l->token.expires : l->session.expires,
	    .id = (uint64_t)(l->is_token ? l->token.id : l->session.id),
	};
	snprintf(identity->name, sizeof(identity->name), "%s",
	    l->is_token ? l->token.name : l->session.who);
}

static void found(void *arg, enum db_result result, const struct error *err)
{
	struct lookup *l = arg;
	struct slice secret = slice_of(l->secret);
	struct http_identity identity;
	struct cached *known = cache_find(l->auth, secret);

	if (result == DB_OK) {
		fill_identity(l, &identity);
		cache_put(l->auth, l->secret, &identity);
	} else if (result == DB_NOT_FOUND) {
		auth_forget(l->auth, secret);
	} else if (known != NULL) {
		identity = known->identity;
		result = DB_OK;
	}
	if (l->rq != NULL && result != DB_OK && result != DB_NOT_FOUND)
		http_reply_problem(
		    l->rq, 503, "store_unavailable", "Nobody can be signed in: %s", err->text);
	else if (l->rq != NULL)
		http_authenticated(l->rq, result == DB_OK ? &identity : NULL);
	sodium_memzero(l->secret, sizeof(l->secret));
	free(l);
}

static void lookup_gone(void *data)
{
	struct lookup *l = data;
	l->rq = NULL;
}

static void check_secret(
    struct auth *auth, struct http_request *rq, struct slice secret, bool is_token)
{
	struct cached *known = cache_find(auth, secret);
	struct lookup *l;

	if (secret.len == 0 || secret.len >= ACCOUNTS_SECRET_SIZE) {
		http_authenticated(rq, NULL);
		return;
	}
	if (known != NULL && known->checked_ms + AUTH_CACHE_MS > clock_monotonic_ms() &&
	    (known->identity.via == HTTP_VIA_TOKEN) == is_token) {
		http_authenticated(rq, &known->identity);
		return;
	}
	l = memory_zero(1, sizeof(*l));
	l->auth = auth;
	l->rq = rq;
	l->is_token = is_token;
	memcpy(l->secret, secret.data, secret.len);
	http_on_gone(rq, lookup_gone, l);
	store_read(auth->api->store, find, found, l);
}

/* ---- The Unix socket ---- */

static bool in_group(const char *user, gid_t primary, const char *group)
{
	struct group *g = group[0] != '\0' ? getgrnam(group) : NULL;
	gid_t wanted, groups[256];
	int count = sizeof(groups) / sizeof(groups[0]);

	if (g == NULL)
		return false;
	wanted = g->gr_gid;
	if (primary == wanted)
		return true;
	if (user == NULL || getgrouplist(user, primary, groups, &count) < 0)
		return false;
	for (int i = 0; i < count; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

/* Root is admin (he could do everything anyway), and so is whoever runs an unprivileged service;
 * the members of http.socket_group are operators. */
static bool socket_identity(
    struct auth *auth, struct http_socket_peer peer, struct http_identity *identity)
{
	struct passwd *pw = getpwuid(peer.uid);
	const struct role_config *config = auth->api->config;

	*identity = (struct http_identity){.via = HTTP_VIA_SOCKET};
	if (pw != NULL)
		snprintf(identity->name, sizeof(identity->name), "%s", pw->pw_name);
	else
		snprintf(identity->name, sizeof(identity->name), "uid %u", peer.uid);
	if (peer.uid == 0 || (!config->privileged && peer.uid == getuid()))
		identity->role = HTTP_ROLE_ADMIN;
	else if (in_group(pw != NULL ? identity->name : NULL, peer.gid,
		     role_config_get(config, "http.socket_group")))
		identity->role = HTTP_ROLE_OPERATOR;
	return identity->role != HTTP_ROLE_NONE;
}

/* ---- The question ---- */

bool auth_cookie(const struct http_request *rq, struct slice *secret)
{
	struct slice rest, pair, name;

	if (!http_header(rq, "Cookie", &rest))
		return false;
	while (slice_split(&rest, ';', &pair)) {
		pair = slice_trim(pair);
		if (slice_split(&pair, '=', &name) && slice_is(name, AUTH_COOKIE) &&
		    pair.data != NULL) {
			*secret = pair;
			return true;
		}
	}
	return false;
}

void auth_authenticate(void *context, struct http_request *rq)
{
	struct auth *auth = context;
	struct slice value, scheme;
	struct http_identity identity;
	struct http_socket_peer peer = http_socket_peer(rq);

	if (http_header(rq, "Authorization", &value)) {
		slice_split(&value, ' ', &scheme);
		if (slice_equal_nocase(scheme, SLICE("Bearer")) && value.data != NULL)
			check_secret(auth, rq, slice_trim(value), true);
		else
			http_authenticated(rq, NULL);
	} else if (peer.known) {
		http_authenticated(rq, socket_identity(auth, peer, &identity) ? &identity : NULL);
	} else if (auth_cookie(rq, &value)) {
		check_secret(auth, rq, value, false);
	} else {
		http_authenticated(rq, NULL);
	}
}

/* ---- Failed logins ---- */

/* By name and address (without the port), so that nobody can lock a person out from elsewhere. */
static uint64_t failures_key(struct auth *auth, struct slice name, const char *peer)
{
	char text[200];
	const char *port = strrchr(peer, ':');
	int len = snprintf(text, sizeof(text), "%.*s %.*s", (int)(name.len < 80 ? name.len : 80),
	    name.data, port != NULL ? (int)(port - peer) : (int)strlen(peer), peer);
	uint64_t key = hash_bytes(&auth->key, slice_make(text, (size_t)len));
	return key != 0 ? key : 1;
}

/* The entry for a key, or the one to use for it: an unused or the oldest one. */
static struct failures *failures_find(struct auth *auth, uint64_t key)
{
	struct failures *oldest = &auth->failures[0];

	for (size_t i = 0; i < FAILURES_SIZE; i++) {
		struct failures *f = &auth->failures[i];
		if (f->key == key)
			return f;
		if (f->last < oldest->last)
			oldest = f;
	}
	return oldest;
}

bool auth_must_wait(struct auth *auth, struct slice name, const char *peer, int64_t *seconds)
{
	uint64_t key = failures_key(auth, name, peer);
	struct failures *f = failures_find(auth, key);
	int64_t wait, now = clock_now();

	if (f->key != key || f->count <= FAILURES_FREE || f->last + FAILURES_FORGET_SECONDS < now)
		return false;
	wait = f->count - FAILURES_FREE < 6 ? (int64_t)1 << (f->count - FAILURES_FREE)
					    : FAILURES_WAIT_MAX;
	*seconds = f->last + wait - now;
	return *seconds > 0;
}

void auth_login_failed(struct auth *auth, struct slice name, const char *peer)
{
	uint64_t key = failures_key(auth, name, peer);
	struct failures *f = failures_find(auth, key);
	int64_t now = clock_now();

	if (f->key != key || f->last + FAILURES_FORGET_SECONDS < now)
		f->count = 0;
	f->key = key;
	f->count++;
	f->last = now;
}

void auth_login_succeeded(struct auth *auth, struct slice name, const char *peer)
{
	struct failures *f = failures_find(auth, failures_key(auth, name, peer));

	if (f->key == failures_key(auth, name, peer))
		*f = (struct failures){0};
}
