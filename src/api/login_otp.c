/* /login/otp: the second step of a sign-in. The first (login.c) has found the password right and
 * handed out a challenge; this one takes a code for it, uses the code up in the store, and only
 * then has a session opened (signing_in.h). A code whose session could not be written is used up
 * all the same: the next one comes in half a minute. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "access/login_limits.h"
#include "access/otp_waiting.h"
#include "access/strangers.h"
#include "api/accounts.h"
#include "api/auth.h"
#include "api/otp.h"
#include "api/signing_in.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

#define BODY_MAX 8192
#define CHALLENGE_MAX 64

/* One code on its way. */
struct step {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	char peer[ACCOUNTS_PEER_SIZE], challenge[CHALLENGE_MAX + 1], database[1024];
	struct accounts_user user; /* as it was when its password was right */
	struct login_attempt attempt;
	struct otp_code code;
	struct otp_answer answer;
};

/* It has the hash of a password, and a code. */
static void step_free(struct step *step)
{
	sodium_memzero(step, sizeof(*step));
	free(step);
}

void login_otp_ask(struct api *api, struct http_request *rq, const struct signing_in *in)
{
	struct accounts_user user = {.id = in->user_id};
	char challenge[ACCOUNTS_SECRET_SIZE];

	memcpy(user.name, in->name, sizeof(user.name));
	memcpy(user.password, in->password, sizeof(user.password));
	otp_waiting_challenge(api->otp_waiting, &user,
	    auth_known(api->auth, rq, slice_of(user.name)) != 0, clock_monotonic_ms(), challenge);
	http_reply_said(rq, "otp_needed",
	    json_pack("{ss, so}", "challenge", challenge, "expires",
		api_time(clock_now() + OTP_CHALLENGE_SECONDS)),
	    SAID_PROBLEM_OTP_NEEDED, 0);
	sodium_memzero(challenge, sizeof(challenge));
	sodium_memzero(&user, sizeof(user));
}

/* ---- When the code was right ---- */

static void opened(
    void *context, struct http_request *rq, enum db_result result, const struct error *err)
{
	const struct api *api = context;

	if (rq == NULL)
		return;
	if (result == DB_OK)
		http_reply_json(rq, 200, signing_in_me(api, http_caller(rq)));
	/* Another password, locked or deleted since the first step. */
	else if (result == DB_NOT_FOUND)
		http_reply_code(rq, "otp_challenge_ended");
	else
		accounts_reply_store(rq, result, err, "login_failed");
}

static void open_session(struct step *step)
{
	struct signing_in in = {.how = ACCOUNTS_BY_OTP, .user_id = step->user.id};

	memcpy(in.name, step->user.name, sizeof(in.name));
	memcpy(in.password, step->user.password, sizeof(in.password));
	accounts_open_session(step->api, step->rq, &in, opened, step->api);
	sodium_memzero(&in, sizeof(in));
}

/* ---- The code ---- */

static enum db_result use_code(struct db *db, void *context, struct error *err)
{
	struct step *step = context;
	return otp_rows_use(
	    db, step->database, step->user.id, &step->code, clock_now(), &step->answer, err);
}

/* It could not be looked at: neither challenge nor limits count it. */
static void not_looked_at(struct step *step, enum db_result result, const struct error *err)
{
	otp_waiting_give_back(step->api->otp_waiting, slice_of(step->challenge));
	login_limits_give_back(auth_limits(step->api->auth), &step->attempt);
	if (step->rq == NULL)
		return;
	if (result == DB_NOT_FOUND)
		http_reply_code(step->rq, "otp_challenge_ended");
	else if (strcmp(err->code, "otp_unavailable") == 0)
		http_reply_error(step->rq, err);
	else
		accounts_reply_store(step->rq, result, err, "otp_challenge_ended");
}

static void code_used(void *context, enum db_result result, const struct error *err)
{
	struct step *step = context;

	if (result != DB_OK) {
		not_looked_at(step, result, err);
	} else if (step->answer.verdict != OTP_GOOD) {
		otp_refused(step->api, step->rq, step->user.name, step->peer, &step->answer);
	} else {
		login_limits_give_back(auth_limits(step->api->auth), &step->attempt);
		otp_waiting_end(step->api->otp_waiting, slice_of(step->challenge));
		/* Whoever went away gets no session that nobody would hold. */
		if (step->rq != NULL)
			open_session(step);
	}
	step_free(step);
}

static void post_login_otp(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "challenge code");
	struct slice challenge = SLICE("");
	struct step *step;

	if (body == NULL ||
	    !http_json_string(rq, body, "challenge", HTTP_REQUIRED, CHALLENGE_MAX, &challenge))
		return;
	step = memory_zero(1, sizeof(*step));
	step->api = api;
	snprintf(step->peer, sizeof(step->peer), "%s", http_peer(rq));
	snprintf(step->database, sizeof(step->database), "%s",
	    role_config_get(api->config, "store.path"));
	accounts_copy_text(step->challenge, sizeof(step->challenge), challenge);
	if (!otp_body_code(rq, body, &step->code)) {
		step_free(step);
		return;
	}
	if (!otp_waiting_take(
		api->otp_waiting, slice_of(step->challenge), clock_monotonic_ms(), &step->user)) {
		http_reply_code(rq, "otp_challenge_ended");
		step_free(step);
		return;
	}
	if (!otp_take_try(api, rq, step->user.name, step->peer, &step->attempt)) {
		otp_waiting_give_back(api->otp_waiting, slice_of(step->challenge));
		step_free(step);
		return;
	}
	http_wait(rq, &step->rq);
	store_ask_write(api->store, use_code, code_used, step);
}

const struct http_route api_login_otp_routes[] = {
    {HTTP_POST, "/api/v1/login/otp", RIGHT_PUBLIC, BODY_MAX, NULL, post_login_otp,
	.within = SCOPE_NO_MAIL, .audit = AUDIT_SIGN_IN},
    {.path = NULL},
};
