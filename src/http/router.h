/* The route table and everything that is done once around it: the host check, who calls, the right
 * to call, cross-site requests, the body's size and type, query parameters, security headers, and
 * the audit line. A handler only sees requests that passed all of it.
 *
 * Order: host (421) -> base path (404) -> path and method (405) -> who calls (401) -> right and
 * scope (403) -> cross-site (403) -> what the caller has under way (429) -> query parameters (400)
 * -> body length (413) and type (415) -> whether its record can be kept (503) -> handler. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "audit/action.h"
#include "http/holders.h"
#include "http/request.h"

typedef void http_handler(struct http_request *rq, void *context);

/* How a route keeps to the scope of who asks: x-scope in api/openapi.yaml. The test scope_routes
 * asks each route but those that refuse, and knows by this what to expect. */
enum http_scope {
	SCOPE_REFUSED, /* a table entry that says nothing: whoever has a scope is refused */
	SCOPE_QUERY,   /* each question goes through query/ with the scope */
	SCOPE_OWN,     /* tells of what was made within the same scope, and of nothing else */
	SCOPE_DECIDED, /* each thing by what it shows itself; what cannot be decided is outside */
	SCOPE_EMPTY,   /* of a part of the queue nothing is known: an answer without anything */
	SCOPE_NO_MAIL, /* not about mail, nor about what others do */
};

struct http_route {
	enum http_method method; /* HEAD is answered as GET without the body */
	const char *path;	 /* "/api/v1/messages/{id}"; {name} is one non-empty segment */
	enum access_right right;
	size_t body_max;   /* 0: takes no body */
	const char *query; /* the query parameters it knows, separated by blanks; NULL: none */
	http_handler *handler;
	bool asks; /* a question too long for an address, as POST, or what is only the caller's
		    * own: changes nothing that the audit is told of */
	enum http_hold hold;
	enum access_right beyond; /* whoever has this right, too, is not kept to what is his own
				   * (http_beyond); RIGHT_NOBODY: there is nothing of others' */
	bool any_query;	 /* others send browsers here: parameters that are not in `query` are
			  * passed over */
	bool unfinished; /* answers also who has a one-time password still to set up
			  * (caller.must_otp) */
	enum http_scope within;
	enum audit_action audit; /* the record that each answer makes. What may change something
				  * has one (tools/check) */
};
/* For routes with a JSON body that name no bound of their own (x-body-limit). */
#define HTTP_BODY_DEFAULT 65536
/* For lists of 100,000 queue IDs. */
#define HTTP_BODY_IDS 4194304

struct http_router;

/* `Keep-Alive: postroom`: our command line sends it over the Unix socket. It belongs to one
 * connection, so that a proxy, which takes such a header off, does not pass it on by mistake. */
#define HTTP_SOCKET_MARK "Keep-Alive"
#define HTTP_SOCKET_MARK_WORD "postroom"

struct http_router *http_router_create(void);
void http_router_destroy(struct http_router **router);
/* Adds a table that ends with a route without a path; the table must outlive the router. */
void http_router_add(struct http_router *router, const struct http_route *routes, void *context);
/* What answers GET requests outside /api/ that match no route (the page's files); may be NULL. */
void http_router_set_fallback(struct http_router *router, http_handler *handler, void *context);

/* Says who calls, at once or later: calls http_authenticated exactly once, unless the caller has
 * gone (http_on_gone). Asked once for each request whose route is not public. */
typedef void http_authenticate(void *context, struct http_request *rq);
void http_router_set_authenticate(
    struct http_router *router, http_authenticate *authenticate, void *context);
/* NULL: nobody (401). The request may be answered, and gone, when this returns. */
void http_authenticated(struct http_request *rq, const struct caller *caller);
/* Called with each answer to somebody known by a route with a record, unless the handler keeps it
 * (http_keep_record), and with each refusal of somebody unknown (VIA_NOTHING). `status` is 0
 * where somebody known has gone while the handler was at work: what it began goes on. */
typedef void http_audit(void *context, const struct http_request *rq, unsigned status);
/* Whether a record of this action can be kept now; false with `err`: then the route is refused. */
typedef bool http_audit_takes(void *context, enum audit_action action, struct error *err);
void http_router_set_audit(
    struct http_router *router, http_audit *audit, http_audit_takes *takes, void *context);

/* Answers everybody, and asks nobody who he is: for a listener of its own whose few routes are for
 * all who can reach it. Rights of routes mean nothing there. Without `any_host` it must be called
 * by a loopback name all the same: else a page that somebody's browser shows could read it. */
void http_router_open(struct http_router *router, bool any_host);

/* Called with each answer as it begins: the pattern of its route ("" for the page, "other" for what
 * has none), and the seconds since the request's head was read. */
typedef void http_observe(void *context, const char *route, double seconds);
void http_router_set_observer(struct http_router *router, http_observe *observe, void *context);

/* The host names that are answered besides the loopback ones ("localhost", 127.0.0.0/8, [::1]);
 * `public_url` is http.public_url or "". */
void http_router_set_host(struct http_router *router, const char *public_url);
/* The proxies in front (http.trusted_proxy): what they say in X-Forwarded-For is who calls, and in
 * X-Forwarded-Proto how. A user of the Unix socket among them is nobody by himself: whoever comes
 * through it shows a cookie or a token. Looks up users of this host by name.
 *
 * Any other user of the socket has his rights only where he says that he means them, by
 * HTTP_SOCKET_MARK: a program that passes on what others ask would else lend them its rights. */
void http_router_set_proxies(struct http_router *router, const char *list);
/* Beneath which everything is ("/postroom"; "" for the root). The command line, over the Unix
 * socket, knows of no such path. */
void http_router_set_base(struct http_router *router, const char *base_path);
/* The header in which a proxy says who has signed in with it; "" for none. A request from anywhere
 * else that has it is refused, whatever it asks for: somebody tries, or the proxy is not named. */
void http_router_set_user_header(struct http_router *router, const char *name);
/* How many bytes of messages' content one person may read in an hour; 0: as many as he likes, as it
 * begins. Root, at the Unix socket, is not counted. */
void http_router_set_content_per_hour(struct http_router *router, int64_t bytes);
/* Whether that user of the Unix socket is a proxy, behind which anybody may be. */
bool http_router_is_proxy(const struct http_router *router, uint32_t uid);

/* ---- For the connection that a request came on ---- */

/* The head was read and parsed. Answers, or goes on to the authenticator and then has the transport
 * proceed (request_state.h). */
void router_begin(struct http_router *router, struct http_request *rq);
/* The caller has gone; what the handler has begun goes on without him. */
void router_gone(struct http_request *rq);
/* The whole body is there. */
void router_handle(struct http_request *rq);
size_t router_body_max(const struct http_request *rq);

#endif
