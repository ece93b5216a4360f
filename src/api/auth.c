/* The half of signing in that speaks HTTP: cookies, headers, and requests that come before anything
 * was read. Who may come in is known in access/. */
#include "api/auth.h"

#include <stdio.h>
#include <stdlib.h>

#include "access/access.h"
#include "access/device.h"
#include "access/socket.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/secret.h"
#include "http/server.h"

/* Requests that came before the store was read for the first time; more are told to come again. */
#define EARLY_MAX 256
#define DEVICE_SECONDS (400 * 86400) /* browsers keep no cookie longer */

/* A request that waits for the first reading. */
struct early {
	struct auth *auth;
	struct http_request *rq;
	struct early *next, **previous;
};

struct auth {
	struct api *api;
	struct access *access;
	struct early *early;
	unsigned early_count;
};

/* ---- Too early ---- */

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
static void answer_early(void *context, const struct error *err)
{
	struct auth *auth = context;

	while (auth->early != NULL) {
		struct http_request *rq = auth->early->rq;

		/* Taken out first: answering may end the request and call early_gone. */
		early_remove(auth->early);
		http_on_gone(rq, NULL, NULL);
		if (err == NULL)
			auth_authenticate(auth, rq);
		else
			http_reply_problem(
			    rq, "store_unavailable", "Nobody can be signed in: %s", err->text);
	}
}

/* ---- What others know of it ---- */

/* The first tick asks for the accounts at once; until they are read, requests wait (check_secret).
 */
struct auth *auth_create(struct api *api)
{
	struct auth *auth = memory_zero(1, sizeof(*auth));

	auth->api = api;
	auth->access = access_create(api->store, answer_early, auth);
	auth_tick(auth);
	return auth;
}

void auth_destroy(struct auth **auth)
{
	if (*auth == NULL)
		return;
	access_destroy(&(*auth)->access);
	free(*auth);
	*auth = NULL;
}

void auth_tick(struct auth *auth)
{
	access_tick(auth->access);
}

struct credentials *auth_credentials(struct auth *auth)
{
	return access_credentials(auth->access);
}

struct login_limits *auth_limits(struct auth *auth)
{
	return access_limits(auth->access);
}

/* ---- Cookies ---- */

/* The prefix __Host- makes browsers take a cookie only over TLS, from this very host, for all of
 * it: no neighbour under the same domain can put one in its place. */
static const char *cookie_name(const struct http_request *rq, const char *name, char out[64])
{
	snprintf(out, 64, "%s%s", http_is_secure(rq) ? "__Host-" : "", name);
	return out;
}

/* Only the name that belongs to this kind of connection: over TLS a cookie without the prefix could
 * be a neighbour's. */
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

	/* HttpOnly keeps it from scripts, SameSite=Strict from requests that another site's page
	 * makes. */
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

	/* No key came from the store; the sign-in works all the same. */
	if (access_device_key(auth->access) == NULL)
		return;
	device_cookie_make(access_device_key(auth->access), name, cookie);
	set_cookie(rq, AUTH_DEVICE_COOKIE, cookie, DEVICE_SECONDS);
}

/* ---- Known people ---- */

uint64_t auth_known(struct auth *auth, const struct http_request *rq, struct slice name)
{
	struct slice session = SLICE(""), device = SLICE("");

	find_cookie(rq, AUTH_COOKIE, &session);
	find_cookie(rq, AUTH_DEVICE_COOKIE, &device);
	return access_known(auth->access, name, http_peer(rq), session, device);
}

void auth_note_address(struct auth *auth, struct slice name, const char *peer)
{
	access_note_address(auth->access, name, peer);
}

/* ---- The question ---- */

static void check_secret(
    struct auth *auth, struct http_request *rq, struct slice secret, enum credentials_kind kind)
{
	struct early *e;

	if (access_loaded(auth->access)) {
		http_authenticated(
		    rq, credentials_find(auth_credentials(auth), secret, kind, clock_now()));
		return;
	}
	/* A store that does not answer must not gather requests without end. */
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
	/* A connection that closes while it waits takes its place in the list with it. */
	http_on_gone(rq, early_gone, e);
	auth_tick(auth);
}

/* Whom the processes of the service run as. */
static bool is_role_user(const struct role_config *config, uid_t uid)
{
	/* A taken-over parser or server runs as one of these, and must not be an operator over the
	 * socket. */
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

	/* Whoever shows a token means it: a cookie or the socket's user beside it must not let a
	 * bad token pass. */
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
