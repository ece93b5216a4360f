/* A password that is shown once more. It is checked as at a sign-in (login.c): the limits are asked
 * first, and the hash is made on a thread of its own. An open browser is known for its name, so it
 * has the count of one who is known, and strangers who guess at the same name do not keep him
 * waiting. */
#include "api/present_password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/hashing.h"
#include "access/login_limits.h"
#include "access/strangers.h"
#include "api/accounts.h"
#include "api/auth.h"
#include "base/clock.h"
#include "base/memory.h"

struct checking {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char name[ACCOUNTS_NAME_MAX + 1], peer[ACCOUNTS_PEER_SIZE];
	struct login_attempt attempt; /* its texts are these */
	struct hashing_task task;
	present_password_done *done;
	void *context;
};

/* It has a password's hash. */
static void checking_free(struct checking *checking)
{
	sodium_memzero(checking, sizeof(*checking));
	free(checking);
}

struct credentials_account *present_password_account(struct api *api, struct http_request *rq)
{
	const struct caller *caller = http_caller(rq);
	struct credentials_account *account = credentials_accounts(auth_credentials(api->auth));
	uint64_t own = caller_account(caller);

	while (account != NULL && (uint64_t)account->user.id != own)
		account = account->next;
	if (account == NULL && (caller->via == VIA_PROXY || caller->by_issuer))
		http_reply_said(rq, "password_elsewhere", NULL, SAID_PROBLEM_PASSWORD_ELSEWHERE, 1,
		    said_text("who", slice_of(caller->name)));
	else if (account == NULL)
		http_reply_code(rq, "password_no_account");
	return account;
}

static void checked(void *context, struct hashing_task *task)
{
	struct checking *checking = context;
	struct api *api = checking->api;
	bool good = task->good;

	if (good)
		login_limits_give_back(auth_limits(api->auth), &checking->attempt);
	else
		strangers_sign_in_failed(
		    api->strangers, slice_of(checking->name), checking->peer, clock_monotonic_ms());
	if (!good && checking->rq != NULL)
		http_reply_code(checking->rq, "password_wrong");
	checking->done(checking->context, checking->rq, good);
	checking_free(checking);
}

/* False when it must wait, and the request has been answered. */
static bool take_try(struct checking *checking)
{
	struct api *api = checking->api;
	int64_t seconds = 1;

	checking->attempt = (struct login_attempt){.name = slice_of(checking->name),
	    .peer = checking->peer,
	    .known = auth_known(api->auth, checking->rq, slice_of(checking->name))};
	if (login_limits_take(
		auth_limits(api->auth), &checking->attempt, clock_monotonic_ms(), &seconds))
		return true;
	strangers_sign_in_failed(
	    api->strangers, slice_of(checking->name), checking->peer, clock_monotonic_ms());
	http_reply_said(checking->rq, "too_many_requests",
	    json_pack("{sI}", "retry_after", (json_int_t)seconds), SAID_PROBLEM_PASSWORD_WAIT, 1,
	    said_number("seconds", seconds));
	return false;
}

static bool start(struct checking *checking)
{
	struct api *api = checking->api;

	if (!take_try(checking))
		return false;
	if (hashing_start(api->hashing, HASHING_KNOWN, &checking->task, checked, checking))
		return true;
	/* Nothing was tried, so nothing counts. */
	login_limits_give_back(auth_limits(api->auth), &checking->attempt);
	http_reply_said(checking->rq, "store_unavailable", NULL, SAID_PROBLEM_PASSWORDS_BUSY, 1,
	    said_number("count", HASHING_WAITING));
	return false;
}

bool present_password_check(struct api *api, struct http_request *rq, struct slice password,
    present_password_done *done, void *context)
{
	const struct credentials_account *account = present_password_account(api, rq);
	struct checking *checking;

	if (account == NULL)
		return false;
	checking = memory_zero(1, sizeof(*checking));
	*checking = (struct checking){.api = api, .done = done, .context = context};
	memcpy(checking->name, account->user.name, sizeof(checking->name));
	snprintf(checking->peer, sizeof(checking->peer), "%s", http_peer(rq));
	memcpy(checking->task.hash, account->user.password, sizeof(checking->task.hash));
	/* No longer one fits any hash; http_json_string has refused it. */
	memcpy(checking->task.password, password.data,
	    password.len < ACCOUNTS_PASSWORD_MAX ? password.len : ACCOUNTS_PASSWORD_MAX);
	checking->task.password_len =
	    password.len < ACCOUNTS_PASSWORD_MAX ? password.len : ACCOUNTS_PASSWORD_MAX;
	http_wait(rq, &checking->rq);
	if (start(checking))
		return true;
	checking_free(checking);
	return false;
}
