/* The route table, and what is done around every handler, in the order that router.h gives. Each
 * step answers and stops, or goes on to the next; a handler is reached by nothing else. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "http/request_state.h"
#include "http/router.h"

/* The tables of api/ and the page: a dozen. */
#define TABLES_MAX 24

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
	void *audit_context;
	char *public_host; /* "" for none */
	bool public_https;
	char *proxy; /* "" for none */
};

static void reply_no_route(struct http_request *rq, void *context)
{
	(void)context;
	http_reply_problem(rq, "not_found", "There is nothing at this address.");
}

struct http_router *http_router_create(void)
{
	struct http_router *router = memory_zero(1, sizeof(*router));

	router->public_host = memory_strdup("");
	router->proxy = memory_strdup("");
	/* Beneath /api/ an unknown address is answered to those who may come in at all. */
	router->unknown = (struct http_route){
	    HTTP_GET, "", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, reply_no_route, .within = true};
	router->fallback = (struct http_route){HTTP_GET, "", RIGHT_PUBLIC, 0, NULL, reply_no_route};
	return router;
}

void http_router_destroy(struct http_router **router)
{
	if (*router == NULL)
		return;
	free((*router)->public_host);
	free((*router)->proxy);
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

void http_router_set_audit(struct http_router *router, http_audit *audit, void *context)
{
	router->audit = audit;
	router->audit_context = context;
}

/* "host", "host:port", "[v6]:port" without the port and the brackets. */
static struct slice host_name(struct slice host)
{
	ptrdiff_t end;

	if (slice_starts_with(host, "[")) {
		end = slice_find_char(host, ']');
		return end < 0 ? SLICE("") : slice_make(host.data + 1, (size_t)end - 1);
	}
	end = slice_find_char(host, ':');
	return end < 0 ? host : slice_first(host, (size_t)end);
}

void http_router_set_host(struct http_router *router, const char *public_url)
{
	struct slice rest = slice_of(public_url), host;
	ptrdiff_t scheme = slice_find(rest, SLICE("://"));

	router->public_https = slice_starts_with(rest, "https://");
	if (scheme >= 0)
		rest = slice_from(rest, (size_t)scheme + 3);
	slice_split(&rest, '/', &host);
	host = host_name(host);
	free(router->public_host);
	router->public_host = memory_strndup(host.data, host.len);
}

void http_router_set_proxy(struct http_router *router, const char *address)
{
	free(router->proxy);
	router->proxy = memory_strdup(address);
}

/* Behind the trusted proxy, the caller is the last address in X-Forwarded-For: the one that the
 * proxy itself has seen; those before it are anybody's word. */
static void name_forwarded(struct http_request *rq)
{
	struct slice scheme;
	const char *port = strrchr(rq->peer, ':');
	struct slice list, last,
	    address = slice_make(rq->peer, port != NULL ? (size_t)(port - rq->peer) : 0);
	unsigned char binary[16];
	char text[INET6_ADDRSTRLEN];

	/* Anybody can send that header; it counts only from the address of the proxy. */
	if (!slice_is(address, rq->router->proxy))
		return;
	rq->forwarded_https = http_header(rq, "X-Forwarded-Proto", &scheme) &&
			      slice_equal_nocase(scheme, SLICE("https"));
	if (!http_header(rq, "X-Forwarded-For", &list))
		return;
	/* To the last: whoever asks can put any number of addresses before it. */
	while (slice_split(&list, ',', &last))
		continue;
	last = slice_trim(last);
	if (last.len >= sizeof(text))
		return;
	memcpy(text, last.data, last.len);
	text[last.len] = '\0';
	/* It goes into logs and the audit: an address and nothing else. */
	if (inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1)
		snprintf(rq->peer, sizeof(rq->peer), "%s:0", text);
}

static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* A name that an attacker's DNS can point here must not reach the API (DNS rebinding): only the
 * loopback names and the one that the configuration gives. */
static bool host_allowed(const struct http_request *rq)
{
	struct slice host = host_name(rq->head.host);
	char name[301];

	/* No browser comes this way, so no name can be pointed at it. */
	if (rq->is_unix)
		return true;
	if (host.len == 0 || host.len >= sizeof(name))
		return false;
	memcpy(name, host.data, host.len);
	name[host.len] = '\0';
	return is_loopback(name) || slice_equal_nocase(host, slice_of(rq->router->public_host));
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

/* The scheme in the browser's address: our own TLS, what the trusted proxy says, or that of the
 * public URL where the request names its host. */
static bool came_by_https(const struct http_request *rq)
{
	const struct http_router *router = rq->router;

	return rq->is_tls || rq->forwarded_https ||
	       (router->public_https &&
		   slice_equal_nocase(host_name(rq->head.host), slice_of(router->public_host)));
}

/* RFC 6454: whether an Origin header names the scheme and host that the request went to. */
static bool same_origin(const struct http_request *rq, struct slice origin)
{
	struct slice scheme = came_by_https(rq) ? SLICE("https://") : SLICE("http://");

	return slice_equal_nocase(slice_first(origin, scheme.len), scheme) &&
	       slice_equal_nocase(slice_from(origin, scheme.len), rq->head.host);
}

/* A request that changes something and that a browser may have been made to send by another site:
 * everything that comes with a cookie, and the login itself. */
static bool cross_site(const struct http_request *rq)
{
	struct slice site, origin, value;
	bool has_site = http_header(rq, "Sec-Fetch-Site", &site);
	bool has_origin = http_header(rq, "Origin", &origin);

	/* `none` is an address that somebody typed: nobody types a POST. */
	if (has_site && !slice_is(site, "same-origin"))
		return true;
	if (has_origin && !same_origin(rq, origin))
		return true;
	if (rq->caller.via != CALLER_VIA_SESSION)
		return false;
	/* Every browser of today sends at least one of the two; and neither content type nor header
	 * can be sent to another site without a preflight, which is never answered. */
	if (!has_site && !has_origin)
		return true;
	if (http_header(rq, "X-Postroom", &value))
		return false;
	return !http_header(rq, "Content-Type", &value) ||
	       !slice_starts_with(value, "application/json");
}

static bool query_known(struct http_request *rq)
{
	if (rq->route == &rq->router->fallback || rq->route == &rq->router->unknown)
		return true;
	for (size_t i = 0; i < rq->target.query_count; i++) {
		struct slice name = rq->target.query[i].name;
		bool twice = false;
		char detail[200];
		/* Twice would leave open which of them counts. */
		for (size_t k = 0; k < i; k++)
			twice = twice || slice_equal(name, rq->target.query[k].name);
		if (!twice && http_in_list(rq->route->query, name))
			continue;
		snprintf(detail, sizeof(detail),
		    twice ? "The parameter `%.*s` is given twice."
			  : "There is no parameter `%.*s` here; there are: %s.",
		    (int)(name.len < 60 ? name.len : 60), name.data,
		    rq->route->query != NULL ? rq->route->query : "none");
		http_reply_problem_with(rq, "unknown_parameter", detail,
		    json_pack("{so}", "member", json_stringn_nocheck(name.data, name.len)));
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
		http_reply_problem(rq, "too_large", "This request takes no body.");
		return false;
	}
	if (rq->head.framing == GATE_LENGTH && rq->head.length > rq->route->body_max) {
		http_reply_problem(
		    rq, "too_large", "The body may have at most %zu bytes.", rq->route->body_max);
		return false;
	}
	/* A form of another site can send other types without asking, and JSON not. */
	if (!content_type_json(rq)) {
		http_reply_problem(
		    rq, "unsupported_media_type", "The body must be application/json.");
		return false;
	}
	return true;
}

/* An account is one caller, whatever its sessions and tokens are; else each session, token and user
 * of the host is one. */
static uint64_t caller_of(const struct http_request *rq)
{
	const struct caller *i = &rq->caller;

	/* The two lowest bits keep the kinds of callers apart. */
	if (i->user != 0)
		return i->user << 2;
	if (i->via == CALLER_VIA_SOCKET)
		return (uint64_t)rq->socket_peer.uid << 2 | 1;
	return i->id << 2 | (i->via == CALLER_VIA_TOKEN ? 2 : 3);
}

/* Strangers hold only what their connections are (listen.c). */
static bool within_limits(struct http_request *rq)
{
	/* HEAD of the events has its end at once. */
	enum http_hold hold = rq->head_only && rq->route->hold == HTTP_HOLD_EVENTS
				  ? HTTP_HOLD_REQUEST
				  : rq->route->hold;
	char detail[200];

	if (rq->caller.via == CALLER_VIA_NOTHING || rq->transport->hold(rq, caller_of(rq), hold))
		return true;
	snprintf(detail, sizeof(detail),
	    "%s has %u %s under way already, and more would keep others out: end one of them "
	    "first.",
	    rq->caller.name, http_hold_max(hold), http_hold_name(hold));
	http_reply_problem_with(
	    rq, "too_many_requests", detail, json_pack("{si}", "retry_after", 1));
	return false;
}

/* Everything behind the question who calls. */
static void check_rest(struct http_request *rq)
{
	if (!access_role_has(rq->caller.role, rq->route->right)) {
		http_reply_problem(rq, "forbidden", "This needs the right `%s`; %s is %s.",
		    access_right_name(rq->route->right), rq->caller.name,
		    access_role_name(rq->caller.role));
		return;
	}
	/* A handler that nobody has thought of says nothing to those who may know a part. */
	if (rq->caller.scope != NULL && !rq->route->within) {
		http_reply_problem(rq, "forbidden",
		    "This is about all of the queue, of which %s sees a part.", rq->caller.name);
		return;
	}
	if (rq->method != HTTP_GET && cross_site(rq)) {
		http_reply_problem(rq, "csrf_refused",
		    "A request that changes something must come from this page itself and carry "
		    "JSON or `X-Postroom: 1`.");
		return;
	}
	if (within_limits(rq) && query_known(rq) && body_acceptable(rq))
		rq->transport->proceed(rq);
}

void http_authenticated(struct http_request *rq, const struct caller *caller)
{
	bool known; /* every role may at least see */

	/* It was the authentication's: there is nothing of it to stop any more. */
	rq->gone = NULL;
	/* Known, and with at least the right to see. */
	known = caller != NULL && access_role_has(caller->role, RIGHT_VIEWER);
	rq->transport->known(rq, known);
	if (!known) {
		http_set_header(rq, "WWW-Authenticate", "Bearer realm=\"postroom\"");
		http_reply_problem(rq, "not_authenticated", "Sign in first, or send a token.");
		return;
	}
	rq->caller = *caller;
	check_rest(rq);
}

/* Whether the audit is told of it: what may change something. */
static bool changes(const struct http_request *rq)
{
	return rq->method != HTTP_GET && !rq->route->asks;
}

/* An answer is about to be sent: the audit hears of it where it is of interest. */
static void answered(struct http_request *rq, unsigned status)
{
	bool stranger = rq->caller.via == CALLER_VIA_NOTHING;

	rq->status = status;
	if (rq->router->audit != NULL && (stranger ? status >= 400 : changes(rq)))
		rq->router->audit(rq->router->audit_context, rq, status);
}

void router_begin(struct http_router *router, struct http_request *rq)
{
	BUFFER_AUTO struct buffer allow = {0};
	const char *why;

	rq->router = router;
	/* Before the first thing that can answer, so that no refusal escapes the audit. */
	rq->answered = answered;
	/* Until it is known, so that whoever looks at the route finds one. */
	rq->route = &router->unknown;
	name_forwarded(rq);
	rq->secure = router->public_https || rq->is_tls || rq->forwarded_https;
	if (!host_allowed(rq)) {
		http_reply_problem(rq, "unknown_host",
		    "This server does not answer for that host name; http.public_url names the one "
		    "it answers for.");
		return;
	}
	/* After the host: who speaks to another host learns nothing of what there is. */
	if (!target_split(rq->head.target, &rq->target, &why)) {
		http_reply_problem(rq, "bad_request", "%s", why);
		return;
	}
	if (!parse_method(rq)) {
		http_reply_problem(rq, "method_not_allowed", "There is no such method here.");
		return;
	}
	rq->route = find_route(rq, &allow);
	if (rq->route == NULL) {
		rq->route = &router->unknown;
		http_set_header(rq, "Allow", buffer_string(&allow));
		http_reply_problem(
		    rq, "method_not_allowed", "This address knows: %s.", buffer_string(&allow));
		return;
	}
	if (rq->route->right == RIGHT_PUBLIC)
		check_rest(rq);
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
	if (rq->stage == HTTP_STAGE_HANDLING && rq->caller.via != CALLER_VIA_NOTHING &&
	    rq->router->audit != NULL && changes(rq))
		rq->router->audit(rq->router->audit_context, rq, 0);
}
