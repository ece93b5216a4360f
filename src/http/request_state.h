/* What a request is made of, for those that work on it: connection.c brings it and takes its answer
 * away, router.c sees to it that it may be handled, request_values.c reads it, reply.c answers it.
 * Handlers know request.h alone. */
#ifndef HTTP_REQUEST_STATE_H
#define HTTP_REQUEST_STATE_H

#include "base/buffer.h"
#include "http/gate.h"
#include "http/holders.h"
#include "http/request.h"
#include "http/target.h"

struct http_connection;
struct http_route;
struct http_router;

#define HTTP_PARAMS_MAX 4
/* Of http.base_path. */
#define HTTP_BASE_MAX 100

/* The way of a request. request_move is the one place where it goes on, and only its connection
 * calls that. */
enum http_stage {
	HTTP_STAGE_CHECKING,  /* its head is there; who calls is being looked up */
	HTTP_STAGE_BODY,      /* its body is being read */
	HTTP_STAGE_HANDLING,  /* with the handler */
	HTTP_STAGE_STREAMING, /* the answer has begun and has no end yet */
	HTTP_STAGES
};

/* What a request can have done by what it came on, for those who know no connection. */
struct http_transport {
	/* Sends the bytes (taken over) of an answer that is complete with them, and `len` bytes
	 * behind them that live for ever; then the request is freed. */
	void (*answer)(struct http_request *rq, struct buffer *bytes, const void *data, size_t len);
	/* Sends a piece of a stream (taken over); returns how many bytes wait. */
	size_t (*stream)(struct http_request *rq, struct buffer *bytes);
	/* Ends a stream: `whole` false closes the connection in the middle. */
	void (*stream_end)(struct http_request *rq, bool whole);
	/* Bytes that wait to be sent. */
	size_t (*queued)(const struct http_request *rq);
	/* Whether the connection will be used again after this answer. */
	bool (*keeps)(const struct http_request *rq);
	/* The router is content with the head and who calls: the body may come, then
	 * router_handle. */
	void (*proceed)(struct http_request *rq);
	/* Whether the caller has shown who he is: strangers' connections have less room. */
	void (*known)(struct http_request *rq, bool known);
	/* Takes a place for this person until the answer has been taken (holders_take). */
	enum holders_answer (*hold)(
	    struct http_request *rq, const struct holder_claim *claim, int64_t *seconds);
};

struct http_request {
	struct http_connection *connection;
	const struct http_transport *transport;
	/* The router's: an answer is about to be sent. NULL before the router has it. */
	void (*answered)(struct http_request *rq, unsigned status);
	struct http_router *router;
	enum http_stage stage;
	struct buffer head_bytes; /* what `head` points into */
	struct gate_head head;
	struct target_parts target;
	enum http_method method;
	int64_t begun_us;	      /* clock_boot_us() when its head was there */
	bool head_only;		      /* HEAD: the answer has no body */
	bool by_proxy;		      /* it came from a trusted proxy */
	bool forwarded_https;	      /* which says that the browser came by https */
	char base[HTTP_BASE_MAX + 1]; /* http_base; a copy, as a reload may change it meanwhile */
	bool secure;		      /* http_is_secure */
	bool is_unix, is_tls;	      /* what it came on */
	struct http_socket_peer socket_peer;
	const struct http_route *route;
	void *context;
	struct target_pair params[HTTP_PARAMS_MAX];
	size_t param_count;
	struct caller caller;
	char *scope;	    /* the caller's, which is owned here */
	char reference[17]; /* http_reference; "" until somebody asks */
	char audit_text[201];
	int64_t audit_job, audit_count;
	struct buffer audit_filter;
	bool record_kept; /* http_keep_record */
	struct buffer body;
	struct gate_chunks chunks;
	json_t *json;
	struct buffer headers; /* of the answer, as set by http_set_header */
	unsigned status;       /* of the answer; 0 before */
	char peer[80];
	void (*gone)(void *context);
	void *gone_context;
	void (*drained)(struct http_request *rq, void *context);
	void *drained_context;
};

bool request_stage_allows(enum http_stage from, enum http_stage to);
/* Moves it on. A move that there is not is a fault of this program and aborts. */
/* bad_request, for what is no request of HTTP: its text is for who writes such programs. */
void http_reply_malformed(struct http_request *rq, const char *text);
/* The words of a list as http_in_list reads it; "none" where there are none. */
struct slice http_names_in(const char *list);
void request_move(struct http_request *rq, enum http_stage stage);
void request_free(struct http_request **rq);

#endif
