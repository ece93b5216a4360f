/* /sessions: where somebody is signed in, and how he ends that. The list is in memory
 * (access/credentials.h); what is ended is ended there first, and then written. */
#include "api/sessions.h"

#include <stdlib.h>

#include "api/accounts.h"
#include "api/auth.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* Whose sessions are meant. */
struct whose {
	uint64_t user;	  /* an account's */
	uint64_t session; /* or, of somebody without an account, his one */
	bool all;	  /* or everybody's */
};

/* ---- Reading ---- */

static json_t *session_json(
    const struct credentials_item *item, const struct caller *asker, const struct numbers *numbers)
{
	const struct caller *c = item->caller;

	return json_pack("{sI, ss, so, ss, ss, ss, so, so, ss, so, sb}", "id",
	    (json_int_t)numbers_shown(numbers, NUMBER_SESSION, (int64_t)c->id), "name", c->name,
	    "user", item->owner != NULL ? json_string(item->owner) : json_null(), "how",
	    accounts_how_name(item->how), "from", item->came_from, "agent", item->agent, "created",
	    api_time(item->created), "used",
	    api_time(item->used > item->created ? item->used : item->created), "used_from",
	    item->used_from, "expires", api_time(c->expires), "this",
	    (int)(asker->via == VIA_SESSION && asker->id == c->id));
}

struct listing {
	const struct caller *asker;
	const struct whose *whose;
	const struct numbers *numbers;
	json_t *list;
};

static bool belongs(const struct caller *session, const struct whose *whose)
{
	if (whose->all)
		return true;
	return whose->user != 0 ? session->user == whose->user : session->id == whose->session;
}

static void list_one(void *context, const struct credentials_item *item)
{
	struct listing *l = context;

	if (belongs(item->caller, l->whose))
		json_array_append_new(l->list, session_json(item, l->asker, l->numbers));
}

/* Who came by a link has his one session: the others of that account are those of who sent it. */
static struct whose own(const struct http_request *rq)
{
	const struct caller *caller = http_caller(rq);

	return (struct whose){.user = http_beyond(rq) ? caller->user : caller_account(caller),
	    .session = caller->via == VIA_SESSION ? caller->id : 0};
}

/* By `user` and `all`, which need the right to accounts. False when the request was answered. */
static bool read_whose(struct http_request *rq, struct api *api, struct whose *whose)
{
	const struct credentials_account *account;
	struct slice name;
	bool all;

	*whose = own(rq);
	if (!http_query_bool(rq, "all", &all))
		return false;
	if ((all || http_query(rq, "user", &name)) && !http_need_beyond(rq))
		return false;
	if (all)
		*whose = (struct whose){.all = true};
	if (!http_query(rq, "user", &name))
		return true;
	account = credentials_account(auth_credentials(api->auth), name);
	if (account == NULL) {
		http_reply_said(rq, "user_not_found", NULL, SAID_PROBLEM_NO_ACCOUNT, 0);
		return false;
	}
	*whose = (struct whose){.user = (uint64_t)account->user.id};
	return true;
}

static void get_sessions(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct whose whose;
	struct listing listing = {http_caller(rq), &whose, api_numbers(api, rq), NULL};

	if (!auth_ready(api->auth, rq) || !read_whose(rq, api, &whose))
		return;
	listing.list = json_array();
	credentials_each(
	    auth_credentials(api->auth), CREDENTIALS_SESSION, clock_now(), list_one, &listing);
	http_reply_json(rq, 200, json_pack("{so}", "sessions", listing.list));
}

/* ---- Ending ---- */

/* What is written once memory has forgotten it. */
struct ending {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	int64_t id;		 /* one session; 0: those of `user` but `but` */
	int64_t user, but;
};

static enum db_result write_end(struct db *db, void *context, struct error *err)
{
	const struct ending *e = context;

	return e->id != 0 ? accounts_session_end_id(db, e->id, err)
			  : accounts_sessions_end_of(db, e->user, e->but, err);
}

static void forget(const struct ending *e)
{
	struct credentials *credentials = auth_credentials(e->api->auth);

	if (e->id != 0)
		credentials_end_session(credentials, (uint64_t)e->id);
	else
		credentials_end_sessions_of(credentials, (uint64_t)e->user, (uint64_t)e->but);
	auth_end_lost(e->api->auth, e->rq);
}

static void end_written(void *context, enum db_result result, const struct error *err)
{
	struct ending *e = context;

	/* Again: the accounts may have been read meanwhile, as they were before. */
	forget(e);
	if (e->rq != NULL && result == DB_OK)
		http_reply_empty(e->rq, 204);
	else if (e->rq != NULL)
		accounts_reply_store(e->rq, result, err, "session_not_found");
	free(e);
}

/* It is over at once, whatever the store says. */
static void end(struct ending *e)
{
	forget(e);
	store_ask_write(e->api->store, write_end, end_written, e);
}

static struct ending *ending_create(struct api *api, struct http_request *rq)
{
	struct ending *e = memory_zero(1, sizeof(*e));

	e->api = api;
	http_wait(rq, &e->rq);
	return e;
}

static void delete_session(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct whose whose = own(rq);
	struct credentials_item item;
	struct ending *e;
	uint64_t id;

	if (!auth_ready(api->auth, rq))
		return;
	whose.all = http_beyond(rq);
	/* Of others nobody learns whether there is one. */
	if (!slice_to_u64(http_path_param(rq, "id"), &id) || id > INT64_MAX ||
	    (id = (uint64_t)numbers_meant(api_numbers(api, rq), NUMBER_SESSION, (int64_t)id)) ==
		0 ||
	    !credentials_item(
		auth_credentials(api->auth), CREDENTIALS_SESSION, id, clock_now(), &item) ||
	    !belongs(item.caller, &whose)) {
		http_reply_said(rq, "session_not_found", NULL, SAID_PROBLEM_NO_SESSION, 0);
		return;
	}
	http_set_audit_text(rq, "session %llu of %s", (unsigned long long)id, item.caller->name);
	e = ending_create(api, rq);
	e->id = (int64_t)id;
	end(e);
}

/* All of one's own but the one that asks; or all of an account's. */
static void delete_sessions(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct caller *caller = http_caller(rq);
	struct whose whose;
	struct ending *e;
	struct slice name = slice_of(caller->name);

	if (!auth_ready(api->auth, rq) || !read_whose(rq, api, &whose))
		return;
	/* Whoever has no account has no other session that would be known as his. */
	if (whose.user == 0) {
		http_reply_empty(rq, 204);
		return;
	}
	(void)http_query(rq, "user", &name);
	http_set_audit_text(rq, "all sessions of %.*s", SLICE_ARGS(name));
	e = ending_create(api, rq);
	e->user = (int64_t)whose.user;
	e->but = caller->via == VIA_SESSION ? (int64_t)caller->id : 0;
	end(e);
}

const struct http_route api_sessions_routes[] = {
    {HTTP_GET, "/api/v1/sessions", RIGHT_VIEWER, 0, "user all", get_sessions,
	.within = SCOPE_NO_MAIL, .beyond = RIGHT_ACCOUNTS},
    {HTTP_DELETE, "/api/v1/sessions", RIGHT_VIEWER, 0, "user", delete_sessions,
	.within = SCOPE_NO_MAIL, .beyond = RIGHT_ACCOUNTS, .audit = AUDIT_SESSION},
    {HTTP_DELETE, "/api/v1/sessions/{id}", RIGHT_VIEWER, 0, NULL, delete_session,
	.within = SCOPE_NO_MAIL, .beyond = RIGHT_ACCOUNTS, .audit = AUDIT_SESSION},
    {.path = NULL},
};
