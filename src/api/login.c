/* /me, /login and /logout.
 *
 * A sign-in by password: the limits are asked (login_limits.h), the account is looked up in memory,
 * the password is checked on a thread of its own (access/hashing.h), and only then does the store
 * write a session. So a stranger's wrong password never reaches the database. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/hashing.h"
#include "access/strangers.h"
#include "api/accounts.h"
#include "api/auth.h"
#include "api/oidc.h"
#include "api/otp.h"
#include "api/signing_in.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* Every character of name and password as \\uXXXX, and what is around them. */
#define LOGIN_BODY_MAX 8192

/* ---- /me ---- */

/* Where signing out leads, behind POST /logout; NULL: nowhere. */
static json_t *leads_out(const struct api *api, const struct caller *caller)
{
	const char *proxy = role_config_get(api->config, "access.proxy_logout_url");
	BUFFER_AUTO struct buffer issuer = {0};
	struct credentials_item item;

	if (caller->via == VIA_PROXY && proxy[0] != '\0')
		return json_string(proxy);
	if (caller->via == VIA_SESSION &&
	    credentials_item(
		auth_credentials(api->auth), CREDENTIALS_SESSION, caller->id, clock_now(), &item) &&
	    item.how == ACCOUNTS_BY_OIDC && oidc_logout_address(api->oidc, &issuer))
		return json_string(buffer_string(&issuer));
	return NULL;
}

static void get_me(struct http_request *rq, void *context)
{
	const struct api *api = context;
	const struct caller *caller = http_caller(rq);
	json_t *me = signing_in_me(api, caller), *url = leads_out(api, caller);

	/* Here alone he is still known where he came from. */
	if (url != NULL)
		json_object_set_new(me, "logout_url", url);
	http_reply_json(rq, 200, me);
}

/* ---- /login ---- */

struct login {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char peer[ACCOUNTS_PEER_SIZE];
	char name[ACCOUNTS_NAME_MAX + 1];
	struct login_attempt attempt; /* its name is `name` */
	struct hashing_task task;
	bool locked, otp;     /* the account whose password is checked */
	struct signing_in in; /* user_id 0: there is no such account */
};

static struct login *login_create(struct api *api, struct http_request *rq, enum accounts_how how)
{
	struct login *login = memory_zero(1, sizeof(*login));

	login->api = api;
	login->in.how = how;
	snprintf(login->peer, sizeof(login->peer), "%s", http_peer(rq));
	http_wait(rq, &login->rq);
	return login;
}

/* It has the password's hash, or the link. */
static void login_free(struct login *login)
{
	sodium_memzero(login, sizeof(*login));
	free(login);
}

/* The same answer whatever was wrong with a name or password. */
static void login_failed(struct login *login)
{
	strangers_sign_in_failed(
	    login->api->strangers, slice_of(login->name), login->peer, clock_monotonic_ms());
	if (login->rq != NULL && login->in.how == ACCOUNTS_BY_PASSWORD)
		http_reply_said(login->rq, "login_failed", NULL, SAID_PROBLEM_LOGIN_WRONG, 0);
	else if (login->rq != NULL)
		http_reply_said(login->rq, "login_link_invalid", NULL, SAID_PROBLEM_LINK_USED, 0);
	login_free(login);
}

/* For accounts_open_session. */
static void session_opened(
    void *context, struct http_request *rq, enum db_result result, const struct error *err)
{
	struct login *login = context;

	login->rq = rq;
	/* The account was locked, changed or removed, or the link used, since memory was asked. */
	if (result == DB_NOT_FOUND) {
		login_failed(login);
		return;
	}
	if (login->in.how == ACCOUNTS_BY_PASSWORD)
		login_limits_give_back(auth_limits(login->api->auth), &login->attempt);
	if (rq != NULL && result == DB_OK)
		http_reply_json(rq, 200, signing_in_me(login->api, http_caller(rq)));
	else if (rq != NULL)
		accounts_reply_store(rq, result, err, "login_failed");
	login_free(login);
}

/* The password was no guess; the code is asked for by a request of its own. */
static void ask_code(struct login *login)
{
	login_limits_give_back(auth_limits(login->api->auth), &login->attempt);
	login_otp_ask(login->api, login->rq, &login->in);
	login_free(login);
}

static void password_checked(void *context, struct hashing_task *task)
{
	struct login *login = context;

	/* Only after the hash: whether a name exists or is locked must not show in the time. */
	if (!task->good || login->in.user_id == 0 || login->locked) {
		login_failed(login);
		return;
	}
	/* Whoever went away gets no session that nobody would hold. */
	if (login->rq == NULL) {
		login_free(login);
		return;
	}
	if (login->otp && otp_policy(role_config_get(login->api->config, "access.otp")) != OTP_OFF)
		ask_code(login);
	else
		accounts_open_session(login->api, login->rq, &login->in, session_opened, login);
}

static void reply_wait(struct http_request *rq, enum said_code says, int64_t seconds)
{
	http_reply_said(rq, "too_many_requests",
	    json_pack("{sI}", "retry_after", (json_int_t)seconds), says, 0);
}

static enum hashing_lane lane_of(const struct login_attempt *attempt)
{
	if (attempt->as_known)
		return HASHING_KNOWN;
	return attempt->fresh ? HASHING_FRESH : HASHING_STRANGER;
}

/* An unknown name costs what a known one does: the time must not tell which names exist. */
static void check_password(struct login *login)
{
	struct api *api = login->api;
	const struct credentials_account *account =
	    credentials_account(auth_credentials(api->auth), slice_of(login->name));

	/* A hash is made for nobody, which takes as long as checking one. */
	login->task.make = account == NULL;
	if (account != NULL) {
		login->locked = account->user.locked;
		login->otp = account->user.otp;
		login->in.user_id = account->user.id;
		memcpy(login->in.name, account->user.name, sizeof(login->in.name));
		memcpy(login->in.password, account->user.password, sizeof(login->in.password));
		memcpy(login->task.hash, account->user.password, sizeof(login->task.hash));
	}
	if (hashing_start(
		api->hashing, lane_of(&login->attempt), &login->task, password_checked, login))
		return;
	/* Nothing was tried, so nothing counts against the name. */
	login_limits_give_back(auth_limits(api->auth), &login->attempt);
	reply_wait(login->rq, SAID_PROBLEM_LOGIN_BUSY, 1);
	login_free(login);
}

static void login_by_password(
    struct api *api, struct http_request *rq, struct slice name, struct slice password)
{
	struct login *login = login_create(api, rq, ACCOUNTS_BY_PASSWORD);
	int64_t seconds = 1;

	credentials_name_meant(auth_credentials(api->auth), name, login->name);
	memcpy(login->task.password, password.data, password.len);
	login->task.password_len = password.len;
	login->attempt = (struct login_attempt){.name = slice_of(login->name),
	    .peer = login->peer,
	    .known = auth_known(api->auth, rq, slice_of(login->name))};
	if (login_limits_take(
		auth_limits(api->auth), &login->attempt, clock_monotonic_ms(), &seconds)) {
		check_password(login);
		return;
	}
	strangers_sign_in_failed(
	    api->strangers, slice_of(login->name), login->peer, clock_monotonic_ms());
	login_free(login);
	reply_wait(rq, SAID_PROBLEM_LOGIN_WAIT, seconds);
}

static void login_by_link(struct api *api, struct http_request *rq, struct slice once)
{
	struct login *login = login_create(api, rq, ACCOUNTS_BY_LINK);

	if (!accounts_copy_text(login->in.once, sizeof(login->in.once), once) ||
	    /* First in memory: a stranger's guess must not reach the database. */
	    credentials_find(auth_credentials(api->auth), once, CREDENTIALS_ONCE, clock_now()) ==
		NULL) {
		login_failed(login);
		return;
	}
	accounts_open_session(api, rq, &login->in, session_opened, login);
}

static void post_login(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice name = SLICE(""), password = SLICE(""), once = SLICE("");
	const json_t *body = http_json(rq, "name password once");

	/* Before the accounts were read, after a start, nobody's password is wrong. */
	if (body == NULL || !auth_ready(api->auth, rq))
		return;
	/* With both it would be open whose session it becomes. */
	if (json_object_get(body, "once") != NULL && json_object_size(body) > 1) {
		http_reply_said(rq, "bad_request", NULL, SAID_PROBLEM_LOGIN_BOTH, 0);
	} else if (json_object_get(body, "once") != NULL) {
		if (http_json_string(
			rq, body, "once", HTTP_REQUIRED, ACCOUNTS_SECRET_SIZE - 1, &once))
			login_by_link(api, rq, once);
	} else if (http_json_string(rq, body, "name", HTTP_REQUIRED, ACCOUNTS_NAME_MAX, &name) &&
		   http_json_string(
		       rq, body, "password", HTTP_REQUIRED, ACCOUNTS_PASSWORD_MAX, &password)) {
		login_by_password(api, rq, name, password);
	}
}

/* ---- /logout ---- */

struct logout {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char secret[ACCOUNTS_SECRET_SIZE];
	uint64_t id;
};

static void logout_gone(void *data)
{
	struct logout *logout = data;
	logout->rq = NULL;
}

static enum db_result end_session(struct db *db, void *context, struct error *err)
{
	struct logout *logout = context;
	return accounts_session_end(db, slice_of(logout->secret), err);
}

static void logged_out(void *context, enum db_result result, const struct error *err)
{
	struct logout *logout = context;

	/* Again: the accounts may have been read meanwhile, as they were before. */
	credentials_end(auth_credentials(logout->api->auth), slice_of(logout->secret));
	http_events_end(logout->api->events, VIA_SESSION, logout->id);
	if (logout->rq != NULL && result != DB_OK) {
		accounts_reply_store(logout->rq, result, err, "not_found");
	} else if (logout->rq != NULL) {
		/* An empty cookie that has expired: so a browser forgets it. */
		auth_set_cookie(logout->rq, "", 0);
		http_reply_empty(logout->rq, 204);
	}
	sodium_memzero(logout, sizeof(*logout));
	free(logout);
}

static void post_logout(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice secret;
	struct logout *logout;

	if (http_json(rq, NULL) == NULL)
		return;
	/* He is known until the proxy forgets him; what he follows ends. */
	if (http_caller(rq)->via == VIA_PROXY)
		http_events_end(api->events, VIA_PROXY, http_caller(rq)->id);
	/* A token or the socket has no session; nothing is left to be ended. */
	if (http_caller(rq)->via != VIA_SESSION || !auth_cookie(rq, &secret)) {
		http_reply_empty(rq, 204);
		return;
	}
	logout = memory_zero(1, sizeof(*logout));
	*logout = (struct logout){.api = api, .rq = rq, .id = http_caller(rq)->id};
	accounts_copy_text(logout->secret, sizeof(logout->secret), secret);
	http_on_gone(rq, logout_gone, logout);
	/* It is over at once, whatever the store says. */
	credentials_end(auth_credentials(api->auth), secret);
	http_events_end(api->events, VIA_SESSION, logout->id);
	store_ask_write(api->store, end_session, logged_out, logout);
}

const struct http_route api_login_routes[] = {
    {HTTP_GET, "/api/v1/me", RIGHT_VIEWER, 0, NULL, get_me, .unfinished = true,
	.within = SCOPE_NO_MAIL},
    {HTTP_POST, "/api/v1/login", RIGHT_PUBLIC, LOGIN_BODY_MAX, NULL, post_login,
	.within = SCOPE_NO_MAIL, .audit = AUDIT_SIGN_IN},
    {HTTP_POST, "/api/v1/logout", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, post_logout,
	.unfinished = true, .within = SCOPE_NO_MAIL, .audit = AUDIT_SIGN_OUT},
    {.path = NULL},
};
