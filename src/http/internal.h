/* What connection.c, request.c, reply.c and router.c share, and nobody else. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include "base/buffer.h"
#include "http/gate.h"
#include "http/router.h"
#include "http/server.h"
#include "http/target.h"

struct http_connection;

#define HTTP_PARAMS_MAX 4

/* The way of a request. Only connection.c moves it on. */
enum http_stage {
	HTTP_STAGE_CHECKING,  /* its head is there; who calls is being looked up */
	HTTP_STAGE_BODY,      /* its body is being read */
	HTTP_STAGE_HANDLING,  /* with the handler */
	HTTP_STAGE_STREAMING, /* the answer has begun and has no end yet */
};

struct http_request {
	struct http_connection *connection;
	struct http_router *router;
	enum http_stage stage;
	struct buffer head_bytes; /* what `head` points into */
	struct gate_head head;
	struct target_parts target;
	enum http_method method;
	bool head_only;	      /* HEAD: the answer has no body */
	bool forwarded_https; /* the trusted proxy says that the browser came by https */
	const struct http_route *route;
	void *context;
	struct target_pair params[HTTP_PARAMS_MAX];
	size_t param_count;
	struct caller caller;
	struct buffer body;
	struct gate_chunks chunks;
	json_t *json;
	struct buffer headers; /* of the answer, as set by http_set_header */
	unsigned status;       /* of the answer; 0 before */
	char peer[80];
	char audit_text[201];
	void (*gone)(void *data);
	void *gone_data;
	void (*drained)(struct http_request *rq, void *data);
	void *drained_data;
};

/* connection.c ---- */

/* Sends the bytes (taken over) of an answer that is complete with them; then the request is freed.
 */
void connection_answer(struct http_request *rq, struct buffer *bytes);
/* The same with bytes behind them that live for ever. */
void connection_answer_static(
    struct http_request *rq, struct buffer *bytes, const void *data, size_t len);
/* Sends a piece of a stream (taken over); returns how many bytes wait. */
size_t connection_stream(struct http_request *rq, struct buffer *bytes);
/* Ends a stream: `whole` false closes the connection in the middle. */
void connection_stream_end(struct http_request *rq, bool whole);
size_t connection_queued(const struct http_request *rq);
/* The router is content with the head and who calls: the body may come, then router_handle. */
void connection_proceed(struct http_request *rq);
bool connection_is_unix(const struct http_request *rq);
bool connection_is_tls(const struct http_request *rq);
struct http_socket_peer connection_socket_peer(const struct http_request *rq);
/* Whether the caller has shown who he is: strangers' connections have less room (listen.c). */
void connection_known(struct http_request *rq, bool known);
/* Takes a place for this caller until the answer has been taken; false when he has too many. */
bool connection_hold(struct http_request *rq, uint64_t caller, enum http_hold hold);
/* Whether the connection will be used again after this answer. */
bool connection_keeps(const struct http_request *rq);

/* router.c ---- */

/* The head was read and parsed. Answers, or goes on to the authenticator and connection_proceed. */
void router_begin(struct http_router *router, struct http_request *rq);
/* The whole body is there. */
void router_handle(struct http_request *rq);
size_t router_body_max(const struct http_request *rq);
/* An answer is about to be sent. */
void router_answered(struct http_request *rq, unsigned status);
/* The caller has gone; what the handler has begun goes on without him. */
void router_gone(struct http_request *rq);

/* request.c ---- */
void request_free(struct http_request **rq);
/* problem.c: the status that belongs to a problem code; 0 when there is no such code. */
unsigned problem_status(const char *code);
/* reply.c: the head of an answer to nobody in particular, for what the gate refuses. */
void reply_refusal(struct buffer *out, unsigned status, const char *text);

#endif
