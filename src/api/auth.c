/* The half of signing in that speaks HTTP: cookies, headers, and requests that come before anything
 * was read. Who may come in is known in access/. */
#include "api/auth.h"

#include <stdio.h>
#include <stdlib.h>

#include "access/access.h"
#include "access/device.h"
#include "access/otp.h"
#include "access/socket.h"
#include "api/proxy_word.h"
#include "api/scopes.h"
#include "api/sign_on_groups.h"
#include "base/clock.h"
#include "base/duration.h"
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
	struct proxy_word *word;
	struct early *early;
	unsigned early_count;
	uint64_t ended; /* of the credentials, when what is under way was looked at last */
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

	auth_end_lost(auth, NULL);

	while (auth->early != NULL) {
		struct http_request *rq = auth->early->rq;

		/* Taken out first: answering may end the request and call early_gone. */
		early_remove(auth->early);
		http_on_gone(rq, NULL, NULL);
		if (err == NULL)
			auth_authenticate(auth, rq);
		else
			http_reply_said(rq, "store_unavailable", NULL, SAID_PROBLEM_NOBODY_SIGNS_IN,
			    1, said_text("error", slice_of(err->text)));
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
	auth->word = proxy_word_create(api);
	auth_use_config(auth);
	return auth;
}

void auth_destroy(struct auth **auth)
{
	if (*auth == NULL)
		return;
	proxy_word_destroy(&(*auth)->word);
	access_destroy(&(*auth)->access);
	free(*auth);
	*auth = NULL;
}

static int64_t config_seconds(const struct auth *auth, const char *key)
{
	int64_t seconds = 0;

	/* Checked when the configuration was read. */
	(void)duration_parse(
	    slice_of(role_config_get(auth->api->config, key)), 0, INT64_MAX, &seconds);
	return seconds;
}

int64_t auth_session_seconds(const struct auth *auth)
{
	return config_seconds(auth, "access.session_max");
}

/* Rights follow the configuration: who has come by a group has at once what the table gives it
 * now. */
void auth_use_config(struct auth *auth)
{
	const struct role_config *config = auth->api->config;
	struct credentials *credentials = auth_credentials(auth);

	credentials_set_idle(credentials, config_seconds(auth, "access.session_idle"));
	credentials_set_otp_required(
	    credentials, otp_policy(role_config_get(config, "access.otp")) == OTP_REQUIRED);
	credentials_set_rules(credentials,
	    &(struct people_rules){.groups = sign_on_groups_read(config),
		.issuer = role_config_get(config, "access.oidc_issuer"),
		.proxy = role_config_get(config, "access.proxy_user_header")[0] != '\0' &&
			 role_config_get(config, "http.trusted_proxy")[0] != '\0',
		.away = config_seconds(auth, "access.token_away")});
	proxy_word_use_config(auth->word);
	/* What ends by it ends now, and for good: the next reload may take it back. */
	auth_tick(auth);
}

void auth_tick(struct auth *auth)
{
	access_tick(auth->access);
	auth_end_lost(auth, NULL);
}

/* For http_server_end. The socket's users have nothing here that could end; who comes by a proxy's
 * word has an account here at most to be locked. */
static bool is_lost(void *context, const struct caller *caller)
{
	const struct auth *auth = context;

	if (caller->via == VIA_PROXY)
		return credentials_is_locked(
		    access_credentials(auth->access), slice_of(caller->name));
	return (caller->via == VIA_SESSION || caller->via == VIA_TOKEN) &&
	       !credentials_holds(access_credentials(auth->access), caller);
}

void auth_end_lost(struct auth *auth, const struct http_request *but)
{
	uint64_t ended = credentials_ended(access_credentials(auth->access));

	/* Looking through them all costs more than a request: only when there may be one. */
	if (ended == auth->ended || auth->api->http == NULL)
		return;
	auth->ended = ended;
	http_server_end(auth->api->http, but, is_lost, auth);
}

struct lost_scopes {
	size_t count;
	const char *name;
};

static void count_lost(void *context, const struct credentials_item *item)
{
	struct lost_scopes *lost = context;

	if (item->scope == NULL || api_scope_good(item->scope))
		return;
	lost->count++;
	lost->name = item->caller->name;
}

size_t auth_scopes_lost(struct auth *auth, const char **name)
{
	struct credentials *credentials = auth_credentials(auth);
	struct lost_scopes lost = {0, NULL};

	credentials_each(credentials, CREDENTIALS_TOKEN, clock_now(), count_lost, &lost);
	/* Last: of an account's name one knows sooner what it is about. */
	for (const struct credentials_account *a = credentials_accounts(credentials); a != NULL;
	     a = a->next)
		if (a->user.grant.scoped && !api_scope_good(a->user.grant.scope)) {
			lost.count++;
			lost.name = a->user.name;
		}
	*name = lost.name;
	return lost.count;
}

bool auth_ready(struct auth *auth, struct http_request *rq)
{
	if (!access_loaded(auth->access))
		http_reply_said(rq, "store_unavailable", NULL, SAID_PROBLEM_ACCOUNTS_READ, 0);
	return access_loaded(auth->access);
}

struct credentials *auth_credentials(struct auth *auth)
{
	return access_credentials(auth->access);
}

struct login_limits *auth_limits(struct auth *auth)
{
	return access_limits(auth->access);
}

void auth_make_room(struct auth *auth, uint64_t session)
{
	access_make_room(auth->access, session);
}

const unsigned char *auth_secret(const struct auth *auth)
{
	return access_device_key(auth->access);
}

/* ---- Cookies ---- */

/* The prefix __Host- makes browsers take a cookie only over TLS, from this very host, for all of
 * it: no neighbour under the same domain can put one in its place. Beneath a path of its own the
 * cookie is for that alone, which __Host- does not allow; __Secure- is left, for TLS. */
static const char *cookie_name(const struct http_request *rq, const char *name, char out[64])
{
	const char *prefix = http_base(rq)[0] == '\0' ? "__Host-" : "__Secure-";

	snprintf(out, 64, "%s%s", http_is_secure(rq) ? prefix : "", name);
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

static void set_cookie_for(struct http_request *rq, const char *name, const char *value,
    int64_t seconds, const char *same_site)
{
	char cookie[450], full[64];

	/* HttpOnly keeps it from scripts, SameSite from requests that another site's page makes. */
	snprintf(cookie, sizeof(cookie), "%s=%s; Path=%s/; HttpOnly; SameSite=%s; Max-Age=%lld%s",
	    cookie_name(rq, name, full), value, http_base(rq), same_site, (long long)seconds,
	    http_is_secure(rq) ? "; Secure" : "");
	http_set_header(rq, "Set-Cookie", cookie);
}

static void set_cookie(
    struct http_request *rq, const char *name, const char *value, int64_t seconds)
{
	set_cookie_for(rq, name, value, seconds, "Strict");
}

bool auth_cookie(const struct http_request *rq, struct slice *secret)
{
	return find_cookie(rq, AUTH_COOKIE, secret);
}

void auth_set_cookie(struct http_request *rq, const char *secret, int64_t seconds)
{
	set_cookie(rq, AUTH_COOKIE, secret, seconds);
}

bool auth_flow_cookie(const struct http_request *rq, struct slice *value)
{
	return find_cookie(rq, AUTH_FLOW_COOKIE, value);
}

/* Lax: it comes with a click or a redirect that shows this page as a whole, and with nothing else
 * of another site's. */
void auth_set_flow_cookie(struct http_request *rq, const char *value, int64_t seconds)
{
	set_cookie_for(rq, AUTH_FLOW_COOKIE, value, seconds, "Lax");
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

/* ---- People without an account ---- */

bool auth_person(struct auth *auth, const struct http_request *rq, struct person *person)
{
	const struct caller *caller = http_caller(rq);
	struct people_item known;

	if (caller->via == VIA_PROXY)
		return proxy_word_person(auth->word, rq, person);
	if (caller->person == 0 || !people_find(credentials_people(auth_credentials(auth)),
				       caller->person, clock_boot_us() / 1000000, &known))
		return false;
	person_copy(person, known.person);
	return true;
}

void auth_person_written(struct auth *auth, const struct person *person)
{
	people_set(credentials_people(auth_credentials(auth)), person, clock_now(),
	    clock_boot_us() / 1000000);
}

bool auth_person_seen(struct auth *auth, struct person *person)
{
	return people_seen(
	    credentials_people(auth_credentials(auth)), person, clock_boot_us() / 1000000);
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

/* True when it must wait for the accounts to be read, or has been answered because it cannot. */
static bool is_too_early(struct auth *auth, struct http_request *rq)
{
	struct early *e;

	if (access_loaded(auth->access))
		return false;
	/* A store that does not answer must not gather requests without end. */
	if (auth->early_count == EARLY_MAX) {
		http_reply_said(rq, "store_unavailable", NULL, SAID_PROBLEM_ACCOUNTS_READ_BUSY, 1,
		    said_number("count", EARLY_MAX));
		return true;
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
	return true;
}

static void check_secret(
    struct auth *auth, struct http_request *rq, struct slice secret, enum credentials_kind kind)
{
	const struct credentials_use use = {clock_now(), clock_boot_us() / 1000000, http_peer(rq)};

	if (!is_too_early(auth, rq))
		http_authenticated(rq, credentials_use(auth_credentials(auth), secret, kind, &use));
}

/* Whom the processes of the service run as. */
static bool is_role_user(const struct role_config *config, uid_t uid)
{
	/* A taken-over parser or server runs as one of these, and must not be an operator over the
	 * socket. */
	static const char *const keys[] = {
	    "run.uid", "run.parse_uid", "run.view_uid", "run.notify_uid"};

	for (size_t i = 0; config->privileged && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strtoul(role_config_get(config, keys[i]), NULL, 10) == uid)
			return true;
	return false;
}

/* What a proxy passes on of its own sign-in (a password, a token of its provider) is no token of
 * ours, and must not keep out whom it names. */
static bool shows_token(const struct http_request *rq, struct slice *header)
{
	struct slice token;

	return http_header(rq, "Authorization", header) &&
	       (!proxy_word_given(rq) ||
		   (secret_bearer(*header, &token) && accounts_is_secret(token)));
}

void auth_authenticate(void *context, struct http_request *rq)
{
	struct auth *auth = context;
	struct slice value, token;
	struct caller caller;
	struct http_socket_peer peer = http_socket_peer(rq);

	/* Whoever shows a token means it: a cookie or the socket's user beside it must not let a
	 * bad token pass. */
	if (shows_token(rq, &value)) {
		if (secret_bearer(value, &token))
			check_secret(auth, rq, token, CREDENTIALS_TOKEN);
		else
			http_authenticated(rq, NULL);
	} else if (proxy_word_given(rq)) {
		/* A locked account keeps him out, so the accounts must be known. */
		if (!is_too_early(auth, rq))
			proxy_word_authenticate(auth->word, auth_credentials(auth), rq);
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
