/* The route table, and what is done around every handler, in the order that router.h gives. Each
 * step answers and stops, or goes on to the next; a handler is reached by nothing else. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/origin.h"
#include "http/request_state.h"
#include "http/router.h"

/* The tables of api/ and the page: some three dozen. */
#define TABLES_MAX 48

struct http_router {
	struct {
		const struct http_route *routes;
		void *context;
	} tables[TABLES_MAX];
	size_t table_count;
	struct http_route fallback, unknown;
	void *fallback_context;
	http_authenticate *authenticate;
	void *authenticate_context;
	http_audit *audit;
	http_audit_takes *audit_takes;
	void *audit_context;
	http_observe *observe;
	void *observe_context;
	bool open, any_host; /* http_router_open */
	int64_t content_per_hour;
	struct hash_key key; /* of names: nobody can choose one that is another's number */
	char *base;	     /* "" for the root */
	struct origin_rules origin;
};

static void reply_no_route(struct http_request *rq, void *context)
{
	(void)context;
	http_reply_said(rq, "not_found", NULL, SAID_PROBLEM_NOTHING_HERE, 0);
}

struct http_router *http_router_create(void)
{
	struct http_router *router = memory_zero(1, sizeof(*router));

	router->key = hash_key_random();
	router->base = memory_strdup("");
	origin_init(&router->origin);
	/* Beneath /api/ an unknown address is answered to those who may come in at all. */
	router->unknown = (struct http_route){HTTP_GET, "", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL,
	    reply_no_route, .within = SCOPE_NO_MAIL};
	router->fallback = (struct http_route){HTTP_GET, "", RIGHT_PUBLIC, 0, NULL, reply_no_route};
	return router;
}

void http_router_destroy(struct http_router **router)
{
	if (*router == NULL)
		return;
	free((*router)->base);
	origin_free(&(*router)->origin);
	free(*router);
	*router = NULL;
}

void http_router_add(struct http_router *router, const struct http_route *routes, void *context)
{
	/* A mistake of ours, which the first start shows. */
	if (router->table_count == TABLES_MAX)
		abort();
	router->tables[router->table_count].routes = routes;
	router->tables[router->table_count++].context = context;
}

void http_router_set_fallback(struct http_router *router, http_handler *handler, void *context)
{
	router->fallback.handler = handler;
	router->fallback_context = context;
}

void http_router_set_authenticate(
    struct http_router *router, http_authenticate *authenticate, void *context)
{
	router->authenticate = authenticate;
	router->authenticate_context = context;
}

void http_router_set_audit(
    struct http_router *router, http_audit *audit, http_audit_takes *takes, void *context)
{
	router->audit = audit;
	router->audit_takes = takes;
	router->audit_context = context;
}

void http_router_open(struct http_router *router, bool any_host)
{
	router->open = true;
	router->any_host = any_host;
	router->unknown.right = router->fallback.right;
}

void http_router_set_observer(struct http_router *router, http_observe *observe, void *context)
{
	router->observe = observe;
	router->observe_context = context;
}

void http_router_set_host(struct http_router *router, const char *public_url)
{
	origin_set_host(&router->origin, public_url);
}

void http_router_set_proxies(struct http_router *router, const char *list)
{
	origin_set_proxies(&router->origin, list);
}

bool http_router_is_proxy(const struct http_router *router, uint32_t uid)
{
	return origin_is_proxy(&router->origin, uid);
}

void http_router_set_user_header(struct http_router *router, const char *name)
{
	origin_set_user_header(&router->origin, name);
}

bool http_named_person(const struct http_request *rq, struct slice *name)
{
	return origin_named_person(&rq->router->origin, rq, name);
}

void http_router_set_base(struct http_router *router, const char *base_path)
{
	free(router->base);
	router->base = memory_strdup(base_path);
}

void http_router_set_content_per_hour(struct http_router *router, int64_t bytes)
{
	router->content_per_hour = bytes;
}

static bool parse_method(struct http_request *rq)
{
	static const char *const names[] = {"GET", "POST", "PUT", "DELETE"};

	rq->head_only = slice_is(rq->head.method, "HEAD");
	if (rq->head_only)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(rq->head.method, names[i])) {
			rq->method = (enum http_method)i;
			return true;
		}
	return false;
}

/* Finds the route. A path that only other methods know leaves `allow` with their names. */
static const struct http_route *find_route(struct http_request *rq, struct buffer *allow)
{
	/* HEAD goes wherever GET does. */
	static const char *const names[] = {"GET, HEAD", "POST", "PUT", "DELETE"};
	struct http_router *router = rq->router;

	for (size_t t = 0; t < router->table_count; t++)
		for (const struct http_route *r = router->tables[t].routes; r->path != NULL; r++) {
			if (!target_match(&rq->target, r->path, rq->params, HTTP_PARAMS_MAX,
				&rq->param_count))
				continue;
			/* The right is a column of the table: no handler decides who may call it.
			 */
			if (r->method == rq->method) {
				rq->context = router->tables[t].context;
				return r;
			}
			buffer_printf(allow, "%s%s", allow->len > 0 ? ", " : "", names[r->method]);
		}
	if (allow->len > 0)
		return NULL;
	/* Answered with a problem, and never with the page: a script would take that for an answer.
	 */
	if (slice_starts_with(rq->target.path, "/api/"))
		return &router->unknown;
	rq->context = router->fallback_context;
	if (rq->method != HTTP_GET)
		buffer_append_string(allow, names[HTTP_GET]);
	return rq->method == HTTP_GET ? &router->fallback : NULL;
}

static bool query_known(struct http_request *rq)
{
	if (rq->route == &rq->router->fallback || rq->route == &rq->router->unknown)
		return true;
	for (size_t i = 0; i < rq->target.query_count; i++) {
		struct slice name = rq->target.query[i].name;
		bool twice = false;
		/* Twice would leave open which of them counts. */
		for (size_t k = 0; k < i; k++)
			twice = twice || slice_equal(name, rq->target.query[k].name);
		if (!twice && (rq->route->any_query || http_in_list(rq->route->query, name)))
			continue;
		http_reply_said(rq, "unknown_parameter",
		    json_pack("{so}", "member", json_stringn_nocheck(name.data, name.len)),
		    twice ? SAID_PROBLEM_PARAMETER_TWICE : SAID_PROBLEM_UNKNOWN_PARAMETER, 2,
		    said_text("name", slice_first(name, 60)),
		    said_text("names", http_names_in(rq->route->query)));
		return false;
	}
	return true;
}

static bool content_type_json(const struct http_request *rq)
{
	struct slice value, type;

	if (!http_header(rq, "Content-Type", &value))
		return false;
	slice_split(&value, ';', &type);
	return slice_equal_nocase(slice_trim(type), SLICE("application/json"));
}

size_t router_body_max(const struct http_request *rq)
{
	return rq->route->body_max;
}

static bool body_acceptable(struct http_request *rq)
{
	if (rq->head.framing == GATE_NO_BODY)
		return true;
	if (rq->route->body_max == 0) {
		http_reply_said(rq, "too_large", NULL, SAID_PROBLEM_NO_BODY, 0);
		return false;
	}
	if (rq->head.framing == GATE_LENGTH && rq->head.length > rq->route->body_max) {
		http_reply_said(rq, "too_large", NULL, SAID_PROBLEM_BODY_LARGE, 1,
		    said_number("most", (int64_t)rq->route->body_max));
		return false;
	}
	/* A form of another site can send other types without asking, and JSON not. */
	if (!content_type_json(rq)) {
		http_reply_said(rq, "unsupported_media_type", NULL, SAID_PROBLEM_NOT_JSON, 0);
		return false;
	}
	return true;
}

uint64_t http_person_number(const struct http_request *rq)
{
	const struct caller *i = &rq->caller;

	/* The two lowest bits keep the kinds of callers apart. */
	if (i->user != 0)
		return i->user << 2;
	if (i->via == VIA_SOCKET)
		return (uint64_t)rq->socket_peer.uid << 2 | 1;
	/* Who signs in elsewhere, and has no account here, is his name, and so is what is his. */
	if (i->owner[0] != '\0')
		return hash_bytes(&rq->router->key, slice_of(i->owner)) | 3;
	if (i->via == VIA_TOKEN)
		return i->id << 2 | 2;
	return hash_bytes(&rq->router->key, slice_of(i->name)) | 3;
}

/* Root reads the queue's files without us. */
static bool is_root(const struct http_request *rq)
{
	return rq->caller.via == VIA_SOCKET && rq->socket_peer.uid == 0;
}

/* Strangers hold only what their connections are (listen.c). */
static bool within_limits(struct http_request *rq)
{
	struct holder_claim claim = {.person = http_person_number(rq),
	    .name = rq->caller.name,
	    .via = caller_via_name(rq->caller.via),
	    /* HEAD of the events has its end at once. */
	    .hold = rq->head_only && rq->route->hold == HTTP_HOLD_EVENTS ? HTTP_HOLD_REQUEST
									 : rq->route->hold,
	    .is_content = rq->route->right == RIGHT_CONTENT,
	    .content_per_hour = is_root(rq) ? 0 : rq->router->content_per_hour};
	int64_t seconds = 1;

	if (rq->caller.via == VIA_NOTHING)
		return true;
	switch (rq->transport->hold(rq, &claim, &seconds)) {
	case HOLDERS_TAKEN:
		return true;
	case HOLDERS_TOO_MANY:
		http_reply_said(rq, "too_many_requests", json_pack("{si}", "retry_after", 1),
		    http_hold_says(claim.hold), 2, said_text("who", slice_of(rq->caller.name)),
		    said_number("count", http_hold_max(claim.hold)));
		return false;
	case HOLDERS_CONTENT_USED_UP:
		http_reply_said(rq, "too_many_requests",
		    json_pack("{sI}", "retry_after", (json_int_t)seconds),
		    SAID_PROBLEM_CONTENT_HOUR, 3, said_text("who", slice_of(rq->caller.name)),
		    said_number("count", claim.content_per_hour >> 20),
		    said_number("seconds", seconds));
		return false;
	}
	return false;
}

/* Why somebody lacks a right, and who could help: that depends on where his rights come from. */
static enum said_code why_lacking(const struct caller *caller, enum access_right right)
{
	bool scope = caller->scope != NULL && access_scope_takes(caller->role, right);

	if (caller->via == VIA_PROXY || caller->by_issuer)
		return scope ? SAID_PROBLEM_RIGHT_SCOPE_GROUPS : SAID_PROBLEM_RIGHT_GROUPS;
	if (caller->via == VIA_TOKEN)
		return scope ? SAID_PROBLEM_RIGHT_SCOPE_TOKEN : SAID_PROBLEM_RIGHT_TOKEN;
	if (caller->via == VIA_SOCKET)
		return SAID_PROBLEM_RIGHT_HOST;
	return scope ? SAID_PROBLEM_RIGHT_SCOPE : SAID_PROBLEM_RIGHT;
}

static void reply_forbidden(struct http_request *rq, enum access_right right)
{
	http_reply_said(rq, "forbidden", NULL, why_lacking(&rq->caller, right), 3,
	    said_text("right", slice_of(access_right_name(right))),
	    said_text("who", slice_of(rq->caller.name)),
	    said_text("role", slice_of(access_role_name(rq->caller.role))));
}

bool http_beyond(const struct http_request *rq)
{
	return caller_may(&rq->caller, rq->route->beyond);
}

bool http_need_beyond(struct http_request *rq)
{
	if (http_beyond(rq))
		return true;
	reply_forbidden(rq, rq->route->beyond);
	return false;
}

/* Nothing is done whose record cannot be kept. */
static bool record_kept(struct http_request *rq)
{
	const struct http_router *router = rq->router;
	struct error err;

	if (rq->route->audit == AUDIT_NOTHING || router->audit_takes == NULL ||
	    router->audit_takes(router->audit_context, rq->route->audit, &err))
		return true;
	http_reply_error(rq, &err);
	return false;
}

/* Everything behind the question who calls. */
static void check_rest(struct http_request *rq)
{
	if (!rq->router->open && !caller_may(&rq->caller, rq->route->right)) {
		reply_forbidden(rq, rq->route->right);
		return;
	}
	if (rq->caller.must_otp && !rq->route->unfinished) {
		http_reply_said(rq, "otp_setup_needed", NULL, SAID_PROBLEM_OTP_SETUP_NEEDED, 1,
		    said_text("who", slice_of(rq->caller.name)));
		return;
	}
	/* A handler that nobody has thought of says nothing to those who may know a part. */
	if (rq->caller.scope != NULL && rq->route->within == SCOPE_REFUSED) {
		http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_OF_ALL, 1,
		    said_text("who", slice_of(rq->caller.name)));
		return;
	}
	if (rq->method != HTTP_GET && origin_is_another_site(&rq->router->origin, rq)) {
		http_reply_said(rq, "csrf_refused", NULL, SAID_PROBLEM_CSRF, 0);
		return;
	}
	if (within_limits(rq) && query_known(rq) && body_acceptable(rq) && record_kept(rq))
		rq->transport->proceed(rq);
}

void http_authenticated(struct http_request *rq, const struct caller *caller)
{
	bool known;

	/* It was the authentication's: there is nothing of it to stop any more. */
	rq->gone = NULL;
	/* Known, and with at least the right to see. */
	known = caller != NULL && caller_may(caller, RIGHT_VIEWER);
	rq->transport->known(rq, known);
	if (!known) {
		http_set_header(rq, "WWW-Authenticate", "Bearer realm=\"postroom\"");
		http_reply_said(rq, "not_authenticated", NULL, SAID_PROBLEM_SIGN_IN, 0);
		return;
	}
	http_set_caller(rq, caller);
	check_rest(rq);
}

/* Whether the audit is told of it, by the router. */
static bool is_recorded(const struct http_request *rq)
{
	return rq->route->audit != AUDIT_NOTHING && !rq->record_kept;
}

/* An answer is about to be sent: the audit hears of it where it is of interest. */
static void answered(struct http_request *rq, unsigned status)
{
	bool stranger = rq->caller.via == VIA_NOTHING;

	rq->status = status;
	if (rq->router->observe != NULL)
		rq->router->observe(rq->router->observe_context,
		    rq->route == &rq->router->unknown ? "other" : rq->route->path,
		    (double)(clock_boot_us() - rq->begun_us) / 1e6);
	if (rq->router->audit != NULL && (stranger ? status >= 400 : is_recorded(rq)))
		rq->router->audit(rq->router->audit_context, rq, status);
}

/* Takes the base path off the front of a request's target. False when it has answered: for another
 * path, and for the base path without its slash, from which the page's relative links would lead
 * astray. */
static bool take_base(struct http_request *rq, struct slice *target)
{
	BUFFER_AUTO struct buffer to = {0};

	*target = rq->head.target;
	if (rq->base[0] == '\0')
		return true;
	if (slice_starts_with(*target, rq->base)) {
		*target = slice_from(*target, strlen(rq->base));
		if (slice_starts_with(*target, "/"))
			return true;
		if ((target->len == 0 || target->data[0] == '?') &&
		    (slice_is(rq->head.method, "GET") || slice_is(rq->head.method, "HEAD"))) {
			buffer_printf(&to, "%s/%.*s", rq->base, SLICE_ARGS(*target));
			http_set_header(rq, "Location", buffer_string(&to));
			http_reply_empty(rq, 302);
			return false;
		}
	}
	http_reply_said(
	    rq, "not_found", NULL, SAID_PROBLEM_BENEATH, 1, said_text("base", slice_of(rq->base)));
	return false;
}

/* Whether who sends it may say what it says of others. False when it has answered. */
static bool from_where_it_may(struct http_request *rq)
{
	struct slice name;

	if (rq->by_proxy)
		return true;
	if (rq->is_unix && origin_passes_on(rq)) {
		http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_PROXY_SOCKET, 1,
		    said_number("user", rq->socket_peer.uid));
		return false;
	}
	if (!http_named_person(rq, &name))
		return true;
	http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_PROXY_ELSEWHERE, 2,
	    said_text("header", slice_of(rq->router->origin.user_header)),
	    said_text("from", slice_of(rq->peer)));
	return false;
}

void router_begin(struct http_router *router, struct http_request *rq)
{
	BUFFER_AUTO struct buffer allow = {0};
	struct slice target;
	const char *why;

	rq->router = router;
	rq->begun_us = clock_boot_us();
	/* Before the first thing that can answer, so that no refusal escapes the audit. */
	rq->answered = answered;
	/* Until it is known, so that whoever looks at the route finds one. */
	rq->route = &router->unknown;
	rq->by_proxy = origin_comes_from_proxy(&router->origin, rq);
	snprintf(
	    rq->base, sizeof(rq->base), "%s", rq->is_unix && !rq->by_proxy ? "" : router->base);
	origin_name_forwarded(rq);
	rq->secure = router->origin.public_https || rq->is_tls || rq->forwarded_https;
	if (!router->any_host && !origin_host_allowed(&router->origin, rq)) {
		http_reply_said(rq, "unknown_host", NULL, SAID_PROBLEM_HOST_NAME, 0);
		return;
	}
	if (!from_where_it_may(rq))
		return;
	/* After the host: who speaks to another host learns nothing of what there is. */
	if (!take_base(rq, &target))
		return;
	if (!target_split(target, &rq->target, &why)) {
		http_reply_malformed(rq, why);
		return;
	}
	if (!parse_method(rq)) {
		http_reply_said(rq, "method_not_allowed", NULL, SAID_PROBLEM_NO_METHOD, 0);
		return;
	}
	rq->route = find_route(rq, &allow);
	if (rq->route == NULL) {
		rq->route = &router->unknown;
		http_set_header(rq, "Allow", buffer_string(&allow));
		http_reply_said(rq, "method_not_allowed", NULL, SAID_PROBLEM_METHODS, 1,
		    said_text("methods", buffer_slice(&allow)));
		return;
	}
	if (rq->route->right == RIGHT_PUBLIC || router->open)
		check_rest(rq);
	else if (rq->is_unix && !rq->by_proxy && !origin_means_it(rq))
		http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_SOCKET_MARK, 1,
		    said_number("user", rq->socket_peer.uid));
	else if (router->authenticate != NULL)
		router->authenticate(router->authenticate_context, rq);
	else
		http_authenticated(rq, NULL);
}

void router_handle(struct http_request *rq)
{
	rq->route->handler(rq, rq->context);
}

void router_gone(struct http_request *rq)
{
	if (rq->stage == HTTP_STAGE_HANDLING && rq->caller.via != VIA_NOTHING &&
	    rq->router->audit != NULL && is_recorded(rq))
		rq->router->audit(rq->router->audit_context, rq, 0);
}
