/* /me/otp and /users/{name}/otp.
 *
 * To set one up, a secret is made and kept in memory; the first code that the phone shows confirms
 * it, and only then it is written. An open browser is not enough: to begin needs the password, else
 * whoever sits at it puts his own phone in the owner's way; to take it off needs the password and a
 * code. By the route for others' accounts nobody takes off his own. */
#include "api/otp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/login_limits.h"
#include "access/otp_waiting.h"
#include "access/strangers.h"
#include "api/accounts.h"
#include "api/auth.h"
#include "api/present_password.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/url.h"
#include "store/store.h"

/* What somebody types, with its blanks. */
#define CODE_MAX 64

/* One call of the store on behalf of a request. */
struct ask {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char name[ACCOUNTS_NAME_MAX + 1], peer[ACCOUNTS_PEER_SIZE], database[1024];
	int64_t user;
	struct login_attempt attempt; /* its texts are these */
	struct otp_code code;
	struct otp_answer answer;
	struct otp_state state;
	unsigned char secret[OTP_SECRET_SIZE];
	int64_t step;
	char codes[OTP_RECOVERY_CODES][OTP_RECOVERY_SIZE];
};

static struct ask *ask_create(struct api *api, struct http_request *rq)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	snprintf(ask->peer, sizeof(ask->peer), "%s", http_peer(rq));
	/* A copy: a reload may replace the configuration while the store's thread is at it. */
	snprintf(
	    ask->database, sizeof(ask->database), "%s", role_config_get(api->config, "store.path"));
	http_wait(rq, &ask->rq);
	return ask;
}

/* It has a secret, and codes that are shown once. */
static void ask_free(struct ask *ask)
{
	sodium_memzero(ask, sizeof(*ask));
	free(ask);
}

static enum otp_policy policy(const struct api *api)
{
	return otp_policy(role_config_get(api->config, "access.otp"));
}

/* The account that the caller has shown the password of; NULL: none. A link's session is of whoever
 * made the link, and not his. */
static struct credentials_account *own_account(struct api *api, const struct http_request *rq)
{
	const struct caller *caller = http_caller(rq);
	struct credentials_account *account = credentials_accounts(auth_credentials(api->auth));

	while (account != NULL && (uint64_t)account->user.id != caller->user)
		account = account->next;
	return caller->by_password ? account : NULL;
}

/* The same for who wants to do something; NULL: the request has been answered. */
static struct credentials_account *acting_account(struct api *api, struct http_request *rq)
{
	struct credentials_account *account = own_account(api, rq);

	if (account == NULL)
		http_reply_code(rq, "otp_no_account");
	return account;
}

/* ---- What login_otp.c needs, too ---- */

bool otp_body_code(struct http_request *rq, const json_t *body, struct otp_code *code)
{
	struct slice text = SLICE("");

	if (!http_json_string(rq, body, "code", HTTP_REQUIRED, CODE_MAX, &text))
		return false;
	if (otp_read(text, code))
		return true;
	/* No code at all: it is no guess, and counts as none. */
	http_reply_said(rq, "otp_wrong", NULL, SAID_PROBLEM_OTP_SHAPE, 0);
	return false;
}

bool otp_take_try(struct api *api, struct http_request *rq, const char *name, const char *peer,
    struct login_attempt *attempt)
{
	int64_t seconds = 1;

	*attempt = (struct login_attempt){.name = slice_of(name),
	    .peer = peer,
	    .known = auth_known(api->auth, rq, slice_of(name)),
	    .is_code = true};
	if (login_limits_take(auth_limits(api->auth), attempt, clock_monotonic_ms(), &seconds))
		return true;
	http_reply_said(rq, "too_many_requests",
	    json_pack("{sI}", "retry_after", (json_int_t)seconds), SAID_PROBLEM_OTP_WAIT, 1,
	    said_number("seconds", seconds));
	return false;
}

void otp_refused(struct api *api, struct http_request *rq, const char *name, const char *peer,
    const struct otp_answer *answer)
{
	char until[CLOCK_RFC3339_SIZE];
	int64_t wait = answer->until - clock_now();

	strangers_sign_in_failed(api->strangers, slice_of(name), peer, clock_monotonic_ms());
	if (answer->clock_differs != 0)
		log_warning("a one-time code of %s is that of %lld s %s: the clock of this host or "
			    "of the phone is wrong",
		    name, (long long)llabs(answer->clock_differs),
		    answer->clock_differs > 0 ? "later" : "before");
	if (rq == NULL)
		return;
	wait = wait < 1 ? 1 : wait;
	clock_rfc3339(answer->until, until);
	if (answer->verdict == OTP_USED)
		http_reply_said(rq, "otp_used", json_pack("{sI}", "retry_after", (json_int_t)wait),
		    SAID_PROBLEM_OTP_USED, 1, said_number("seconds", wait));
	else if (answer->verdict == OTP_CLOCK_BACK)
		http_reply_said(rq, "otp_clock_back", json_pack("{ss}", "until", until),
		    SAID_PROBLEM_OTP_CLOCK_BACK, 1, said_text("until", slice_of(until)));
	else
		http_reply_said(rq, "otp_wrong", NULL,
		    answer->recovery ? SAID_PROBLEM_OTP_RECOVERY_WRONG : SAID_PROBLEM_OTP_WRONG, 0);
}

/* ---- How it stands ---- */

static void reply_state(
    struct http_request *rq, const char *state, bool required, const struct otp_state *otp)
{
	http_reply_json(rq, 200,
	    json_pack("{ss, sb, so, sI}", "state", state, "required", (int)required, "since",
		api_time_or_null(otp->since), "codes_left", (json_int_t)otp->codes_left));
}

static enum db_result read_state(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	return otp_rows_state(db, ask->user, &ask->state, err);
}

static void state_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result == DB_OK)
		reply_state(ask->rq, ask->state.on ? "on" : "none",
		    policy(ask->api) == OTP_REQUIRED, &ask->state);
	else if (ask->rq != NULL)
		accounts_reply_store(ask->rq, result, err, "otp_not_found");
	ask_free(ask);
}

static void get_own(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct credentials_account *account = own_account(api, rq);
	const struct otp_state none = {0};
	struct ask *ask;

	if (account == NULL || policy(api) == OTP_OFF) {
		reply_state(rq, "off", false, &none);
	} else if (account->user.otp) {
		ask = ask_create(api, rq);
		ask->user = account->user.id;
		store_ask_read(api->store, read_state, state_read, ask);
	} else {
		reply_state(rq,
		    otp_waiting_begun(
			api->otp_waiting, account->user.id, clock_monotonic_ms(), NULL)
			? "begun"
			: "none",
		    policy(api) == OTP_REQUIRED, &none);
	}
}

/* ---- Setting up ---- */

/* Whose code it is, beside the account's name, in a phone with those of many hosts. */
static void host_of(const struct api *api, char host[256])
{
	const char *own = role_config_fact(api->config, "myhostname");
	struct url url;

	if (url_split(slice_of(role_config_get(api->config, "http.public_url")), &url))
		snprintf(host, 256, "%.*s", SLICE_ARGS(url.authority));
	else
		snprintf(host, 256, "%s", own != NULL ? own : "");
}

/* The account of whoever may set one up; NULL: answered. */
static struct credentials_account *account_without(struct api *api, struct http_request *rq)
{
	struct credentials_account *account;

	if (policy(api) == OTP_OFF) {
		http_reply_code(rq, "otp_off");
		return NULL;
	}
	account = acting_account(api, rq);
	if (account == NULL || !account->user.otp)
		return account;
	http_reply_code(rq, "otp_exists");
	return NULL;
}

/* For present_password_check. */
static void begin_own(void *context, struct http_request *rq, bool good)
{
	struct api *api = context;
	const struct credentials_account *account;
	unsigned char secret[OTP_SECRET_SIZE];
	char text[OTP_SECRET_TEXT_SIZE], host[256], address[OTP_ADDRESS_SIZE];

	/* It may have been set up in another window meanwhile. */
	if (!good || rq == NULL || (account = account_without(api, rq)) == NULL)
		return;
	otp_make_secret(secret);
	otp_waiting_begin(api->otp_waiting, account->user.id, secret, clock_monotonic_ms());
	otp_secret_text(secret, text);
	host_of(api, host);
	otp_address(secret, account->user.name, host, address, sizeof(address));
	http_set_audit_text(rq, "one-time password begun");
	http_reply_json(rq, 201,
	    json_pack("{ss, ss, so}", "secret", text, "address", address, "expires",
		api_time(clock_now() + OTP_SETUP_SECONDS)));
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(text, sizeof(text));
	sodium_memzero(address, sizeof(address));
}

static void post_own(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, PRESENT_PASSWORD_MEMBER);
	struct slice present;

	if (body != NULL && account_without(api, rq) != NULL &&
	    http_json_string(
		rq, body, PRESENT_PASSWORD_MEMBER, HTTP_REQUIRED, ACCOUNTS_PASSWORD_MAX, &present))
		(void)present_password_check(api, rq, present, begin_own, api);
}

static enum db_result write_own(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	return otp_rows_add(
	    db, ask->database, ask->user, ask->secret, clock_now(), ask->step, ask->codes, err);
}

/* Memory follows the store. */
static void set_otp(struct api *api, const char *name, int64_t user, bool otp)
{
	struct credentials_account *account =
	    credentials_account(auth_credentials(api->auth), slice_of(name));

	if (account != NULL && account->user.id == user)
		account->user.otp = otp;
	otp_waiting_end_user(api->otp_waiting, user);
}

static void reply_failed(struct http_request *rq, enum db_result result, const struct error *err)
{
	if (strcmp(err->code, "otp_unavailable") == 0)
		http_reply_error(rq, err);
	else if (result == DB_CONFLICT)
		http_reply_code(rq, "otp_exists");
	else
		accounts_reply_store(rq, result, err, "otp_not_found");
}

static void own_written(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;
	json_t *codes = json_array();

	if (result == DB_OK)
		set_otp(ask->api, ask->name, ask->user, true);
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		json_array_append_new(codes, json_string(ask->codes[i]));
	if (ask->rq != NULL && result == DB_OK)
		http_reply_json(ask->rq, 200, json_pack("{sO}", "codes", codes));
	else if (ask->rq != NULL)
		reply_failed(ask->rq, result, err);
	json_decref(codes);
	ask_free(ask);
}

/* An ask about the caller's own account, with a code, of which a try has been taken. NULL:
 * answered.
 */
static struct ask *ask_with_code(struct api *api, struct http_request *rq,
    const struct credentials_account *account, const struct otp_code *code)
{
	struct ask *ask = ask_create(api, rq);

	memcpy(ask->name, account->user.name, sizeof(ask->name));
	ask->user = account->user.id;
	ask->code = *code;
	if (otp_take_try(api, rq, ask->name, ask->peer, &ask->attempt))
		return ask;
	ask_free(ask);
	return NULL;
}

static void post_confirm(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "code");
	const struct credentials_account *account;
	struct otp_code code;
	struct ask *ask;

	if (body == NULL || (account = acting_account(api, rq)) == NULL)
		return;
	if (!otp_waiting_begun(api->otp_waiting, account->user.id, clock_monotonic_ms(), NULL)) {
		http_reply_code(rq, "otp_not_begun");
		return;
	}
	if (!otp_body_code(rq, body, &code) ||
	    (ask = ask_with_code(api, rq, account, &code)) == NULL)
		return;
	otp_waiting_begun(api->otp_waiting, account->user.id, clock_monotonic_ms(), ask->secret);
	ask->answer.verdict = otp_check(ask->secret, &ask->code, clock_now(), 0, &ask->step);
	if (ask->answer.verdict != OTP_GOOD) {
		ask->answer.clock_differs = otp_clock_differs(ask->secret, &ask->code, clock_now());
		otp_refused(api, rq, ask->name, ask->peer, &ask->answer);
		ask_free(ask);
		return;
	}
	login_limits_give_back(auth_limits(api->auth), &ask->attempt);
	http_set_audit_text(rq, "one-time password set up");
	store_ask_write(api->store, write_own, own_written, ask);
}

/* ---- Taking off ---- */

/* A wrong code is written down as well: that it was tried must not be taken back. */
static enum db_result end_own(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	enum db_result result =
	    otp_rows_use(db, ask->database, ask->user, &ask->code, clock_now(), &ask->answer, err);

	return result == DB_OK && ask->answer.verdict == OTP_GOOD ? otp_rows_end(db, ask->user, err)
								  : result;
}

static void own_ended(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;
	bool good = result == DB_OK && ask->answer.verdict == OTP_GOOD;

	if (good || result != DB_OK)
		login_limits_give_back(auth_limits(ask->api->auth), &ask->attempt);
	if (good)
		set_otp(ask->api, ask->name, ask->user, false);
	if (result == DB_OK && !good)
		otp_refused(ask->api, ask->rq, ask->name, ask->peer, &ask->answer);
	else if (ask->rq != NULL && good)
		http_reply_empty(ask->rq, 204);
	else if (ask->rq != NULL)
		reply_failed(ask->rq, result, err);
	ask_free(ask);
}

/* The caller's account, where it has one to be taken off; NULL: answered. */
static struct credentials_account *account_with(struct api *api, struct http_request *rq)
{
	struct credentials_account *account = acting_account(api, rq);

	if (account == NULL || account->user.otp)
		return account;
	http_reply_code(rq, "otp_not_found");
	return NULL;
}

/* What waits for the password to be checked. */
struct taking_off {
	struct api *api;
	struct otp_code code;
};

static void taking_off_free(struct taking_off *t)
{
	sodium_memzero(t, sizeof(*t));
	free(t);
}

/* For present_password_check. */
static void end_own_begun(void *context, struct http_request *rq, bool good)
{
	struct taking_off *t = context;
	const struct credentials_account *account;
	struct ask *ask;

	if (good && rq != NULL && (account = account_with(t->api, rq)) != NULL &&
	    (ask = ask_with_code(t->api, rq, account, &t->code)) != NULL) {
		http_set_audit_text(rq, "one-time password taken off");
		store_ask_write(t->api->store, end_own, own_ended, ask);
	}
	taking_off_free(t);
}

static void delete_own(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "code " PRESENT_PASSWORD_MEMBER);
	struct slice present;
	struct taking_off *t;

	if (body == NULL || account_with(api, rq) == NULL)
		return;
	t = memory_zero(1, sizeof(*t));
	t->api = api;
	/* What is no code at all costs no try of the password. */
	if (!otp_body_code(rq, body, &t->code) ||
	    !http_json_string(rq, body, PRESENT_PASSWORD_MEMBER, HTTP_REQUIRED,
		ACCOUNTS_PASSWORD_MAX, &present) ||
	    !present_password_check(api, rq, present, end_own_begun, t))
		taking_off_free(t);
}

/* For somebody who has lost his phone. Whoever has found it must not stay signed in. */
static enum db_result end_others(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	struct accounts_user user;
	enum db_result result = accounts_user_by_name(db, slice_of(ask->name), &user, err);

	if (result != DB_OK)
		return result;
	ask->user = user.id;
	result = otp_rows_end(db, user.id, err);
	return result == DB_OK ? accounts_sessions_end_of(db, user.id, 0, err) : result;
}

static void others_ended(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (result == DB_OK) {
		set_otp(ask->api, ask->name, ask->user, false);
		credentials_end_sessions_of(
		    auth_credentials(ask->api->auth), (uint64_t)ask->user, 0);
		auth_end_lost(ask->api->auth, ask->rq);
	}
	if (ask->rq != NULL && result == DB_OK)
		http_reply_empty(ask->rq, 204);
	else if (ask->rq != NULL)
		accounts_reply_store(
		    ask->rq, result, err, ask->user != 0 ? "otp_not_found" : "user_not_found");
	ask_free(ask);
}

/* One's own goes with the password and a code: else an open browser of somebody who manages the
 * accounts, or his token, would be enough. */
static bool is_own(struct api *api, const struct http_request *rq)
{
	const struct credentials_account *account =
	    credentials_account(auth_credentials(api->auth), http_path_param(rq, "name"));

	return account != NULL && http_caller(rq)->user == (uint64_t)account->user.id;
}

static void delete_of_user(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask;

	if (is_own(api, rq)) {
		http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_OTP_OWN, 0);
		return;
	}
	ask = ask_create(api, rq);

	if (!accounts_copy_text(ask->name, sizeof(ask->name), http_path_param(rq, "name"))) {
		ask_free(ask);
		http_reply_said(rq, "user_not_found", NULL, SAID_PROBLEM_NO_ACCOUNT, 0);
		return;
	}
	http_set_audit_text(rq, "one-time password of %s taken off", ask->name);
	store_ask_write(api->store, end_others, others_ended, ask);
}

const struct http_route api_otp_routes[] = {
    {HTTP_GET, "/api/v1/me/otp", RIGHT_VIEWER, 0, NULL, get_own, .unfinished = true,
	.within = SCOPE_NO_MAIL},
    {HTTP_POST, "/api/v1/me/otp", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, post_own,
	.unfinished = true, .within = SCOPE_NO_MAIL, .audit = AUDIT_OTP},
    {HTTP_DELETE, "/api/v1/me/otp", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, delete_own,
	.within = SCOPE_NO_MAIL, .audit = AUDIT_OTP},
    {HTTP_POST, "/api/v1/me/otp/confirm", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, post_confirm,
	.unfinished = true, .within = SCOPE_NO_MAIL, .audit = AUDIT_OTP},
    {HTTP_DELETE, "/api/v1/users/{name}/otp", RIGHT_ACCOUNTS, 0, NULL, delete_of_user,
	.audit = AUDIT_OTP},
    {.path = NULL},
};
