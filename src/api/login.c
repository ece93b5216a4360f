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
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* Every character of name and password as \\uXXXX, and what is around them. */
#define LOGIN_BODY_MAX 8192

/* ---- /me ---- */

static json_t *me_json(const struct caller *id)
{
	static const char *const vias[] = {"session", "session", "token", "socket"};
	json_t *list = json_array();

	/* What needs no sign-in is no right worth naming. */
	for (enum access_right right = RIGHT_VIEWER; right < RIGHTS; right++)
		if (access_role_has(id->role, right))
			json_array_append_new(list, json_string(access_right_name(right)));
	return json_pack("{ss, ss, so, ss, so, ss}", "name", id->name, "role",
	    access_role_name(id->role), "rights", list, "via", vias[id->via], "expires",
	    api_time_or_null(id->expires), "version", POSTROOM_VERSION);
}

static void get_me(struct http_request *rq, void *context)
{
	(void)context;
	http_reply_json(rq, 200, me_json(http_caller(rq)));
}

/* ---- /login ---- */

struct login {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char peer[80];
	char name[ACCOUNTS_NAME_MAX + 1];
	struct login_attempt attempt; /* its name is `name` */
	struct hashing_task task;
	bool by_password;
	struct accounts_user user; /* whose password is checked; id 0: there is no such account */
	char once[ACCOUNTS_SECRET_SIZE];
	char replaced[ACCOUNTS_SECRET_SIZE]; /* the session that this browser had */
	char secret[ACCOUNTS_SECRET_SIZE];   /* of the new session */
	struct accounts_session session;
};

static void login_gone(void *data)
{
	struct login *login = data;
	login->rq = NULL;
}

/* The session before is remembered here and ended by the new one: a browser has one session. */
static struct login *login_create(struct api *api, struct http_request *rq)
{
	struct login *login = memory_zero(1, sizeof(*login));
	struct slice cookie;

	login->api = api;
	login->rq = rq;
	snprintf(login->peer, sizeof(login->peer), "%s", http_peer(rq));
	if (auth_cookie(rq, &cookie))
		accounts_copy_text(login->replaced, sizeof(login->replaced), cookie);
	http_on_gone(rq, login_gone, login);
	return login;
}

/* It has the password's hash and the secret of the session. */
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
	if (login->rq != NULL && login->by_password)
		http_reply_problem(login->rq, "login_failed", "The name or the password is wrong.");
	else if (login->rq != NULL)
		http_reply_problem(login->rq, "login_link_invalid",
		    "This sign-in link was used already, or is too old. Each is good for one "
		    "sign-in.");
	login_free(login);
}

/* One transaction: the link is used up, the session before ends and the new one begins, or nothing
 * of it. */
static enum db_result open_session(struct db *db, void *context, struct error *err)
{
	struct login *login = context;
	struct accounts_session *session = &login->session;
	struct accounts_token link;
	enum db_result result = DB_OK;

	session->expires = clock_now() + AUTH_SESSION_SECONDS;
	if (!login->by_password) {
		result = accounts_token_redeem(db, slice_of(login->once), clock_now(), &link, err);
		if (result != DB_OK)
			return result;
		memcpy(session->who, link.name, sizeof(session->who));
		session->role = link.role;
		session->user_id = link.user_id;
	}
	if (login->replaced[0] != '\0')
		result = accounts_session_end(db, slice_of(login->replaced), err);
	if (result != DB_OK)
		return result;
	return login->by_password
		   ? accounts_session_for_user(
			 db, &login->user, session, clock_now(), login->secret, err)
		   : accounts_session_create(db, session, clock_now(), login->secret, err);
}

/* The session that this browser had is over, with its streams. */
static void end_replaced(struct login *login)
{
	struct credentials *credentials = auth_credentials(login->api->auth);
	const struct caller *before = credentials_find(
	    credentials, slice_of(login->replaced), CREDENTIALS_SESSION, clock_now());

	if (before != NULL)
		http_events_end(login->api->events, CALLER_VIA_SESSION, before->id);
	credentials_end(credentials, slice_of(login->replaced));
}

/* Memory follows what the store has written. The address is noted only behind a password: a link
 * may have been opened by anybody. */
static void let_in(struct login *login)
{
	struct auth *auth = login->api->auth;
	struct caller caller = {.role = login->session.role,
	    .via = CALLER_VIA_SESSION,
	    .expires = login->session.expires,
	    .id = (uint64_t)login->session.id,
	    .user = (uint64_t)login->session.user_id};

	memcpy(caller.name, login->session.who, sizeof(caller.name));
	credentials_end(auth_credentials(auth), slice_of(login->once));
	end_replaced(login);
	credentials_add(
	    auth_credentials(auth), slice_of(login->secret), CREDENTIALS_SESSION, &caller);
	if (login->by_password)
		auth_note_address(auth, slice_of(login->name), login->peer);
	if (login->rq == NULL)
		return;
	auth_set_cookie(login->rq, login->secret, AUTH_SESSION_SECONDS);
	if (login->by_password)
		auth_set_device_cookie(auth, login->rq, slice_of(login->name));
	http_set_caller(login->rq, &caller);
	http_reply_json(login->rq, 200, me_json(&caller));
}

static void session_opened(void *context, enum db_result result, const struct error *err)
{
	struct login *login = context;

	/* The account was locked, changed or removed, or the link used, since memory was asked. */
	if (result == DB_NOT_FOUND) {
		login_failed(login);
		return;
	}
	if (login->by_password)
		login_limits_give_back(auth_limits(login->api->auth), &login->attempt);
	if (result == DB_OK)
		let_in(login);
	else if (login->rq != NULL)
		accounts_reply_store(login->rq, result, err, "login_failed");
	login_free(login);
}

static void password_checked(void *context, struct hashing_task *task)
{
	struct login *login = context;

	/* Only after the hash: whether a name exists or is locked must not show in the time. */
	if (!task->good || login->user.id == 0 || login->user.locked) {
		login_failed(login);
		return;
	}
	/* Whoever went away gets no session that nobody would hold. */
	if (login->rq == NULL) {
		login_free(login);
		return;
	}
	store_ask_write(login->api->store, open_session, session_opened, login);
}

static void reply_wait(struct http_request *rq, const char *detail, int64_t seconds)
{
	http_reply_problem_with(
	    rq, "too_many_requests", detail, json_pack("{sI}", "retry_after", (json_int_t)seconds));
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
		login->user = account->user;
		memcpy(login->task.hash, account->user.password, sizeof(login->task.hash));
	}
	if (hashing_start(api->hashing, login->attempt.as_known ? HASHING_KNOWN : HASHING_STRANGER,
		&login->task, password_checked, login))
		return;
	/* Nothing was tried, so nothing counts against the name. */
	login_limits_give_back(auth_limits(api->auth), &login->attempt);
	reply_wait(login->rq, "Others are signing in right now: try again in a moment.", 1);
	login_free(login);
}

static void login_by_password(
    struct api *api, struct http_request *rq, struct slice name, struct slice password)
{
	struct login *login = login_create(api, rq);
	int64_t seconds = 1;

	accounts_copy_text(login->name, sizeof(login->name), name);
	memcpy(login->task.password, password.data, password.len);
	login->task.password_len = password.len;
	login->by_password = true;
	login->attempt = (struct login_attempt){.name = slice_of(login->name),
	    .peer = login->peer,
	    .known = auth_known(api->auth, rq, name)};
	if (login_limits_take(
		auth_limits(api->auth), &login->attempt, clock_monotonic_ms(), &seconds)) {
		check_password(login);
		return;
	}
	strangers_sign_in_failed(
	    api->strangers, slice_of(login->name), login->peer, clock_monotonic_ms());
	login_free(login);
	reply_wait(rq,
	    "There were too many sign-ins that failed, with this name or from this address: wait a "
	    "moment. A browser that has signed in with this name before need not wait for others.",
	    seconds);
}

static void login_by_link(struct api *api, struct http_request *rq, struct slice once)
{
	struct login *login = login_create(api, rq);

	if (!accounts_copy_text(login->once, sizeof(login->once), once) ||
	    /* First in memory: a stranger's guess must not reach the database. */
	    credentials_find(auth_credentials(api->auth), once, CREDENTIALS_ONCE, clock_now()) ==
		NULL) {
		login_failed(login);
		return;
	}
	store_ask_write(api->store, open_session, session_opened, login);
}

static void post_login(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice name = SLICE(""), password = SLICE(""), once = SLICE("");
	const json_t *body = http_json(rq, "name password once");

	if (body == NULL)
		return;
	/* With both it would be open whose session it becomes. */
	if (json_object_get(body, "once") != NULL && json_object_size(body) > 1) {
		http_reply_problem(
		    rq, "bad_request", "A login is by name and password, or by `once`, not both.");
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
	http_events_end(logout->api->events, CALLER_VIA_SESSION, logout->id);
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
	/* A token or the socket has no session; nothing is left to be ended. */
	if (http_caller(rq)->via != CALLER_VIA_SESSION || !auth_cookie(rq, &secret)) {
		http_reply_empty(rq, 204);
		return;
	}
	logout = memory_zero(1, sizeof(*logout));
	*logout = (struct logout){.api = api, .rq = rq, .id = http_caller(rq)->id};
	accounts_copy_text(logout->secret, sizeof(logout->secret), secret);
	http_on_gone(rq, logout_gone, logout);
	/* It is over at once, whatever the store says. */
	credentials_end(auth_credentials(api->auth), secret);
	http_events_end(api->events, CALLER_VIA_SESSION, logout->id);
	store_ask_write(api->store, end_session, logged_out, logout);
}

const struct http_route api_login_routes[] = {
    {HTTP_GET, "/api/v1/me", RIGHT_VIEWER, 0, NULL, get_me, .within = true},
    {HTTP_POST, "/api/v1/login", RIGHT_PUBLIC, LOGIN_BODY_MAX, NULL, post_login},
    {HTTP_POST, "/api/v1/logout", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, post_logout,
	.within = true},
    {.path = NULL},
};
