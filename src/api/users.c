/* /users: accounts are listed, made, changed and ended by admins. Each change of an account ends
 * its sessions, tokens and streams, in the store and in memory. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/hashing.h"
#include "api/accounts.h"
#include "api/auth.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* One change on behalf of a request. */
struct change {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char name[ACCOUNTS_NAME_MAX + 1];
	bool add;
	enum access_role role; /* of a new account */
	struct accounts_change what;
	struct hashing_task task;
	struct accounts_user user; /* as it is afterwards */
};

static void change_gone(void *data)
{
	struct change *change = data;
	change->rq = NULL;
}

/* NULL when there can be no account with that name, and the request has been answered. */
static struct change *change_create(struct api *api, struct http_request *rq, struct slice name)
{
	struct change *change = memory_zero(1, sizeof(*change));

	if (!accounts_copy_text(change->name, sizeof(change->name), name)) {
		free(change);
		http_reply_problem(rq, "user_not_found", "There is no such account.");
		return NULL;
	}
	change->api = api;
	change->rq = rq;
	http_on_gone(rq, change_gone, change);
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
	return json_pack("{ss, ss, sb, so}", "name", user->name, "role",
	    access_role_name(user->role), "locked", (int)user->locked, "created",
	    api_time(user->created));
}

/* ---- Reading ---- */

/* From memory: it has every account, and the store is not asked. */
static void get_users(struct http_request *rq, void *context)
{
	struct api *api = context;
	json_t *list = json_array();

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
	http_reply_json(rq, 200, json_pack("{so}", "users", list));
}

static void get_user(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct credentials_account *a =
	    credentials_account(auth_credentials(api->auth), http_path_param(rq, "name"));

	if (a == NULL)
		http_reply_problem(rq, "user_not_found", "There is no such account.");
	else
		http_reply_json(rq, 200, user_json(&a->user));
}

/* ---- Writing ---- */

static enum db_result write_change(struct db *db, void *context, struct error *err)
{
	struct change *change = context;

	return change->add ? accounts_user_add(db, slice_of(change->name), change->task.hash,
				 change->role, clock_now(), &change->user, err)
			   : accounts_user_change(
				 db, slice_of(change->name), &change->what, &change->user, err);
}

/* Nobody comes in any more by what this account had. */
static void end_all(struct api *api, const struct accounts_user *user)
{
	credentials_end_user(auth_credentials(api->auth), (uint64_t)user->id);
	http_events_end_user(api->events, (uint64_t)user->id);
}

static void change_written(void *context, enum db_result result, const struct error *err)
{
	struct change *change = context;

	if (result == DB_OK) {
		/* Memory follows the store, in this order: an account that was not written must not
		 * sign anybody in. */
		credentials_set_account(auth_credentials(change->api->auth), &change->user);
		end_all(change->api, &change->user);
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
			http_reply_problem(change->rq, "store_unavailable",
			    "There is no memory to hash the password.");
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
	http_reply_problem(change->rq, "store_unavailable",
	    "%d passwords are being checked already: try again in a moment.", HASHING_WAITING);
	change_free(change);
}

static void post_users(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "name role password");
	enum access_role role = ACCESS_ROLE_NONE;
	struct slice name, password;
	struct change *change;

	if (body == NULL ||
	    !http_json_string(rq, body, "name", HTTP_REQUIRED, ACCOUNTS_NAME_MAX, &name) ||
	    !accounts_read_role(rq, body, HTTP_REQUIRED, &role) ||
	    !http_json_string(
		rq, body, "password", HTTP_REQUIRED, ACCOUNTS_PASSWORD_MAX, &password))
		return;
	change = change_create(context, rq, name);
	if (change == NULL)
		return;
	change->add = true;
	change->role = role;
	http_set_audit_text(rq, "%s as %s", change->name, access_role_name(role));
	set_password(change, password);
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
	change = change_create(context, rq, http_path_param(rq, "name"));
	if (change != NULL)
		set_password(change, password);
}

static void put_user(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "role locked");
	struct accounts_change what = {0};
	struct change *change;

	if (body == NULL || !accounts_read_role(rq, body, HTTP_OPTIONAL, &what.role) ||
	    !http_json_bool(rq, body, "locked", HTTP_OPTIONAL, &what.locked))
		return;
	/* What is not named stays as it is, which is not the same as its default. */
	what.set_role = json_object_get(body, "role") != NULL;
	what.set_locked = json_object_get(body, "locked") != NULL;
	if (!what.set_role && !what.set_locked) {
		http_reply_problem(
		    rq, "missing_member", "Give what is to change: role, locked, or both.");
		return;
	}
	change = change_create(api, rq, http_path_param(rq, "name"));
	if (change == NULL)
		return;
	change->what = what;
	http_set_audit_text(rq, "%s%s%s", what.set_role ? access_role_name(what.role) : "",
	    what.set_role && what.set_locked ? ", " : "",
	    !what.set_locked ? ""
	    : what.locked    ? "locked"
			     : "unlocked");
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
		end_all(change->api, &change->user);
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
    {HTTP_GET, "/api/v1/users", RIGHT_ADMIN, 0, NULL, get_users},
    {HTTP_POST, "/api/v1/users", RIGHT_ADMIN, HTTP_BODY_DEFAULT, NULL, post_users},
    {HTTP_GET, "/api/v1/users/{name}", RIGHT_ADMIN, 0, NULL, get_user},
    {HTTP_PUT, "/api/v1/users/{name}", RIGHT_ADMIN, HTTP_BODY_DEFAULT, NULL, put_user},
    {HTTP_DELETE, "/api/v1/users/{name}", RIGHT_ADMIN, 0, NULL, delete_user},
    {HTTP_POST, "/api/v1/users/{name}/password", RIGHT_ADMIN, HTTP_BODY_DEFAULT, NULL,
	post_password},
    {.path = NULL},
};
