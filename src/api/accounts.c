/* /login-links and /tokens. */
#include "api/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/auth.h"
#include "api/grant_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* A link is sent to somebody who uses it soon: a quarter of an hour, at most a day. A token may
 * live for ten years. */
#define LINK_SECONDS_DEFAULT 900
#define LINK_SECONDS_MAX 86400
#define TOKEN_SECONDS_DEFAULT (90 * 86400)
#define TOKEN_SECONDS_MAX 315360000

/* One call of the store on behalf of a request. */
struct ask {
	struct api *api;
	struct http_request *rq;	   /* NULL once the caller has gone */
	char secret[ACCOUNTS_SECRET_SIZE]; /* that was made */
	struct accounts_token token;
	struct person person; /* whose it becomes who has no account */
	int64_t id;
};

static struct ask *ask_create(struct api *api, struct http_request *rq)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	http_wait(rq, &ask->rq);
	return ask;
}

/* Wiped, not only freed: what was made may be a token's secret. */
static void ask_free(struct ask *ask)
{
	person_free(&ask->person);
	sodium_memzero(ask, sizeof(*ask));
	free(ask);
}

/* What went wrong with an account is the caller's business; anything else of the store is said as
 * "unavailable". */
void accounts_reply_store(
    struct http_request *rq, enum db_result result, const struct error *err, const char *missing)
{
	if (result == DB_NOT_FOUND)
		http_reply_error_as(rq, missing, err, NULL);
	else if (result == DB_CONFLICT)
		http_reply_error_as(rq,
		    strcmp(err->code, "last_admin") == 0 ? "last_admin" : "already_exists", err,
		    NULL);
	else if (strcmp(err->code, "bad_name") == 0 || strcmp(err->code, "bad_password") == 0 ||
		 strcmp(err->code, "bad_right") == 0 || strcmp(err->code, "too_many_tokens") == 0)
		http_reply_error_as(rq, "invalid_value", err, NULL);
	else
		http_reply_error_as(rq, "store_unavailable", err, NULL);
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

/* Whose it is who has no account, and until when he must be seen. */
static json_t *person_json(const struct credentials_item *item)
{
	if (item->person == NULL)
		return json_null();
	return json_pack("{ss, ss, so, so}", "name", item->person->name, "by",
	    person_way_name(item->person->way), "seen", api_time(item->person->seen), "until",
	    api_time_or_null(item->person_until));
}

static json_t *token_json(const struct credentials_item *item, const struct numbers *numbers)
{
	const struct caller *c = item->caller;
	const struct access_grant own = {.role = c->role,
	    .given = item->given,
	    .taken = item->taken,
	    .scoped = c->scope != NULL};

	return json_pack("{sI, ss, ss, so, so, so, so, so, so, so, so, so, so, so, so}", "id",
	    (json_int_t)numbers_shown(numbers, NUMBER_TOKEN, (int64_t)c->id), "name", c->name,
	    "role", access_role_name(c->role), "given", grant_json_rights(item->given), "taken",
	    grant_json_rights(item->taken), "rights", grant_json_rights(item->effective), "lost",
	    grant_json_lost(&own), "scope",
	    item->scope != NULL ? api_string(slice_of(item->scope)) : json_null(), "scope_problem",
	    grant_json_scope_problem(item->scope), "owner",
	    item->owner != NULL ? json_string(item->owner) : json_null(), "person",
	    person_json(item), "created", api_time(item->created), "expires",
	    api_time_or_null(c->expires), "used", api_time_or_null(item->used), "used_from",
	    api_string_or_null(slice_of(item->used_from)));
}

static enum db_result add_token(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	enum db_result result = DB_OK;

	if (ask->person.way != 0)
		result = person_write(db, &ask->person, err);
	ask->token.person_id = ask->person.id;
	return result == DB_OK
		   ? accounts_token_create(db, &ask->token, clock_now(), ask->secret, err)
		   : result;
}

/* In memory at once, so that the first request with it needs no reading of the store. */
static void remember_token(const struct ask *ask)
{
	const struct accounts_token *t = &ask->token;
	struct accounts_secret secret = {.is_token = true,
	    .once = t->once,
	    .id = t->id,
	    .user_id = t->user_id,
	    .person_id = t->person_id,
	    .created = t->created,
	    .expires = t->expires,
	    .grant = t->grant};

	memcpy(secret.name, t->name, sizeof(secret.name));
	if (t->person_id != 0)
		auth_person_written(ask->api->auth, &ask->person);
	credentials_add(auth_credentials(ask->api->auth), slice_of(ask->secret), &secret);
}

/* The token is made even when the caller has gone meanwhile: it is in the store by then, and can be
 * revoked. */
static void token_added(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;
	struct credentials_item item;
	char path[ACCOUNTS_SECRET_SIZE + 120]; /* with http.base_path */

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
		snprintf(path, sizeof(path), "%s/#login=%s",
		    role_config_get(ask->api->config, "http.base_path"), ask->secret);
		http_reply_json(ask->rq, 201,
		    json_pack("{ss, ss, so}", "once", ask->secret, "path", path, "expires",
			api_time(ask->token.expires)));
	} else if (ask->rq != NULL &&
		   credentials_item(auth_credentials(ask->api->auth), CREDENTIALS_TOKEN,
		       (uint64_t)ask->token.id, clock_now(), &item)) {
		http_reply_json(ask->rq, 201,
		    json_pack("{ss, so}", "token", ask->secret, "info",
			token_json(&item, api_numbers(ask->api, ask->rq))));
	} else if (ask->rq != NULL) {
		/* The account was locked while the store was writing. */
		http_reply_said(ask->rq, "token_not_found", NULL, SAID_PROBLEM_NO_TOKEN, 0);
	}
	ask_free(ask);
}

/* How long it is good: of a token, 0 is for ever. */
static bool read_valid(struct http_request *rq, const json_t *body, bool once, int64_t *seconds)
{
	const json_t *valid = json_object_get(body, "valid_seconds");

	*seconds = once ? LINK_SECONDS_DEFAULT : TOKEN_SECONDS_DEFAULT;
	/* Only who says so makes a token without an end. */
	if (!once && json_is_null(valid)) {
		*seconds = 0;
		return true;
	}
	return http_json_integer(rq, body, "valid_seconds", HTTP_OPTIONAL, 1,
	    once ? LINK_SECONDS_MAX : TOKEN_SECONDS_MAX, seconds);
}

/* The account whose tokens are his. A link or a token is of the account that made it, and whoever
 * has one may see less than that account: only who may change all accounts has those of his. */
static uint64_t own_account(const struct http_request *rq)
{
	return http_beyond(rq) ? http_caller(rq)->user : caller_account(http_caller(rq));
}

/* Those of no account are nobody's but theirs who may change accounts. */
static bool has_own(const struct http_request *rq)
{
	return own_account(rq) != 0 || http_beyond(rq);
}

/* A token ends with the account that made it. Without one it would outlive whoever made it: only
 * somebody who may change accounts makes such a one. Who uses a token makes none, as that would
 * outlive its own end; nor does who came by a link, as that would be without the link's scope. */
static bool may_own(struct http_request *rq)
{
	if (has_own(rq))
		return true;
	http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_NO_OWNER, 1,
	    said_text("who", slice_of(http_caller(rq)->name)));
	return false;
}

/* A token, or with `once` a link for one login: they differ only in how long they are good. */
static void make_token(struct http_request *rq, struct api *api, bool once)
{
	const json_t *body = http_json(rq, "name valid_seconds " GRANT_JSON_MEMBERS);
	struct accounts_change what = {0};
	int64_t seconds;
	struct slice name;
	struct ask *ask;
	struct error err;

	if (body == NULL || !may_own(rq) ||
	    !http_json_string(rq, body, "name", HTTP_REQUIRED, ACCOUNTS_NAME_MAX, &name) ||
	    !grant_json_read(rq, body, HTTP_REQUIRED, &what) ||
	    !read_valid(rq, body, once, &seconds))
		return;
	if (!access_grant_check(&what.grant, &err)) {
		accounts_reply_store(rq, DB_REFUSED, &err, "not_found");
		return;
	}
	if (!grant_json_may_give(rq, &what.grant))
		return;
	ask = ask_create(api, rq);
	if (!accounts_copy_text(ask->token.name, sizeof(ask->token.name), name))
		ask->token.name[0] = '\0';
	ask->token.grant = what.grant;
	ask->token.once = once;
	ask->token.user_id = (int64_t)http_caller(rq)->user;
	/* Else it would outlive whoever has no account: nothing ends it when he leaves. */
	if (ask->token.user_id == 0)
		(void)auth_person(api->auth, rq, &ask->person);
	ask->token.expires = seconds > 0 ? clock_now() + seconds : 0;
	grant_json_tell(rq, ask->token.name, &what.grant);
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

/* Whose tokens are meant. */
struct whose {
	uint64_t user, person; /* both 0: those that belong to nobody */
	bool all;
};

static bool belongs(const struct caller *token, const struct whose *whose)
{
	return whose->all || (token->user == whose->user && token->person == whose->person);
}

struct listing {
	struct whose whose;
	const struct numbers *numbers;
	json_t *list;
};

static void list_one(void *context, const struct credentials_item *item)
{
	struct listing *l = context;

	if (belongs(item->caller, &l->whose))
		json_array_append_new(l->list, token_json(item, l->numbers));
}

/* How long somebody without an account may stay away before his tokens end; null for others. */
static json_t *away_json(struct api *api, const struct caller *caller)
{
	if (caller->user != 0 || (caller->via != VIA_PROXY && caller->person == 0))
		return json_null();
	return json_integer(
	    (json_int_t)people_away(credentials_people(auth_credentials(api->auth))));
}

static void get_tokens(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct listing listing = {{.user = own_account(rq), .person = http_caller(rq)->person},
	    api_numbers(api, rq), NULL};
	bool all;

	if (!auth_ready(api->auth, rq) || !http_query_bool(rq, "all", &all) ||
	    (all && !http_need_beyond(rq)))
		return;
	listing.whose.all = all;
	listing.list = json_array();
	if (has_own(rq))
		credentials_each(auth_credentials(api->auth), CREDENTIALS_TOKEN, clock_now(),
		    list_one, &listing);
	http_reply_json(rq, 200,
	    json_pack("{so, so, so, so}", "tokens", listing.list, "roles", grant_json_roles(),
		"scope_takes", grant_json_rights(access_lost_to_a_scope()), "away_seconds",
		away_json(api, http_caller(rq))));
}

static enum db_result drop_token(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	return accounts_token_delete(db, ask->id, err);
}

/* With its streams: they would go on for hours with a right that was taken away. */
static void forget_token(const struct ask *ask)
{
	credentials_end_token(auth_credentials(ask->api->auth), (uint64_t)ask->id);
	http_events_end(ask->api->events, VIA_TOKEN, (uint64_t)ask->id);
	auth_end_lost(ask->api->auth, ask->rq);
}

static void token_dropped(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	/* Again: the accounts may have been read meanwhile, as they were before. */
	forget_token(ask);
	/* Somebody may have removed it from the store just now: it is gone, as was asked. */
	if (ask->rq != NULL && (result == DB_OK || result == DB_NOT_FOUND))
		http_reply_empty(ask->rq, 204);
	else if (ask->rq != NULL)
		accounts_reply_store(ask->rq, result, err, "token_not_found");
	ask_free(ask);
}

static void delete_token(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct whose whose = {
	    .user = own_account(rq), .person = http_caller(rq)->person, .all = http_beyond(rq)};
	struct credentials_item item;
	struct ask *ask;
	uint64_t id;

	if (!auth_ready(api->auth, rq))
		return;
	/* Of others nobody learns whether there is one. */
	if (!slice_to_u64(http_path_param(rq, "id"), &id) || id > INT64_MAX || !has_own(rq) ||
	    (id = (uint64_t)numbers_meant(api_numbers(api, rq), NUMBER_TOKEN, (int64_t)id)) == 0 ||
	    !credentials_item(
		auth_credentials(api->auth), CREDENTIALS_TOKEN, id, clock_now(), &item) ||
	    !belongs(item.caller, &whose)) {
		http_reply_said(rq, "token_not_found", NULL, SAID_PROBLEM_NO_TOKEN, 0);
		return;
	}
	http_set_audit_text(rq, "token %llu: %s", (unsigned long long)id, item.caller->name);
	ask = ask_create(api, rq);
	ask->id = (int64_t)id;
	/* It is over at once, whatever the store says. */
	forget_token(ask);
	store_ask_write(api->store, drop_token, token_dropped, ask);
}

const struct http_route api_accounts_routes[] = {
    {HTTP_POST, "/api/v1/login-links", RIGHT_ACCOUNTS, HTTP_BODY_DEFAULT, NULL, post_login_links,
	.beyond = RIGHT_ACCOUNTS, .audit = AUDIT_TOKEN},
    {HTTP_GET, "/api/v1/tokens", RIGHT_VIEWER, 0, "all", get_tokens, .within = SCOPE_NO_MAIL,
	.beyond = RIGHT_ACCOUNTS},
    {HTTP_POST, "/api/v1/tokens", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, post_tokens,
	.within = SCOPE_NO_MAIL, .beyond = RIGHT_ACCOUNTS, .audit = AUDIT_TOKEN},
    {HTTP_DELETE, "/api/v1/tokens/{id}", RIGHT_VIEWER, 0, NULL, delete_token,
	.within = SCOPE_NO_MAIL, .beyond = RIGHT_ACCOUNTS, .audit = AUDIT_TOKEN},
    {.path = NULL},
};
