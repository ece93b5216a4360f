/* Sessions are opened here and nowhere else: the store writes one, then memory follows, then the
 * cookie goes out. Whoever checks a proof (login.c and others) calls this when it was right. */
#include "api/signing_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/auth.h"
#include "api/scopes.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* One session on its way into the store. */
struct opening {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	signing_in_done *done;
	void *context;
	struct signing_in in;
	struct accounts_session session;
	struct person person;		     /* the session's, where it has no account */
	char replaced[ACCOUNTS_SECRET_SIZE]; /* of the session that this browser had */
	char secret[ACCOUNTS_SECRET_SIZE];   /* of the new one */
	char peer[ACCOUNTS_PEER_SIZE];
};

/* It has a password's hash and the secret of the session. */
static void opening_free(struct opening *o)
{
	person_free(&o->person);
	sodium_memzero(o, sizeof(*o));
	free(o);
}

/* What the link says takes the place of what nobody could know before. */
static enum db_result redeem(struct db *db, struct opening *o, struct error *err)
{
	struct accounts_token link;
	enum db_result result =
	    accounts_token_redeem(db, slice_of(o->in.once), clock_now(), &link, err);

	if (result != DB_OK)
		return result;
	memcpy(o->session.who, link.name, sizeof(o->session.who));
	o->session.user_id = link.user_id;
	o->session.person_id = link.person_id;
	o->session.grant = link.grant;
	return accounts_session_create(db, &o->session, clock_now(), o->secret, err);
}

static enum db_result open_one(struct db *db, struct opening *o, struct error *err)
{
	enum db_result result = DB_OK;

	if (o->in.once[0] != '\0')
		return redeem(db, o, err);
	if (o->in.user_id != 0)
		return accounts_session_for_user(db, o->in.user_id, slice_of(o->in.name),
		    o->in.password, &o->session, clock_now(), o->secret, err);
	memcpy(o->session.who, o->in.name, sizeof(o->session.who));
	o->session.grant = o->in.grant;
	if (o->in.person != NULL)
		result = person_write(db, &o->person, err);
	o->session.person_id = o->person.id;
	return result == DB_OK
		   ? accounts_session_create(db, &o->session, clock_now(), o->secret, err)
		   : result;
}

/* One transaction: the session before ends and the new one begins, or nothing of it. */
static enum db_result write_session(struct db *db, void *context, struct error *err)
{
	struct opening *o = context;
	enum db_result result = DB_OK;

	if (o->replaced[0] != '\0')
		result = accounts_session_end(db, slice_of(o->replaced), err);
	return result == DB_OK ? open_one(db, o, err) : result;
}

/* The session that this browser had is over, with its streams. */
static void end_replaced(struct opening *o)
{
	struct credentials *credentials = auth_credentials(o->api->auth);
	const struct caller *before =
	    credentials_find(credentials, slice_of(o->replaced), CREDENTIALS_SESSION, clock_now());

	if (before != NULL)
		http_events_end(o->api->events, VIA_SESSION, before->id);
	credentials_end(credentials, slice_of(o->replaced));
}

/* Memory follows what the store has written. False when the account has ended in the meantime. */
static bool remember(struct opening *o)
{
	struct credentials *credentials = auth_credentials(o->api->auth);
	struct accounts_secret secret = {.id = o->session.id,
	    .user_id = o->session.user_id,
	    .person_id = o->session.person_id,
	    .created = o->session.created,
	    .expires = o->session.expires,
	    .used = o->session.created,
	    .how = o->session.how,
	    .grant = o->session.grant};
	const struct caller *caller;

	memcpy(secret.name, o->session.who, sizeof(secret.name));
	memcpy(secret.came_from, o->session.came_from, sizeof(secret.came_from));
	memcpy(secret.used_from, o->session.came_from, sizeof(secret.used_from));
	memcpy(secret.agent, o->session.agent, sizeof(secret.agent));
	credentials_end(credentials, slice_of(o->in.once));
	end_replaced(o);
	if (o->person.id != 0)
		auth_person_written(o->api->auth, &o->person);
	credentials_add(credentials, slice_of(o->secret), &secret);
	auth_make_room(o->api->auth, (uint64_t)o->session.id);
	auth_end_lost(o->api->auth, o->rq);
	caller =
	    credentials_find(credentials, slice_of(o->secret), CREDENTIALS_SESSION, clock_now());
	if (caller != NULL && o->rq != NULL)
		http_set_caller(o->rq, caller);
	return caller != NULL;
}

/* Not behind a link, which may have been opened by anybody. */
static void make_known(struct opening *o)
{
	if (o->in.how == ACCOUNTS_BY_LINK || o->in.user_id == 0)
		return;
	auth_note_address(o->api->auth, slice_of(o->session.who), o->peer);
	if (o->rq != NULL)
		auth_set_device_cookie(o->api->auth, o->rq, slice_of(o->session.who));
}

static void session_written(void *context, enum db_result result, const struct error *err)
{
	struct opening *o = context;
	struct error gone;

	if (result == DB_OK && !remember(o)) {
		error_say(&gone, "not_found", SAID_PROBLEM_ACCOUNT_ENDED, 0);
		result = DB_NOT_FOUND;
		err = &gone;
	}
	if (result == DB_OK && o->rq != NULL)
		auth_set_cookie(o->rq, o->secret, o->session.expires - o->session.created);
	if (result == DB_OK)
		make_known(o);
	o->done(o->context, o->rq, result, err);
	opening_free(o);
}

void accounts_open_session(struct api *api, struct http_request *rq, const struct signing_in *in,
    signing_in_done *done, void *context)
{
	struct opening *o = memory_zero(1, sizeof(*o));
	struct slice cookie, agent = SLICE("");

	*o = (struct opening){.api = api, .done = done, .context = context, .in = *in};
	if (in->person != NULL)
		person_copy(&o->person, in->person);
	snprintf(o->peer, sizeof(o->peer), "%s", http_peer(rq));
	if (auth_cookie(rq, &cookie) && cookie.len < sizeof(o->replaced))
		memcpy(o->replaced, cookie.data, cookie.len);
	o->session.how = in->how;
	o->session.expires = clock_now() + auth_session_seconds(api->auth);
	snprintf(o->session.came_from, sizeof(o->session.came_from), "%s", o->peer);
	http_header(rq, "User-Agent", &agent);
	accounts_copy_agent(o->session.agent, agent);
	http_wait(rq, &o->rq);
	store_ask_write(api->store, write_session, session_written, o);
}

/* ---- /me ---- */

/* Where the account's scope and the token's both hold, as somebody would write it. */
static json_t *scope_json(const char *scope)
{
	BUFFER_AUTO struct buffer both = {0};
	const char *and = scope != NULL ? strchr(scope, ACCESS_SCOPE_AND) : NULL;

	if (scope == NULL)
		return json_null();
	if (and == NULL)
		return api_string(slice_of(scope));
	buffer_printf(&both, "(%.*s) (%s)", (int)(and-scope), scope, and+1);
	return api_string(buffer_slice(&both));
}

static json_t *scope_words_json(const char *scope)
{
	BUFFER_AUTO struct buffer words = {0};

	if (scope == NULL)
		return json_null();
	api_scope_words(scope, &words);
	return api_string(buffer_slice(&words));
}

static json_t *scope_parts_json(const char *scope)
{
	return scope == NULL ? json_null() : api_scope_parts(scope);
}

/* A word of Session.how for a session, else of `via`. */
static const char *how_name(const struct api *api, const struct caller *caller)
{
	struct credentials_item item;

	return caller->via == VIA_SESSION &&
		       credentials_item(auth_credentials(api->auth), CREDENTIALS_SESSION,
			   caller->id, clock_now(), &item)
		   ? accounts_how_name(item.how)
		   : caller_via_name(caller->via);
}

json_t *signing_in_me(const struct api *api, const struct caller *caller)
{
	json_t *list = json_array(), *must = json_array();

	/* What needs no sign-in is no right worth naming. */
	for (enum access_right right = RIGHT_VIEWER; right < RIGHTS; right++)
		if (caller_may(caller, right))
			json_array_append_new(list, json_string(access_right_name(right)));
	if (caller->must_otp)
		json_array_append_new(must, json_string("otp"));
	/* What a proxy says has no end that could be told: it is asked again. */
	return json_pack("{ss, ss, so, so, so, so, so, ss, ss, so, sn, ss}", "name", caller->name,
	    "role", access_role_name(caller->role), "rights", list, "must", must, "scope",
	    scope_json(caller->scope), "scope_words", scope_words_json(caller->scope),
	    "scope_parts", scope_parts_json(caller->scope), "via", caller_via_name(caller->via),
	    "how", how_name(api, caller), "expires",
	    api_time_or_null(caller->via == VIA_PROXY ? 0 : caller->expires), "logout_url",
	    "version", POSTROOM_VERSION);
}
