/* /me/password: somebody's own password, by the one that he has. Who manages the accounts sets
 * those of others without it (users.c). */
#include "api/own_password.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/hashing.h"
#include "api/accounts.h"
#include "api/auth.h"
#include "api/present_password.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

/* One change on behalf of a request: the present password is checked, the new one is hashed, and
 * the store writes it. */
struct own_change {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char name[ACCOUNTS_NAME_MAX + 1];
	char
	    before[ACCOUNTS_HASH_SIZE]; /* the hash that the present password was checked against */
	uint64_t session;		/* the one that asks, and stays */
	struct hashing_task task;	/* of the new password */
	struct accounts_user user;	/* as it is afterwards */
	size_t others;			/* sessions that ended with it */
};

/* It has a password and hashes. */
static void own_change_free(struct own_change *change)
{
	sodium_memzero(change, sizeof(*change));
	free(change);
}

static enum db_result write_password(struct db *db, void *context, struct error *err)
{
	struct own_change *change = context;

	return accounts_user_own_password(db, slice_of(change->name), change->before,
	    change->task.hash, (int64_t)change->session, &change->user, err);
}

static void count_other(void *context, const struct credentials_item *item)
{
	struct own_change *change = context;

	change->others +=
	    item->caller->user == (uint64_t)change->user.id && item->caller->id != change->session;
}

static void password_written(void *context, enum db_result result, const struct error *err)
{
	struct own_change *change = context;
	struct credentials *credentials = auth_credentials(change->api->auth);

	if (result == DB_OK) {
		credentials_each(
		    credentials, CREDENTIALS_SESSION, clock_now(), count_other, change);
		credentials_set_account(credentials, &change->user);
		credentials_end_sessions_of(
		    credentials, (uint64_t)change->user.id, change->session);
		auth_end_lost(change->api->auth, change->rq);
	}
	if (change->rq != NULL && result == DB_OK)
		http_reply_json(change->rq, 200,
		    json_pack("{sI}", "sessions_ended", (json_int_t)change->others));
	else if (change->rq != NULL)
		accounts_reply_store(change->rq, result, err, "user_not_found");
	own_change_free(change);
}

static void new_hashed(void *context, struct hashing_task *task)
{
	struct own_change *change = context;

	if (task->good) {
		store_ask_write(change->api->store, write_password, password_written, change);
		return;
	}
	if (change->rq != NULL)
		http_reply_said(change->rq, "store_unavailable", NULL, SAID_PROBLEM_NO_MEMORY, 0);
	own_change_free(change);
}

/* The next step: nothing is done for somebody who has gone away meanwhile. */
static void present_checked(void *context, struct http_request *rq, bool good)
{
	struct own_change *change = context;

	if (good && rq != NULL) {
		http_wait(rq, &change->rq);
		if (hashing_start(
			change->api->hashing, HASHING_KNOWN, &change->task, new_hashed, change))
			return;
		http_reply_said(rq, "store_unavailable", NULL, SAID_PROBLEM_PASSWORDS_BUSY, 1,
		    said_number("count", HASHING_WAITING));
	}
	own_change_free(change);
}

/* Before anything is checked: what could not be set costs nobody an attempt. */
static bool is_fit(struct http_request *rq, const struct credentials_account *account,
    struct slice present, struct slice password)
{
	struct error err;

	if (!accounts_check_password(slice_of(account->user.name), password, &err)) {
		accounts_reply_store(rq, DB_REFUSED, &err, "user_not_found");
		return false;
	}
	if (!slice_equal(present, password))
		return true;
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "password"),
	    SAID_PROBLEM_PASSWORD_SAME, 0);
	return false;
}

static void post_own_password(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, PRESENT_PASSWORD_MEMBER " password");
	const struct credentials_account *account;
	struct slice present, password;
	struct own_change *change;

	if (body == NULL || (account = present_password_account(api, rq)) == NULL ||
	    !http_json_string(rq, body, PRESENT_PASSWORD_MEMBER, HTTP_REQUIRED,
		ACCOUNTS_PASSWORD_MAX, &present) ||
	    !http_json_string(
		rq, body, "password", HTTP_REQUIRED, ACCOUNTS_PASSWORD_MAX, &password) ||
	    !is_fit(rq, account, present, password))
		return;
	change = memory_zero(1, sizeof(*change));
	change->api = api;
	change->session = http_caller(rq)->id;
	memcpy(change->name, account->user.name, sizeof(change->name));
	memcpy(change->before, account->user.password, sizeof(change->before));
	change->task.make = true;
	memcpy(change->task.password, password.data, password.len);
	change->task.password_len = password.len;
	http_set_audit_text(rq, "own password");
	if (!present_password_check(api, rq, present, present_checked, change))
		own_change_free(change);
}

const struct http_route api_own_password_routes[] = {
    {HTTP_POST, "/api/v1/me/password", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, post_own_password,
	.within = SCOPE_NO_MAIL, .audit = AUDIT_ACCOUNT},
    {.path = NULL},
};
