/* The route table and everything that is done once around it: the host check, who calls, the right
 * to call, cross-site requests, the body's size and type, query parameters, security headers, and
 * the audit line. A handler only sees requests that passed all of it.
 *
 * Order: host (421) -> path and method (405) -> who calls (401) -> right and scope (403) ->
 * cross-site (403) -> what the caller has under way (429) -> query parameters (400) -> body length
 * (413) and type (415) -> handler. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/holders.h"
#include "http/request.h"

typedef void http_handler(struct http_request *rq, void *context);

struct http_route {
	enum http_method method; /* HEAD is answered as GET without the body */
	const char *path;	 /* "/api/v1/messages/{id}"; {name} is one non-empty segment */
	enum access_right right;
	size_t body_max;   /* 0: takes no body */
	const char *query; /* the query parameters it knows, separated by blanks; NULL: none */
	http_handler *handler;
	bool asks; /* a question too long for an address, as POST: changes nothing, no audit line */
	enum http_hold hold;
	bool within; /* keeps to the caller's scope, or is not about mail; whoever has one is
		      * refused what does not */
};
/* For routes with a JSON body that name no bound of their own (x-body-limit). */
#define HTTP_BODY_DEFAULT 65536
/* For lists of 100,000 queue IDs. */
#define HTTP_BODY_IDS 4194304

struct http_router;

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
/* Called with each answer to somebody known about a request that may change something (not GET, nor
 * a route that asks), and with each refusal of somebody unknown (CALLER_VIA_NOTHING). `status` is 0
 * where somebody known has gone while the handler was at work: what it began goes on. */
typedef void http_audit(void *context, const struct http_request *rq, unsigned status);
void http_router_set_audit(struct http_router *router, http_audit *audit, void *context);

/* The host names that are answered besides the loopback ones ("localhost", 127.0.0.0/8, [::1]);
 * `public_url` is http.public_url or "". */
void http_router_set_host(struct http_router *router, const char *public_url);
/* The address of a proxy in front ("" for none): what it says in X-Forwarded-For is who calls, and
 * in X-Forwarded-Proto how. */
void http_router_set_proxy(struct http_router *router, const char *address);
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
