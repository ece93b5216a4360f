/* What is known of the issuer: where it is, and whether it answers. */
#include "api/oidc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/oidc_state.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/url.h"
#include "exchange/identity.h"

/* Between two questions where the issuer is, while it answers and while it does not. In the second
 * row, while somebody looks at the sign-in page, which strangers can as well. */
static const struct {
	int64_t ready_ms, down_ms;
} by_itself = {60000, 10000}, wanted = {5000, 2000};

/* ---- what is set ---- */

int64_t oidc_now(void)
{
	return clock_monotonic_ms() / 1000 + 1;
}

const char *oidc_key(const struct oidc *oidc, const char *key)
{
	return role_config_get(oidc->api->config, key);
}

bool oidc_is_set(const struct oidc *oidc)
{
	return oidc_key(oidc, "access.oidc_issuer")[0] != '\0';
}

/* With the path beneath which everything is; without a slash at its end. */
static struct slice public_url(const struct oidc *oidc)
{
	struct slice url = slice_of(oidc_key(oidc, "http.public_url"));

	return slice_ends_with(url, "/") ? slice_first(url, url.len - 1) : url;
}

bool oidc_redirect_uri(const struct oidc *oidc, struct buffer *uri)
{
	buffer_append_slice(uri, public_url(oidc));
	buffer_append_string(uri, "/api/v1/login/oidc/callback");
	return public_url(oidc).len > 0;
}

struct slice oidc_issuer_host(const struct oidc *oidc)
{
	struct url url;

	(void)url_split(slice_of(oidc_key(oidc, "access.oidc_issuer")), &url);
	return url.authority;
}

/* ---- where the issuer is ---- */

struct oidc *oidc_create(struct api *api)
{
	struct oidc *oidc = memory_zero(1, sizeof(*oidc));

	oidc->api = api;
	oidc->flows = oidc_flows_create();
	return oidc;
}

static void forget(struct oidc *oidc)
{
	identity_give_up(oidc->api->identity, oidc->question);
	oidc->question = 0;
	oidc->asked_ms = 0;
	oidc->ready = false;
	oidc->trouble[0] = '\0';
	free(oidc->issuer);
	free(oidc->authorization);
	free(oidc->end_session);
	oidc->issuer = oidc->authorization = oidc->end_session = NULL;
}

void oidc_destroy(struct oidc **pointer)
{
	struct oidc *oidc = *pointer;

	if (oidc == NULL)
		return;
	while (oidc->first != NULL) {
		identity_give_up(oidc->api->identity, oidc->first->question);
		oidc_return_end(oidc->first, false);
	}
	forget(oidc);
	oidc_flows_destroy(&oidc->flows);
	free(oidc);
	*pointer = NULL;
}

/* ---- browsers that are back ---- */

struct oidc_return *oidc_return_create(
    struct oidc *oidc, const struct oidc_flow *flow, const char *peer)
{
	struct oidc_return *r = memory_zero(1, sizeof(*r));

	r->oidc = oidc;
	r->flow = *flow;
	snprintf(r->peer, sizeof(r->peer), "%s", peer);
	r->next = oidc->first;
	oidc->first = r;
	return r;
}

void oidc_return_end(struct oidc_return *r, bool used)
{
	struct oidc_return **at = &r->oidc->first;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	oidc_flow_end(r->oidc->flows, &r->flow, used);
	person_free(&r->person);
	free(r->issuer);
	free(r);
}

/* ---- whether it answers ---- */

void oidc_not_ready(struct oidc *oidc, struct slice why)
{
	size_t len = why.len < IDENTITY_TEXT_MAX ? why.len : IDENTITY_TEXT_MAX;
	bool news = len != strlen(oidc->trouble) || memcmp(oidc->trouble, why.data, len) != 0;

	oidc->ready = false;
	memcpy(oidc->trouble, why.data, len);
	oidc->trouble[len] = '\0';
	if (news)
		log_warning("nobody signs in by %s: %s", oidc->issuer, oidc->trouble);
}

static void replace(char **text, struct slice with)
{
	free(*text);
	*text = memory_strndup(with.data, with.len);
}

static void on_discovered(void *context, const struct identity_discovered *discovered)
{
	struct oidc *oidc = context;

	oidc->question = 0;
	if (discovered == NULL) {
		oidc_not_ready(oidc, SLICE("the process that asks the issuer is not there"));
		return;
	}
	if (discovered->result != IDENTITY_DONE) {
		oidc_not_ready(oidc, discovered->text);
		return;
	}
	if (oidc->trouble[0] != '\0')
		log_info("%s answers: people can sign in by it", oidc->issuer);
	replace(&oidc->authorization, discovered->authorization_endpoint);
	replace(&oidc->end_session, discovered->end_session_endpoint);
	oidc->names_itself = discovered->names_itself;
	oidc->trouble[0] = '\0';
	oidc->ready = true;
}

static void discover(struct oidc *oidc)
{
	struct error err;

	oidc->asked_ms = clock_monotonic_ms();
	if (!identity_issuer_check(slice_of(oidc->issuer), &err)) {
		oidc_not_ready(oidc, slice_of(err.text));
		return;
	}
	oidc->question = identity_ask_discover(oidc->api->identity,
	    &(struct identity_discover){slice_of(oidc->issuer)}, oidc->asked_ms, on_discovered,
	    oidc);
}

static void look(struct oidc *oidc, int64_t again_ms)
{
	if (oidc->issuer != NULL &&
	    strcmp(oidc->issuer, oidc_key(oidc, "access.oidc_issuer")) != 0) {
		forget(oidc);
		/* A code of the former issuer must not be shown to another (mix-up). */
		oidc_flows_destroy(&oidc->flows);
		oidc->flows = oidc_flows_create();
	}
	if (!oidc_is_set(oidc) || oidc->question != 0)
		return;
	if (oidc->issuer == NULL)
		oidc->issuer = memory_strdup(oidc_key(oidc, "access.oidc_issuer"));
	if (oidc->asked_ms == 0 || clock_monotonic_ms() - oidc->asked_ms >= again_ms)
		discover(oidc);
}

void oidc_tick(struct oidc *oidc)
{
	look(oidc, oidc->ready ? by_itself.ready_ms : by_itself.down_ms);
}

void oidc_look_wanted(struct oidc *oidc)
{
	look(oidc, oidc->ready ? wanted.ready_ms : wanted.down_ms);
}

void oidc_look_now(struct oidc *oidc)
{
	oidc->asked_ms = 0;
	oidc_tick(oidc);
}

const char *oidc_trouble(const struct oidc *oidc)
{
	return oidc_is_set(oidc) && oidc->trouble[0] != '\0' ? oidc->trouble : NULL;
}

/* ---- signing out ---- */

/* Without the ID token as a hint, which would have to be kept as long as the session: the issuer
 * asks the person then (RP-Initiated Logout 1.0, section 2). */
bool oidc_logout_address(const struct oidc *oidc, struct buffer *address)
{
	if (oidc->end_session == NULL || oidc->end_session[0] == '\0')
		return false;
	buffer_printf(address, "%s%cclient_id=", oidc->end_session,
	    strchr(oidc->end_session, '?') != NULL ? '&' : '?');
	buffer_append_percent(address, slice_of(oidc_key(oidc, "access.oidc_client_id")));
	buffer_append_string(address, "&post_logout_redirect_uri=");
	buffer_append_percent(address, public_url(oidc));
	buffer_append_string(address, "%2F");
	return true;
}

/* ---- the page ---- */

void oidc_to_page(struct http_request *rq, enum oidc_word word)
{
	static const char *const words[OIDC_WORDS] = {
	    [OIDC_WORD_DENIED] = "denied",
	    [OIDC_WORD_EXPIRED] = "expired",
	    [OIDC_WORD_UNAVAILABLE] = "unavailable",
	    [OIDC_WORD_REFUSED] = "refused",
	    [OIDC_WORD_NO_ROLE] = "no_role",
	    [OIDC_WORD_NAME] = "name",
	    [OIDC_WORD_LOCKED] = "locked",
	    [OIDC_WORD_BUSY] = "busy",
	    [OIDC_WORD_STORE] = "store",
	};
	BUFFER_AUTO struct buffer where = {0};

	buffer_printf(&where, "%s/", http_base(rq));
	if (words[word] != NULL)
		buffer_printf(&where, "?sign_in=%s", words[word]);
	http_set_header(rq, "Location", buffer_string(&where));
	http_reply_empty(rq, 303);
}
