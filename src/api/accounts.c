/* /login-links and /tokens. */
#include "api/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/auth.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* More are not listed; nobody reads so many. */
#define TOKENS_MAX 1000
/* A link is sent to somebody who uses it soon: a quarter of an hour, at most a day. A token may
 * live for ten years. */
#define LINK_SECONDS_DEFAULT 900
#define LINK_SECONDS_MAX 86400
#define TOKEN_SECONDS_MAX 315360000

/* One call of the store on behalf of a request. */
struct ask {
	struct api *api;
	struct http_request *rq;	   /* NULL once the caller has gone */
	char secret[ACCOUNTS_SECRET_SIZE]; /* that was made */
	struct accounts_token token;
	int64_t id;
	struct accounts_token *tokens;
	size_t token_count;
};

/* The store's thread may hold the object still: it is only told that nobody waits, and freed when
 * the answer comes. */
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
	http_on_gone(rq, ask_gone, ask);
	return ask;
}

/* Wiped, not only freed: what was made may be a token's secret. */
static void ask_free(struct ask *ask)
{
	free(ask->tokens);
	sodium_memzero(ask, sizeof(*ask));
	free(ask);
}

/* What went wrong with an account is the caller's business; anything else of the store is said as
 * "unavailable". */
void accounts_reply_store(
    struct http_request *rq, enum db_result result, const struct error *err, const char *missing)
{
	if (result == DB_NOT_FOUND)
		http_reply_problem(rq, missing, "%s", err->text);
	else if (result == DB_CONFLICT)
		http_reply_problem(rq,
		    strcmp(err->code, "last_admin") == 0 ? "last_admin" : "already_exists", "%s",
		    err->text);
	else if (strcmp(err->code, "bad_name") == 0 || strcmp(err->code, "bad_password") == 0)
		http_reply_problem(rq, "invalid_value", "%s", err->text);
	else
		http_reply_problem(rq, "store_unavailable", "%s", err->text);
}

/* A NUL within would make two names of one: the store compares all of it, and C only the part
 * before. */
bool accounts_copy_text(char *out, size_t size, struct slice in)
{
	if (in.len >= size || memchr(in.data, '\0', in.len) != NULL)
		return false;
	memcpy(out, in.data, in.len);
	out[in.len] = '\0';
	return true;
}

bool accounts_read_role(
    struct http_request *rq, const json_t *body, enum http_need need, enum access_role *role)
{
	struct slice text = SLICE("");
	char words[ACCESS_ROLE_WORDS_SIZE], detail[ACCESS_ROLE_WORDS_SIZE + 20];

	if (!http_json_string(rq, body, "role", need, 16, &text))
		return false;
	if (text.len == 0 && need == HTTP_OPTIONAL)
		return true;
	if (access_role_parse(text, role))
		return true;
	access_role_all(words);
	snprintf(detail, sizeof(detail), "role must be %s.", words);
	http_reply_problem_with(rq, "invalid_value", detail, json_pack("{ss}", "member", "role"));
	return false;
}

static json_t *token_json(const struct accounts_token *t)
{
	return json_pack("{sI, ss, ss, so, so}", "id", (json_int_t)t->id, "name", t->name, "role",
	    access_role_name(t->role), "created", api_time(t->created), "expires",
	    api_time_or_null(t->expires));
}

static enum db_result add_token(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	return accounts_token_create(db, &ask->token, clock_now(), ask->secret, err);
}

/* In memory at once, so that the first request with it needs no reading of the store. */
static void remember_token(const struct ask *ask)
{
	const struct accounts_token *t = &ask->token;
	struct caller caller = {.role = t->role,
	    .via = CALLER_VIA_TOKEN,
	    .expires = t->expires,
	    .id = (uint64_t)t->id,
	    .user = (uint64_t)t->user_id};

	memcpy(caller.name, t->name, sizeof(caller.name));
	credentials_add(auth_credentials(ask->api->auth), slice_of(ask->secret),
	    t->once ? CREDENTIALS_ONCE : CREDENTIALS_TOKEN, &caller);
}

/* The token is made even when the caller has gone meanwhile: it is in the store by then, and can be
 * revoked. */
static void token_added(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;
	char path[ACCOUNTS_SECRET_SIZE + 20];

	if (result == DB_OK)
		remember_token(ask);
	if (ask->rq != NULL && result == DB_OK)
		/* The audit names the number, and never the secret. */
		http_set_audit_text(ask->rq, "%s %lld: %s", ask->token.once ? "link" : "token",
		    (long long)ask->token.id, http_audit_text(ask->rq));
	if (ask->rq != NULL && result != DB_OK) {
		accounts_reply_store(ask->rq, result, err, "not_found");
	} else if (ask->rq != NULL && ask->token.once) {
		/* Behind the number sign: browsers keep that part to themselves, so no log or proxy
		 * sees the secret. */
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
	enum access_role role;
	struct ask *ask;

	if (body == NULL ||
	    !http_json_string(rq, body, "name", HTTP_REQUIRED, ACCOUNTS_NAME_MAX, &name) ||
	    !accounts_read_role(rq, body, HTTP_REQUIRED, &role))
		return;
	if ((once || !json_is_null(json_object_get(body, "valid_seconds"))) &&
	    !http_json_integer(rq, body, "valid_seconds", HTTP_OPTIONAL, 1,
		once ? LINK_SECONDS_MAX : TOKEN_SECONDS_MAX, &seconds))
		return;
	ask = ask_create(api, rq);
	if (!accounts_copy_text(ask->token.name, sizeof(ask->token.name), name))
		ask->token.name[0] = '\0';
	ask->token.role = role;
	ask->token.once = once;
	/* A token ends with the account that made it. */
	ask->token.user_id = (int64_t)http_caller(rq)->user;
	ask->token.expires = seconds > 0 ? clock_now() + seconds : 0;
	http_set_audit_text(rq, "%s as %s", ask->token.name, access_role_name(role));
	store_ask_write(api->store, add_token, token_added, ask);
}

static void post_login_links(struct http_request *rq, void *context)
{
	make_token(rq, context, true);
}

static void post_tokens(struct http_request *rq, void *context)
{
	make_token(rq, context, false);
}

/* On the store's thread: nothing but the object may be touched here. */
static enum db_result list_tokens(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	ask->tokens = memory_zero(TOKENS_MAX, sizeof(*ask->tokens));
	return accounts_token_list(
	    db, clock_now(), ask->tokens, TOKENS_MAX, &ask->token_count, err);
}

static void tokens_listed(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;
	json_t *list = json_array();

	for (size_t i = 0; i < ask->token_count; i++)
		json_array_append_new(list, token_json(&ask->tokens[i]));
	if (ask->rq != NULL && result == DB_OK)
		http_reply_json(ask->rq, 200, json_pack("{sO}", "tokens", list));
	else if (ask->rq != NULL)
		accounts_reply_store(ask->rq, result, err, "not_found");
	json_decref(list);
	ask_free(ask);
}

static void get_tokens(struct http_request *rq, void *context)
{
	struct api *api = context;
	store_ask_read(api->store, list_tokens, tokens_listed, ask_create(api, rq));
}

static enum db_result drop_token(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	return accounts_token_delete(db, ask->id, err);
}

static void token_dropped(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	/* Also when it was not found: somebody may have removed it from the store while it is still
	 * in memory. */
	if (result == DB_OK || result == DB_NOT_FOUND)
		credentials_end_token(auth_credentials(ask->api->auth), (uint64_t)ask->id);
	if (result == DB_OK)
		/* Its streams end too: they would go on for hours with a right that was taken away.
		 */
		http_events_end(ask->api->events, CALLER_VIA_TOKEN, (uint64_t)ask->id);
	if (ask->rq != NULL && result == DB_OK)
		http_reply_empty(ask->rq, 204);
	else if (ask->rq != NULL)
		accounts_reply_store(ask->rq, result, err, "token_not_found");
	ask_free(ask);
}

static void delete_token(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask;
	uint64_t id;

	/* SQLite's numbers are signed; a larger one could not be bound as it is. */
	if (!slice_to_u64(http_path_param(rq, "id"), &id) || id > INT64_MAX) {
		http_reply_problem(rq, "token_not_found", "There is no such token.");
		return;
	}
	ask = ask_create(api, rq);
	ask->id = (int64_t)id;
	store_ask_write(api->store, drop_token, token_dropped, ask);
}

const struct http_route api_accounts_routes[] = {
    {HTTP_POST, "/api/v1/login-links", RIGHT_ADMIN, HTTP_BODY_DEFAULT, NULL, post_login_links},
    {HTTP_GET, "/api/v1/tokens", RIGHT_ADMIN, 0, NULL, get_tokens},
    {HTTP_POST, "/api/v1/tokens", RIGHT_ADMIN, HTTP_BODY_DEFAULT, NULL, post_tokens},
    {HTTP_DELETE, "/api/v1/tokens/{id}", RIGHT_ADMIN, 0, NULL, delete_token},
    {.path = NULL},
};
