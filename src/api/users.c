/* /users: accounts are listed, made, changed and ended by admins. Each change of an account ends
 * its sessions, tokens and streams, in the store and in memory. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/hashing.h"
#include "api/accounts.h"
#include "api/auth.h"
#include "api/grant_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* One change on behalf of a request. */
struct change {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char name[ACCOUNTS_NAME_MAX + 1];
	bool add;
	struct accounts_change what; /* of a new account, its grant alone */
	struct hashing_task task;
	struct accounts_user user; /* as it is afterwards */
};

/* NULL when there can be no account with that name, and the request has been answered. */
static struct change *change_create(struct api *api, struct http_request *rq, struct slice name)
{
	struct change *change = memory_zero(1, sizeof(*change));

	if (!accounts_copy_text(change->name, sizeof(change->name), name)) {
		free(change);
		http_reply_said(rq, "user_not_found", NULL, SAID_PROBLEM_NO_ACCOUNT, 0);
		return NULL;
	}
	change->api = api;
	http_wait(rq, &change->rq);
	return change;
}

/* It has a password and its hash. */
static void change_free(struct change *change)
{
	sodium_memzero(change, sizeof(*change));
	free(change);
}

static json_t *user_json(const struct accounts_user *user)
{
	const char *scope = user->grant.scoped ? user->grant.scope : NULL;
	uint32_t given, taken;

	access_grant_effective(&user->grant, &given, &taken);
	return json_pack("{ss, ss, so, so, so, so, so, so, sb, sb, so}", "name", user->name, "role",
	    access_role_name(user->grant.role), "given", grant_json_rights(given), "taken",
	    grant_json_rights(taken), "rights", grant_json_rights(access_rights(&user->grant)),
	    "lost", grant_json_lost(&user->grant), "scope",
	    scope != NULL ? api_string(slice_of(scope)) : json_null(), "scope_problem",
	    grant_json_scope_problem(scope), "locked", (int)user->locked, "otp", (int)user->otp,
	    "created", api_time(user->created));
}

/* ---- Reading ---- */

/* From memory: it has every account, and the store is not asked. */
static void get_users(struct http_request *rq, void *context)
{
	struct api *api = context;
	json_t *list;

	/* Before they are read there are none, which would be told as true. */
	if (!auth_ready(api->auth, rq))
		return;
	list = json_array();
	for (const struct credentials_account *a =
		 credentials_accounts(auth_credentials(api->auth));
	     a != NULL; a = a->next) {
		size_t at = 0;

		/* A handful: put in where it belongs. */
		while (at < json_array_size(list) &&
		       strcmp(json_string_value(json_object_get(json_array_get(list, at), "name")),
			   a->user.name) < 0)
			at++;
		json_array_insert_new(list, at, user_json(&a->user));
	}
	http_reply_json(rq, 200,
	    json_pack("{so, so, so}", "users", list, "roles", grant_json_roles(), "scope_takes",
		grant_json_rights(access_lost_to_a_scope())));
}

static void get_user(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct credentials_account *a;

	if (!auth_ready(api->auth, rq))
		return;
	a = credentials_account(auth_credentials(api->auth), http_path_param(rq, "name"));
	if (a == NULL)
		http_reply_said(rq, "user_not_found", NULL, SAID_PROBLEM_NO_ACCOUNT, 0);
	else
		http_reply_json(rq, 200, user_json(&a->user));
}

/* ---- Writing ---- */

static enum db_result write_change(struct db *db, void *context, struct error *err)
{
	struct change *change = context;

	return change->add ? accounts_user_add(db, slice_of(change->name), change->task.hash,
				 &change->what.grant, clock_now(), &change->user, err)
			   : accounts_user_change(
				 db, slice_of(change->name), &change->what, &change->user, err);
}

/* Nobody comes in any more by what this account had. */
static void end_all(
    struct api *api, const struct accounts_user *user, const struct http_request *but)
{
	credentials_end_user(auth_credentials(api->auth), (uint64_t)user->id);
	http_events_end_user(api->events, (uint64_t)user->id);
	auth_end_lost(api->auth, but);
}

static void change_written(void *context, enum db_result result, const struct error *err)
{
	struct change *change = context;

	if (result == DB_OK) {
		/* Memory follows the store, in this order: an account that was not written must not
		 * sign anybody in. */
		credentials_set_account(auth_credentials(change->api->auth), &change->user);
		end_all(change->api, &change->user, change->rq);
	}
	if (change->rq != NULL && result == DB_OK)
		http_reply_json(change->rq, change->add ? 201 : 200, user_json(&change->user));
	else if (change->rq != NULL)
		accounts_reply_store(change->rq, result, err, "user_not_found");
	change_free(change);
}

/* Hashed off the loop: it takes tens of milliseconds and 64 MiB. */
static void password_hashed(void *context, struct hashing_task *task)
{
	struct change *change = context;

	if (!task->good) {
		if (change->rq != NULL)
			http_reply_said(
			    change->rq, "store_unavailable", NULL, SAID_PROBLEM_NO_MEMORY, 0);
		change_free(change);
		return;
	}
	memcpy(change->what.password, task->hash, sizeof(change->what.password));
	store_ask_write(change->api->store, write_change, change_written, change);
}

/* Takes the change over. */
static void set_password(struct change *change, struct slice password)
{
	struct error err;

	/* Before the hash, which takes a thread and much memory. */
	if (!accounts_check_name(slice_of(change->name), &err) ||
	    !accounts_check_password(slice_of(change->name), password, &err)) {
		accounts_reply_store(change->rq, DB_REFUSED, &err, "user_not_found");
		change_free(change);
		return;
	}
	change->what.set_password = true;
	change->task.make = true;
	memcpy(change->task.password, password.data, password.len);
	change->task.password_len = password.len;
	if (hashing_start(
		change->api->hashing, HASHING_KNOWN, &change->task, password_hashed, change))
		return;
	http_reply_said(change->rq, "store_unavailable", NULL, SAID_PROBLEM_PASSWORDS_BUSY, 1,
	    said_number("count", HASHING_WAITING));
	change_free(change);
}

static void post_users(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "name password " GRANT_JSON_MEMBERS);
	struct accounts_change what = {0};
	struct slice name, password;
	struct change *change;

	if (body == NULL ||
	    !http_json_string(rq, body, "name", HTTP_REQUIRED, ACCOUNTS_NAME_MAX, &name) ||
	    !grant_json_read(rq, body, HTTP_REQUIRED, &what) ||
	    !http_json_string(
		rq, body, "password", HTTP_REQUIRED, ACCOUNTS_PASSWORD_MAX, &password))
		return;
	if (!grant_json_may_give(rq, &what.grant))
		return;
	change = change_create(context, rq, name);
	if (change == NULL)
		return;
	change->add = true;
	change->what.grant = what.grant;
	grant_json_tell(rq, change->name, &what.grant);
	set_password(change, password);
}

/* Whether the caller may make this of the account; nobody gives what he has not. An account that
 * there is not is told by who changes it. False when the request has been answered. */
static bool may_become(struct api *api, struct http_request *rq, const struct accounts_change *what)
{
	const struct credentials_account *account =
	    credentials_account(auth_credentials(api->auth), http_path_param(rq, "name"));
	struct accounts_user after;

	if (account == NULL)
		return true;
	after = account->user;
	accounts_change_apply(&after, what);
	return grant_json_may_give(rq, &after.grant);
}

/* The old password is not asked for: this is for admins, who may not know it. */
static void post_password(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "password");
	struct slice password;
	struct change *change;

	if (body == NULL || !http_json_string(rq, body, "password", HTTP_REQUIRED,
				ACCOUNTS_PASSWORD_MAX, &password))
		return;
	/* Whoever sets a password can sign in with it. */
	if (!may_become(context, rq, &(struct accounts_change){0}))
		return;
	change = change_create(context, rq, http_path_param(rq, "name"));
	if (change == NULL)
		return;
	http_set_audit_text(rq, "another password");
	set_password(change, password);
}

static bool changes_grant(const struct accounts_change *what)
{
	return what->set_role || what->set_given || what->set_taken || what->set_scope;
}

/* What is to be different, in a few words: "operator, given audit, no scope, unlocked". */
static void tell_audit(struct http_request *rq, const struct accounts_change *what)
{
	BUFFER_AUTO struct buffer text = {0};

	if (what->set_role)
		buffer_printf(&text, ", %s", access_role_name(what->grant.role));
	if (what->set_given)
		grant_json_tell_rights(&text, "given", what->grant.given);
	if (what->set_taken)
		grant_json_tell_rights(&text, "taken", what->grant.taken);
	if (what->set_locked)
		buffer_append_string(&text, what->locked ? ", locked" : ", unlocked");
	/* The scope last: the longest is cut. */
	if (what->set_scope && what->grant.scoped)
		buffer_printf(&text, ", scope %s", what->grant.scope);
	else if (what->set_scope)
		buffer_append_string(&text, ", no scope");
	http_set_audit_text(rq, "%s", text.len > 2 ? buffer_string(&text) + 2 : "");
}

static void put_user(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "locked " GRANT_JSON_MEMBERS);
	struct accounts_change what = {0};
	struct change *change;

	if (body == NULL || !grant_json_read(rq, body, HTTP_OPTIONAL, &what) ||
	    !http_json_bool(rq, body, "locked", HTTP_OPTIONAL, &what.locked))
		return;
	/* What is not named stays as it is, which is not the same as its default. */
	what.set_locked = json_object_get(body, "locked") != NULL;
	if (!changes_grant(&what) && !what.set_locked) {
		http_reply_said(rq, "missing_member", NULL, SAID_PROBLEM_WHAT_CHANGES, 0);
		return;
	}
	/* To lock is to take away, which anybody with the right may. */
	if ((changes_grant(&what) || !what.locked) && !may_become(api, rq, &what))
		return;
	change = change_create(api, rq, http_path_param(rq, "name"));
	if (change == NULL)
		return;
	change->what = what;
	tell_audit(rq, &what);
	store_ask_write(api->store, write_change, change_written, change);
}

static enum db_result write_delete(struct db *db, void *context, struct error *err)
{
	struct change *change = context;
	return accounts_user_delete(db, slice_of(change->name), &change->user, err);
}

static void delete_written(void *context, enum db_result result, const struct error *err)
{
	struct change *change = context;

	if (result == DB_OK) {
		credentials_drop_account(
		    auth_credentials(change->api->auth), slice_of(change->name));
		end_all(change->api, &change->user, change->rq);
	}
	if (change->rq != NULL && result == DB_OK)
		http_reply_empty(change->rq, 204);
	else if (change->rq != NULL)
		accounts_reply_store(change->rq, result, err, "user_not_found");
	change_free(change);
}

static void delete_user(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct change *change = change_create(api, rq, http_path_param(rq, "name"));

	if (change != NULL)
		store_ask_write(api->store, write_delete, delete_written, change);
}

const struct http_route api_users_routes[] = {
    {HTTP_GET, "/api/v1/users", RIGHT_ACCOUNTS, 0, NULL, get_users},
    {HTTP_POST, "/api/v1/users", RIGHT_ACCOUNTS, HTTP_BODY_DEFAULT, NULL, post_users,
	.audit = AUDIT_ACCOUNT},
    {HTTP_GET, "/api/v1/users/{name}", RIGHT_ACCOUNTS, 0, NULL, get_user},
    {HTTP_PUT, "/api/v1/users/{name}", RIGHT_ACCOUNTS, HTTP_BODY_DEFAULT, NULL, put_user,
	.audit = AUDIT_ACCOUNT},
    {HTTP_DELETE, "/api/v1/users/{name}", RIGHT_ACCOUNTS, 0, NULL, delete_user,
	.audit = AUDIT_ACCOUNT},
    {HTTP_POST, "/api/v1/users/{name}/password", RIGHT_ACCOUNTS, HTTP_BODY_DEFAULT, NULL,
	post_password, .audit = AUDIT_ACCOUNT},
    {.path = NULL},
};
