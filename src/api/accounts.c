#include "api/accounts.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/auth.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/accounts.h"
#include "store/store.h"

/* Logins at work at once: each costs the store's thread 60 ms and 64 MiB. */
#define LOGINS_MAX 3
#define TOKENS_MAX 1000
#define LINK_SECONDS_DEFAULT 900
#define LINK_SECONDS_MAX 86400
#define TOKEN_SECONDS_MAX 315360000

/* One question to the store on behalf of a request. */
struct ask {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char peer[80];
	char name[ACCOUNTS_NAME_MAX + 1];
	char secret[ACCOUNTS_SECRET_SIZE]; /* that was sent, or that was made */
	char password[ACCOUNTS_PASSWORD_MAX];
	size_t password_len;
	enum accounts_role role;
	struct accounts_user user;
	struct accounts_session session;
	struct accounts_token token;
	int64_t id;
	struct accounts_token *tokens;
	size_t token_count;
};

static void ask_gone(void *data)
{
	struct ask *ask = data;
	ask->rq = NULL;
}

static struct ask *ask_create(struct api *api, struct http_request *rq)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	ask->rq = rq;
	memcpy(ask->peer, http_peer(rq), strnlen(http_peer(rq), sizeof(ask->peer) - 1));
	http_on_gone(rq, ask_gone, ask);
	return ask;
}

static void ask_free(struct ask *ask)
{
	free(ask->tokens);
	sodium_memzero(ask, sizeof(*ask));
	free(ask);
}

/* Answers what went wrong in the store. */
static void reply_store(
    struct http_request *rq, enum db_result result, const struct error *err, const char *missing)
{
	if (result == DB_NOT_FOUND)
		http_reply_problem(rq, http_status_of_code(missing), missing, "%s", err->text);
	else if (result == DB_CONFLICT)
		http_reply_problem(rq, 409, "already_exists", "%s", err->text);
	else if (strcmp(err->code, "bad_name") == 0 || strcmp(err->code, "bad_password") == 0)
		http_reply_problem(rq, 400, "invalid_value", "%s", err->text);
	else
		http_reply_problem(rq, 503, "store_unavailable", "%s", err->text);
}

/* A copy with a NUL; false when it does not fit or holds a NUL. */
static bool copy_text(char *out, size_t size, struct slice in)
{
	if (in.len >= size || memchr(in.data, '\0', in.len) != NULL)
		return false;
	memcpy(out, in.data, in.len);
	out[in.len] = '\0';
	return true;
}

/* ---- /me ---- */

static json_t *me_json(const struct http_identity *id)
{
	static const char *const vias[] = {"session", "session", "token", "socket"};
	static const enum http_right rights[] = {
	    HTTP_VIEWER, HTTP_CONTENT, HTTP_OPERATOR, HTTP_ADMIN};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (http_role_has(id->role, rights[i]))
			json_array_append_new(list, json_string(http_right_name(rights[i])));
	return json_pack("{ss, ss, so, ss, so, ss}", "name", id->name, "role",
	    http_role_name(id->role), "rights", list, "via", vias[id->via], "expires",
	    api_time_or_null(id->expires), "version", POSTROOM_VERSION);
}

static void get_me(struct http_request *rq, void *context)
{
	(void)context;
	http_reply_json(rq, 200, me_json(http_identity(rq)));
}

/* ---- /login, /logout ---- */

static enum db_result open_session(struct db *db, struct ask *ask, struct error *err)
{
	ask->session.expires = clock_now() + AUTH_SESSION_SECONDS;
	return accounts_session_create(db, &ask->session, clock_now(), ask->secret, err);
}

static enum db_result login_password(struct db *db, void *arg, struct error *err)
{
	struct ask *ask = arg;
	enum db_result result = accounts_user_verify(
	    db, slice_of(ask->name), slice_make(ask->password, ask->password_len), &ask->user, err);

	if (result != DB_OK)
		return result;
	memcpy(ask->session.who, ask->user.name, sizeof(ask->session.who));
	ask->session.user_id = ask->user.id;
	ask->session.role = ask->user.role;
	return open_session(db, ask, err);
}

static enum db_result login_once(struct db *db, void *arg, struct error *err)
{
	struct ask *ask = arg;
	enum db_result result =
	    accounts_token_redeem(db, slice_of(ask->secret), clock_now(), &ask->token, err);

	if (result != DB_OK)
		return result;
	memcpy(ask->session.who, ask->token.name, sizeof(ask->session.who));
	ask->session.role = ask->token.role;
	return open_session(db, ask, err);
}

static void set_cookie(struct http_request *rq, const char *secret, int64_t seconds)
{
	char cookie[200];

	snprintf(cookie, sizeof(cookie), "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
	    AUTH_COOKIE, secret, (long long)seconds, http_is_secure(rq) ? "; Secure" : "");
	http_set_header(rq, "Set-Cookie", cookie);
}

static void login_done(void *arg, enum db_result result, const struct error *err)
{
	struct ask *ask = arg;
	struct http_identity identity = {.via = HTTP_VIA_SESSION};

	ask->api->auth_logins--;
	if (result == DB_OK)
		auth_login_succeeded(ask->api->auth, slice_of(ask->name), ask->peer);
	if (result == DB_NOT_FOUND)
		auth_login_failed(ask->api->auth, slice_of(ask->name), ask->peer);
	if (ask->rq == NULL) {
		ask_free(ask);
		return;
	}
	if (result == DB_NOT_FOUND && ask->secret[0] != '\0') {
		http_reply_problem(ask->rq, 401, "login_link_invalid",
		    "This sign-in link was used already, or is too old. Each is good for one "
		    "sign-in.");
	} else if (result != DB_OK) {
		reply_store(ask->rq, result, err, "login_failed");
	} else {
		memcpy(identity.name, ask->session.who, sizeof(identity.name));
		identity.role = http_role_parse(slice_of(accounts_role_name(ask->session.role)));
		identity.expires = ask->session.expires;
		set_cookie(ask->rq, ask->secret, AUTH_SESSION_SECONDS);
		http_reply_json(ask->rq, 200, me_json(&identity));
	}
	ask_free(ask);
}

static bool login_may_try(struct api *api, struct http_request *rq, struct slice name)
{
	int64_t seconds = 1;
	bool wait = auth_must_wait(api->auth, name, http_peer(rq), &seconds);

	if (!wait && api->auth_logins < LOGINS_MAX)
		return true;
	http_reply_problem_with(rq, 429, "too_many_requests",
	    wait ? "Too many failed logins: wait a moment."
		 : "Others are signing in right now: try again.",
	    json_pack("{sI}", "retry_after", (json_int_t)seconds));
	return false;
}

static void post_login(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice name = SLICE(""), password = SLICE(""), once = SLICE("");
	const json_t *body = http_json(rq, "name password once");
	struct ask *ask;

	if (body == NULL)
		return;
	if (json_object_get(body, "once") != NULL && json_object_size(body) > 1) {
		http_reply_problem(rq, 400, "bad_request",
		    "A login is by name and password, or by `once`, not both.");
		return;
	}
	if (json_object_get(body, "once") != NULL) {
		if (!http_json_string(
			rq, body, "once", HTTP_REQUIRED, ACCOUNTS_SECRET_SIZE - 1, &once))
			return;
	} else if (!http_json_string(rq, body, "name", HTTP_REQUIRED, ACCOUNTS_NAME_MAX, &name) ||
		   !http_json_string(
		       rq, body, "password", HTTP_REQUIRED, ACCOUNTS_PASSWORD_MAX, &password)) {
		return;
	}
	if (!login_may_try(api, rq, name))
		return;
	ask = ask_create(api, rq);
	copy_text(ask->name, sizeof(ask->name), name);
	copy_text(ask->secret, sizeof(ask->secret), once);
	memcpy(ask->password, password.data, password.len);
	ask->password_len = password.len;
	api->auth_logins++;
	store_write(api->store, once.len > 0 ? login_once : login_password, login_done, ask);
}

static enum db_result end_session(struct db *db, void *arg, struct error *err)
{
	struct ask *ask = arg;
	return accounts_session_end(db, slice_of(ask->secret), err);
}

static void logout_done(void *arg, enum db_result result, const struct error *err)
{
	struct ask *ask = arg;

	/* Once more: a request that was under way may have been let in meanwhile. */
	auth_forget(ask->api->auth, slice_of(ask->secret));
	if (result == DB_OK)
		http_events_end(ask->api->events, HTTP_VIA_SESSION, (uint64_t)ask->id);
	if (ask->rq != NULL && result != DB_OK) {
		reply_store(ask->rq, result, err, "not_found");
	} else if (ask->rq != NULL) {
		set_cookie(ask->rq, "", 0);
		http_reply_empty(ask->rq, 204);
	}
	ask_free(ask);
}

static void post_logout(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice secret;
	struct ask *ask;

	if (http_json(rq, NULL) == NULL)
		return;
	if (http_identity(rq)->via != HTTP_VIA_SESSION || !auth_cookie(rq, &secret)) {
		http_reply_empty(rq, 204);
		return;
	}
	ask = ask_create(api, rq);
	copy_text(ask->secret, sizeof(ask->secret), secret);
	ask->id = (int64_t)http_identity(rq)->id;
	auth_forget(api->auth, secret);
	store_write(api->store, end_session, logout_done, ask);
}

/* ---- /users, /login-links, /tokens ---- */

/* `name` and `role` of the body into the question; false when the request has been answered. */
static bool read_name_role(
    struct http_request *rq, const json_t *body, struct slice *name, enum accounts_role *role)
{
	struct slice text;

	if (!http_json_string(rq, body, "name", HTTP_REQUIRED, ACCOUNTS_NAME_MAX, name) ||
	    !http_json_string(rq, body, "role", HTTP_REQUIRED, 16, &text))
		return false;
	if (accounts_role_parse(text, role))
		return true;
	http_reply_problem_with(rq, 400, "invalid_value", "role must be viewer, operator or admin.",
	    json_pack("{ss}", "member", "role"));
	return false;
}

static enum db_result add_user(struct db *db, void *arg, struct error *err)
{
	struct ask *ask = arg;
	return accounts_user_add(db, slice_of(ask->name),
	    slice_make(ask->password, ask->password_len), ask->role, clock_now(), &ask->user, err);
}

static void user_added(void *arg, enum db_result result, const struct error *err)
{
	struct ask *ask = arg;

	if (ask->rq != NULL && result != DB_OK)
		reply_store(ask->rq, result, err, "not_found");
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 201,
		    json_pack("{ss, ss, so}", "name", ask->user.name, "role",
			accounts_role_name(ask->user.role), "created",
			api_time(ask->user.created)));
	ask_free(ask);
}

static void post_users(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "name role password");
	struct slice name, password;
	enum accounts_role role;
	struct ask *ask;

	if (body == NULL || !read_name_role(rq, body, &name, &role) ||
	    !http_json_string(
		rq, body, "password", HTTP_REQUIRED, ACCOUNTS_PASSWORD_MAX, &password))
		return;
	ask = ask_create(api, rq);
	copy_text(ask->name, sizeof(ask->name), name);
	memcpy(ask->password, password.data, password.len);
	ask->password_len = password.len;
	ask->role = role;
	store_write(api->store, add_user, user_added, ask);
}

static json_t *token_json(const struct accounts_token *t)
{
	return json_pack("{sI, ss, ss, so, so}", "id", (json_int_t)t->id, "name", t->name, "role",
	    accounts_role_name(t->role), "created", api_time(t->created), "expires",
	    api_time_or_null(t->expires));
}

static enum db_result add_token(struct db *db, void *arg, struct error *err)
{
	struct ask *ask = arg;
	return accounts_token_create(db, &ask->token, clock_now(), ask->secret, err);
}

static void token_added(void *arg, enum db_result result, const struct error *err)
{
	struct ask *ask = arg;
	char path[ACCOUNTS_SECRET_SIZE + 20];

	if (ask->rq != NULL && result != DB_OK) {
		reply_store(ask->rq, result, err, "not_found");
	} else if (ask->rq != NULL && ask->token.once) {
		snprintf(path, sizeof(path), "/#login=%s", ask->secret);
		http_reply_json(ask->rq, 201,
		    json_pack("{ss, ss, so}", "once", ask->secret, "path", path, "expires",
			api_time(ask->token.expires)));
	} else if (ask->rq != NULL) {
		http_reply_json(ask->rq, 201,
		    json_pack("{ss, so}", "token", ask->secret, "info", token_json(&ask->token)));
	}
	ask_free(ask);
}

/* A token, or with `once` a link for one login: they differ only in how long they are good. */
static void make_token(struct http_request *rq, struct api *api, bool once)
{
	const json_t *body = http_json(rq, "name role valid_seconds");
	int64_t seconds = once ? LINK_SECONDS_DEFAULT : 0;
	struct slice name;
	enum accounts_role role;
	struct ask *ask;

	if (body == NULL || !read_name_role(rq, body, &name, &role))
		return;
	if ((once || !json_is_null(json_object_get(body, "valid_seconds"))) &&
	    !http_json_integer(rq, body, "valid_seconds", HTTP_OPTIONAL, 1,
		once ? LINK_SECONDS_MAX : TOKEN_SECONDS_MAX, &seconds))
		return;
	ask = ask_create(api, rq);
	if (!copy_text(ask->token.name, sizeof(ask->token.name), name))
		ask->token.name[0] = '\0';
	ask->token.role = role;
	ask->token.once = once;
	ask->token.expires = seconds > 0 ? clock_now() + seconds : 0;
	store_write(api->store, add_token, token_added, ask);
}

static void post_login_links(struct http_request *rq, void *context)
{
	make_token(rq, context, true);
}

static void post_tokens(struct http_request *rq, void *context)
{
	make_token(rq, context, false);
}

static enum db_result list_tokens(struct db *db, void *arg, struct error *err)
{
	struct ask *ask = arg;

	ask->tokens = memory_zero(TOKENS_MAX, sizeof(*ask->tokens));
	return accounts_token_list(
	    db, clock_now(), ask->tokens, TOKENS_MAX, &ask->token_count, err);
}

static void tokens_listed(void *arg, enum db_result result, const struct error *err)
{
	struct ask *ask = arg;
	json_t *list = json_array();

	for (size_t i = 0; i < ask->token_count; i++)
		json_array_append_new(list, token_json(&ask->tokens[i]));
	if (ask->rq != NULL && result == DB_OK)
		http_reply_json(ask->rq, 200, json_pack("{sO}", "tokens", list));
	else if (ask->rq != NULL)
		reply_store(ask->rq, result, err, "not_found");
	json_decref(list);
	ask_free(ask);
}

static void get_tokens(struct http_request *rq, void *context)
{
	struct api *api = context;
	store_read(api->store, list_tokens, tokens_listed, ask_create(api, rq));
}

static enum db_result drop_token(struct db *db, void *arg, struct error *err)
{
	struct ask *ask = arg;
	return accounts_token_delete(db, ask->id, err);
}

static void token_dropped(void *arg, enum db_result result, const struct error *err)
{
	struct ask *ask = arg;

	auth_forget_token(ask->api->auth, (uint64_t)ask->id);
	if (result == DB_OK)
		http_events_end(ask->api->events, HTTP_VIA_TOKEN, (uint64_t)ask->id);
	if (ask->rq != NULL && result == DB_OK)
		http_reply_empty(ask->rq, 204);
	else if (ask->rq != NULL)
		reply_store(ask->rq, result, err, "token_not_found");
	ask_free(ask);
}

static void delete_token(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask;
	uint64_t id;

	if (!slice_to_u64(http_path_param(rq, "id"), &id) || id > INT64_MAX) {
		http_reply_problem(rq, 404, "token_not_found", "There is no such token.");
		return;
	}
	ask = ask_create(api, rq);
	ask->id = (int64_t)id;
	store_write(api->store, drop_token, token_dropped, ask);
}

const struct http_route api_accounts_routes[] = {
    {HTTP_GET, "/api/v1/me", HTTP_VIEWER, 0, NULL, get_me},
    {HTTP_POST, "/api/v1/login", HTTP_PUBLIC, HTTP_BODY_DEFAULT, NULL, post_login},
    {HTTP_POST, "/api/v1/logout", HTTP_VIEWER, HTTP_BODY_DEFAULT, NULL, post_logout},
    {HTTP_POST, "/api/v1/login-links", HTTP_ADMIN, HTTP_BODY_DEFAULT, NULL, post_login_links},
    {HTTP_POST, "/api/v1/users", HTTP_ADMIN, HTTP_BODY_DEFAULT, NULL, post_users},
    {HTTP_GET, "/api/v1/tokens", HTTP_ADMIN, 0, NULL, get_tokens},
    {HTTP_POST, "/api/v1/tokens", HTTP_ADMIN, HTTP_BODY_DEFAULT, NULL, post_tokens},
    {HTTP_DELETE, "/api/v1/tokens/{id}", HTTP_ADMIN, 0, NULL, delete_token},
    {.path = NULL},
};
