/* A browser that is sent to the issuer, and comes back with a code. Each check ends in the page
 * with a word; the code goes to the issuer only when the state is this browser's own, and a session
 * is opened only for whom the issuer's signature names and whose groups have a role here.
 *
 * Nobody gets an account by this: the session has a name, and what its groups gave it. It ends by
 * itself, and somebody who has left is not let in again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/groups.h"
#include "access/person_name.h"
#include "access/strangers.h"
#include "api/auth.h"
#include "api/oidc_state.h"
#include "api/sign_on_groups.h"
#include "api/signing_in.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/identity.h"

/* Refusals in the log, in so much time: strangers can bring them about. */
#define TELL_MAX 20
#define TELL_MS 60000

/* ---- on the way to the issuer ---- */

static void get_ways(struct http_request *rq, void *context)
{
	const struct api *api = context;
	json_t *issuer = json_null();

	oidc_look_wanted(api->oidc);
	if (oidc_is_set(api->oidc))
		issuer = json_pack("{so, sb}", "issuer", api_string(oidc_issuer_host(api->oidc)),
		    "ready", (int)api->oidc->ready);
	http_reply_json(rq, 200, json_pack("{so}", "oidc", issuer));
}

static void add(struct buffer *url, const char *name, struct slice value)
{
	buffer_printf(url, "&%s=", name);
	buffer_append_percent(url, value);
}

static void address_at_issuer(const struct oidc *oidc, const struct oidc_flow *flow,
    struct slice redirect, struct buffer *url)
{
	char challenge[OIDC_RANDOM_SIZE];

	oidc_flow_challenge(flow, challenge);
	buffer_printf(url, "%s%cresponse_type=code", oidc->authorization,
	    strchr(oidc->authorization, '?') != NULL ? '&' : '?');
	add(url, "client_id", slice_of(oidc_key(oidc, "access.oidc_client_id")));
	add(url, "redirect_uri", redirect);
	add(url, "scope", slice_of(oidc_key(oidc, "access.oidc_scopes")));
	add(url, "state", slice_of(flow->state));
	add(url, "nonce", slice_of(flow->nonce));
	add(url, "code_challenge", slice_of(challenge));
	add(url, "code_challenge_method", SLICE("S256"));
}

/* Another site's link would sign somebody in without his having asked for it, and end the session
 * that he had. */
static bool comes_from_elsewhere(const struct http_request *rq)
{
	struct slice site;

	return http_header(rq, "Sec-Fetch-Site", &site) && !slice_is(site, "same-origin") &&
	       !slice_is(site, "none");
}

static void get_begin(struct http_request *rq, void *context)
{
	const struct api *api = context;
	struct oidc *oidc = api->oidc;
	BUFFER_AUTO struct buffer redirect = {0}, url = {0};
	struct oidc_flow flow;
	char cookie[OIDC_COOKIE_SIZE];

	if (!oidc_is_set(oidc)) {
		http_reply_said(rq, "not_found", NULL, SAID_PROBLEM_NO_ISSUER, 0);
	} else if (comes_from_elsewhere(rq)) {
		oidc_to_page(rq, OIDC_WORD_GOOD);
	} else if (!oidc->ready || !oidc_redirect_uri(oidc, &redirect)) {
		oidc_to_page(rq, OIDC_WORD_UNAVAILABLE);
	} else {
		oidc_flow_begin(oidc->flows, oidc_now(), &flow, cookie);
		address_at_issuer(oidc, &flow, buffer_slice(&redirect), &url);
		auth_set_flow_cookie(rq, cookie, OIDC_FLOW_SECONDS);
		http_set_header(rq, "Location", buffer_string(&url));
		http_reply_empty(rq, 303);
	}
}

/* ---- refusing ---- */

/* Why, for who set it up: the browser is told a word alone. */
static void tell(struct oidc *oidc, const char *peer, struct slice why)
{
	int64_t now = clock_monotonic_ms();

	if (oidc->told_ms == 0 || now - oidc->told_ms >= TELL_MS) {
		oidc->told_ms = now;
		oidc->told_count = 0;
	}
	if (oidc->told_count++ >= TELL_MAX)
		return;
	log_info("a sign-in by %.*s from %s was refused: %.*s", SLICE_ARGS(oidc_issuer_host(oidc)),
	    peer, SLICE_ARGS(why));
}

static void refuse(struct oidc_return *r, enum oidc_word word, struct slice why)
{
	struct api *api = r->oidc->api;

	tell(r->oidc, r->peer, why);
	strangers_sign_in_failed(
	    api->strangers, slice_of(r->in.name), r->peer, clock_monotonic_ms());
	if (r->rq != NULL)
		oidc_to_page(r->rq, word);
	oidc_return_end(r, false);
}

/* ---- letting in ---- */

/* The name is what the issuer lets people call themselves; the subject is who it is for ever. The
 * router records the answer; of who has gone meanwhile there is none. */
static void record(const struct oidc_return *r, struct http_request *rq)
{
	const struct access_grant *grant = &r->in.grant;
	char detail[600];

	snprintf(detail, sizeof(detail), "by %.*s as %s, subject %.100s, scope %.300s",
	    SLICE_ARGS(oidc_issuer_host(r->oidc)), access_role_name(grant->role), r->person.subject,
	    grant->scoped ? grant->scope : "none");
	if (rq != NULL)
		http_set_audit_text(rq, "%s", detail);
	else
		audit_record(r->oidc->api->audit, &(struct audit_entry){.action = AUDIT_SIGN_IN,
						      .who = slice_of(r->in.name),
						      .from = http_audit_address(r->peer),
						      .outcome = SLICE("left"),
						      .text = slice_of(detail)});
}

static void session_opened(
    void *context, struct http_request *rq, enum db_result result, const struct error *err)
{
	struct oidc_return *r = context;

	if (result != DB_OK) {
		log_error("a sign-in by %.*s could not be written down: %s",
		    SLICE_ARGS(oidc_issuer_host(r->oidc)), err->text);
	} else {
		login_limits_give_back(auth_limits(r->oidc->api->auth), &r->attempt);
		record(r, rq);
	}
	if (rq != NULL)
		oidc_to_page(rq, result == DB_OK ? OIDC_WORD_GOOD : OIDC_WORD_STORE);
	oidc_return_end(r, result == DB_OK);
}

/* What his groups make of him, by the map that a proxy's word goes by as well (access.group). */
static bool take_groups(struct oidc_return *r, struct slice names)
{
	struct groups *map = sign_on_groups_read(r->oidc->api->config);
	struct slice *list = memory_zero(IDENTITY_GROUPS_COUNT_MAX, sizeof(*list));
	size_t count = 0;
	bool known;

	while (names.len > 0 && count < IDENTITY_GROUPS_COUNT_MAX &&
	       slice_split(&names, '\0', &list[count]))
		count++;
	known = groups_map(map, list, count, &r->in.grant);
	groups_destroy(&map);
	free(list);
	return known;
}

/* For what outlives this sign-in and follows the configuration. */
static void make_person(struct oidc_return *r, const struct identity_signed_in *who)
{
	r->person = (struct person){.way = PERSON_BY_ISSUER,
	    .origin = memory_strdup(r->issuer),
	    .subject = memory_strndup(who->subject.data, who->subject.len),
	    .groups = memory_zero(1, who->groups.len + 1),
	    .groups_len = who->groups.len,
	    .seen = clock_now()};
	if (who->groups.len > 0)
		memcpy(r->person.groups, who->groups.data, who->groups.len);
	memcpy(r->person.name, r->in.name, sizeof(r->person.name));
	r->in.person = &r->person;
}

/* The configuration may be a moment ahead of what is known of the issuer. */
static bool is_still_set(const struct oidc *oidc, const char *issuer)
{
	return strcmp(issuer, oidc_key(oidc, "access.oidc_issuer")) == 0;
}

static void let_in(struct oidc_return *r, const struct identity_signed_in *who)
{
	struct error err;

	if (!person_name(who->name, r->in.name, &err)) {
		r->in.name[0] = '\0';
		refuse(r, OIDC_WORD_NAME, slice_of(err.text));
		return;
	}
	make_person(r, who);
	if (credentials_is_locked(auth_credentials(r->oidc->api->auth), slice_of(r->in.name))) {
		refuse(r, OIDC_WORD_LOCKED, SLICE("the account of that name is locked"));
	} else if (!take_groups(r, who->groups)) {
		/* What he has here from before is over as well. */
		(void)auth_person_seen(r->oidc->api->auth, &r->person);
		refuse(r, OIDC_WORD_NO_ROLE, SLICE("none of his groups is in access.group"));
	} else {
		r->in.how = ACCOUNTS_BY_OIDC;
		accounts_open_session(r->oidc->api, r->rq, &r->in, session_opened, r);
	}
}

static void on_signed_in(void *context, const struct identity_signed_in *who)
{
	struct oidc_return *r = context;

	r->question = 0;
	if (who == NULL || who->result == IDENTITY_UNAVAILABLE) {
		oidc_not_ready(
		    r->oidc, who != NULL ? who->text
					 : SLICE("the process that asks the issuer is not there"));
		/* Not his fault, so it does not count. */
		login_limits_give_back(auth_limits(r->oidc->api->auth), &r->attempt);
		oidc_look_now(r->oidc);
		refuse(r, OIDC_WORD_UNAVAILABLE, slice_of(r->oidc->trouble));
	} else if (who->result != IDENTITY_DONE) {
		refuse(r, OIDC_WORD_REFUSED, who->text);
	} else if (!is_still_set(r->oidc, r->issuer)) {
		/* His number there may be another one's here. */
		refuse(r, OIDC_WORD_UNAVAILABLE, SLICE("another issuer was set meanwhile"));
	} else if (r->rq == NULL) {
		/* No session that nobody would hold. */
		refuse(r, OIDC_WORD_GOOD, SLICE("the browser has gone"));
	} else {
		let_in(r, who);
	}
}

/* ---- asking ---- */

/* Read for each sign-in, so that a new one needs no restart. */
static bool read_secret(const struct oidc *oidc, struct buffer *secret, struct error *err)
{
	const char *path = oidc_key(oidc, "access.oidc_client_secret_file");
	struct slice text;

	if (path[0] == '\0')
		return true; /* a public client: PKCE alone */
	if (!fd_read_file(path, IDENTITY_SECRET_MAX, secret, err))
		return false;
	text = slice_trim(buffer_slice(secret));
	/* An empty one would be sent as none. */
	if (text.len == 0)
		return error_set(err, "bad_config", "%s is empty", path);
	buffer_consume(secret, (size_t)(text.data - secret->data));
	secret->len = text.len;
	return true;
}

static void ask(struct oidc_return *r, struct slice code)
{
	struct oidc *oidc = r->oidc;
	BUFFER_AUTO struct buffer secret = {0}, redirect = {0};
	struct error err;

	if (!read_secret(oidc, &secret, &err)) {
		log_error("access.oidc_client_secret_file: %s", err.text);
		refuse(r, OIDC_WORD_UNAVAILABLE, slice_of(err.text));
		return;
	}
	(void)oidc_redirect_uri(oidc, &redirect);
	r->issuer = memory_strdup(oidc->issuer);
	r->question = identity_ask_sign_in(oidc->api->identity,
	    &(struct identity_sign_in){.issuer = slice_of(oidc->issuer),
		.client_id = slice_of(oidc_key(oidc, "access.oidc_client_id")),
		.client_secret = buffer_slice(&secret),
		.redirect_uri = buffer_slice(&redirect),
		.code = code,
		.verifier = slice_of(r->flow.verifier),
		.nonce = slice_of(r->flow.nonce),
		.name_claim = slice_of(oidc_key(oidc, "access.oidc_name_claim")),
		.groups_claim = slice_of(oidc_key(oidc, "access.oidc_roles_claim"))},
	    clock_monotonic_ms(), on_signed_in, r);
}

/* ---- the way back ---- */

/* Whether the answer is of the issuer that was asked (RFC 9207): one that says so always must have
 * said so, else another's answer could be mixed in. */
static bool is_of_issuer(const struct oidc *oidc, const struct http_request *rq)
{
	struct slice issuer;

	if (http_query(rq, "iss", &issuer))
		return slice_is(issuer, oidc->issuer);
	return !oidc->names_itself;
}

static enum oidc_word word_of_error(const struct http_request *rq, struct slice *why)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz_";
	struct slice error;

	/* "access_denied": somebody has pressed no. All others are of the set-up, or of the issuer.
	 */
	if (!http_query(rq, "error", &error))
		return OIDC_WORD_GOOD;
	*why = SLICE("the issuer sent an error");
	/* It goes into the log: a word of the standard's, and no sentence of whoever made the link.
	 */
	if (error.len > 0 && error.len <= 40) {
		size_t i = 0;

		while (i < error.len && strchr(plain, error.data[i]) != NULL)
			i++;
		if (i == error.len)
			*why = error;
	}
	return slice_is(error, "access_denied") ? OIDC_WORD_DENIED : OIDC_WORD_REFUSED;
}

static bool is_code(struct slice code)
{
	for (size_t i = 0; i < code.len; i++)
		if (code.data[i] < ' ' || code.data[i] >= 0x7f)
			return false;
	return code.len > 0 && code.len <= IDENTITY_CODE_MAX;
}

/* Everything that can be said without asking the issuer. */
static enum oidc_word judge(
    struct oidc *oidc, const struct http_request *rq, struct slice *code, struct slice *why)
{
	enum oidc_word word;

	*why = SLICE("");
	/* Nor may the secret for one issuer go to another. */
	if (oidc->issuer == NULL || !oidc->ready || !is_still_set(oidc, oidc->issuer))
		return OIDC_WORD_UNAVAILABLE;
	if (!is_of_issuer(oidc, rq)) {
		*why = SLICE("the answer is not of the issuer that was asked");
		return OIDC_WORD_REFUSED;
	}
	word = word_of_error(rq, why);
	if (word == OIDC_WORD_GOOD && (!http_query(rq, "code", code) || !is_code(*code)))
		return OIDC_WORD_REFUSED;
	return word;
}

static void get_callback(struct http_request *rq, void *context)
{
	const struct api *api = context;
	struct oidc *oidc = api->oidc;
	struct slice cookie = SLICE(""), state = SLICE(""), code = SLICE(""), why;
	struct oidc_flow flow;
	struct oidc_return *r;
	enum oidc_flow_taken taken;
	enum oidc_word word;
	int64_t seconds;

	/* A code is good once, and who only looks must not use it up. */
	if (http_head_only(rq)) {
		http_reply_said(rq, "method_not_allowed", NULL, SAID_PROBLEM_NO_METHOD, 0);
		return;
	}
	(void)auth_flow_cookie(rq, &cookie);
	(void)http_query(rq, "state", &state);
	taken = oidc_flow_take(oidc->flows, cookie, state, oidc_now(), &flow);
	if (taken == OIDC_FLOW_NONE) {
		/* Not counted among sign-ins: it proves nothing, and asks nobody anything. */
		oidc_to_page(rq, OIDC_WORD_EXPIRED);
		return;
	}
	auth_set_flow_cookie(rq, "", 0);
	if (taken == OIDC_FLOW_BUSY) {
		oidc_to_page(rq, OIDC_WORD_BUSY);
		return;
	}
	r = oidc_return_create(oidc, &flow, http_peer(rq));
	/* Nobody is named yet, so the address alone counts: with its port it is a name of its own.
	 */
	r->attempt = (struct login_attempt){.name = slice_of(r->peer), .peer = r->peer};
	http_wait(rq, &r->rq);
	word = judge(oidc, rq, &code, &why);
	if (word != OIDC_WORD_GOOD)
		refuse(r, word, why);
	else if (!login_limits_take(
		     auth_limits(api->auth), &r->attempt, clock_monotonic_ms(), &seconds))
		refuse(r, OIDC_WORD_BUSY, SLICE("too many sign-ins that failed from this address"));
	else
		ask(r, code);
}

const struct http_route api_oidc_routes[] = {
    {HTTP_GET, "/api/v1/login/ways", RIGHT_PUBLIC, 0, NULL, get_ways, .within = SCOPE_NO_MAIL},
    {HTTP_GET, "/api/v1/login/oidc", RIGHT_PUBLIC, 0, NULL, get_begin, .within = SCOPE_NO_MAIL},
    {HTTP_GET, "/api/v1/login/oidc/callback", RIGHT_PUBLIC, 0,
	"code state iss error error_description error_uri session_state", get_callback,
	.any_query = true, .within = SCOPE_NO_MAIL, .audit = AUDIT_SIGN_IN},
    {.path = NULL},
};
