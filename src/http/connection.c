/* Connections: bytes in, one request at a time, bytes out. What comes passes TLS where there is
 * any, then the gate, then the router; the answer goes out by the transport. connection_state.h has
 * the states, and every wait has a timer. */
#include "http/connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/crowd.h"
#include "http/reply.h"
#include "http/router.h"

/* After the last answer the client gets this long to read it before the socket is closed; what it
 * still sends meanwhile is thrown away (closing at once would reset the connection and lose the
 * answer). */
#define LINGER_MS 2000
/* Requests sent ahead of their turn; more waits in the kernel. */
#define AHEAD_MAX ((size_t)64 << 10)

struct write {
	uv_write_t uv;
	struct http_connection *connection;
	struct buffer bytes;
	size_t len;
};

static void process(struct http_connection *c);
static void read_on(struct http_connection *c);
static void send_raw(struct http_connection *c, struct buffer *bytes, const void *data, size_t len);

/* ---- The end of a connection ---- */

/* The socket and the timer are closed one by one; the last of them frees the connection. */
static void on_closed(uv_handle_t *handle)
{
	struct http_connection *c = handle->data;

	if (--c->open_handles > 0)
		return;
	buffer_free(&c->in);
	free(c);
}

/* Tells the handler, if there is one at work, and frees the request. */
static void request_gone(struct http_connection *c)
{
	struct http_request *rq = c->request;

	if (rq == NULL)
		return;
	/* First, so that what the handler does in its last call finds no request any more. */
	c->request = NULL;
	router_gone(rq);
	if (rq->gone != NULL)
		rq->gone(rq->gone_context);
	request_free(&rq);
}

static void give_place(struct http_connection *c)
{
	if (c->holding && c->server != NULL)
		/* Given back when the answer's bytes are out: a client that reads slowly goes on
		 * holding its place. */
		holders_give(c->server->holders, c->person, c->hold);
	c->holding = false;
}

/* What this connection keeps is counted again. */
static void count_bytes(struct http_connection *c)
{
	const struct http_request *rq = c->request;
	size_t kept = c->in.cap;

	if (rq != NULL)
		kept += rq->head_bytes.cap + rq->body.cap;
	/* Only strangers' bytes are counted: known callers have limits of their own (holders.h). */
	if (!crowd_is_stranger(c) || c->state == CONNECTION_CLOSING)
		kept = 0;
	c->server->stranger_bytes += kept - c->kept;
	c->kept = kept;
}

void connection_close(struct http_connection *c)
{
	if (c->state == CONNECTION_CLOSING)
		return;
	connection_state_move(&c->state, CONNECTION_CLOSING);
	request_gone(c);
	give_place(c);
	if (c->server != NULL && crowd_is_stranger(c)) {
		c->server->stranger_count--;
		count_bytes(c);
	}
	tls_destroy(&c->tls);
	*c->previous = c->next;
	if (c->next != NULL)
		c->next->previous = c->previous;
	if (c->server != NULL)
		c->server->connection_count--;
	uv_close(&c->handle.handle, on_closed);
	uv_close((uv_handle_t *)&c->timer, on_closed);
}

void connection_bound_strangers(struct http_connection *but)
{
	/* One at a time, as each that is closed changes who is the next. */
	struct http_connection *c;

	while ((c = crowd_one_too_many(but->server, but)) != NULL)
		connection_close(c);
}

static void on_timer(uv_timer_t *timer)
{
	struct http_connection *c = timer->data;

	if (c->state == CONNECTION_HEAD && c->in.len > 0)
		log_debug("%s: the request did not come in time", c->peer);
	connection_close(c);
}

static void set_timer(struct http_connection *c, uint64_t ms)
{
	if (ms == 0)
		uv_timer_stop(&c->timer);
	else
		uv_timer_start(&c->timer, on_timer, ms, 0);
}

static void on_shutdown(uv_shutdown_t *rq, int status)
{
	(void)status;
	free(rq);
}

static void linger(struct http_connection *c)
{
	uv_shutdown_t *rq;

	struct buffer goodbye = {0};

	connection_state_move(&c->state, CONNECTION_LINGER);
	buffer_clear(&c->in);
	if (c->eof) {
		connection_close(c);
		return;
	}
	if (c->tls != NULL) {
		/* Without TLS's own goodbye the client cannot tell an end from a cut. */
		tls_finish(c->tls, &goodbye);
		send_raw(c, &goodbye, NULL, 0);
	}
	rq = memory_zero(1, sizeof(*rq));
	if (uv_shutdown(rq, &c->handle.stream, on_shutdown) != 0) {
		free(rq);
		connection_close(c);
		return;
	}
	set_timer(c, LINGER_MS);
}

/* ---- Bytes out ---- */

/* The answer is out: on to the next request, or to the end. */
static void answer_sent(struct http_connection *c)
{
	give_place(c);
	c->answered = true;
	if (!c->keep) {
		linger(c);
		return;
	}
	connection_state_move(&c->state, CONNECTION_HEAD);
	c->scanned = 0;
	set_timer(c, HTTP_IDLE_TIMEOUT_MS);
	/* More than one request may have come in one piece. */
	process(c);
}

static void on_written(uv_write_t *uv, int status)
{
	struct write *w = uv->data;
	struct http_connection *c = w->connection;
	struct http_request *rq = c->request;

	c->queued -= w->len;
	buffer_free(&w->bytes);
	free(w);
	if (c->state == CONNECTION_CLOSING)
		return;
	if (status < 0) {
		connection_close(c);
		return;
	}
	/* A client that takes something gets more time; one that takes nothing does not. */
	if (c->queued > 0) {
		set_timer(c, HTTP_WRITE_TIMEOUT_MS);
	} else if (c->state == CONNECTION_SENDING) {
		answer_sent(c);
	} else if (c->state == CONNECTION_REQUEST) {
		set_timer(c, rq->stage == HTTP_STAGE_BODY ? HTTP_BODY_TIMEOUT_MS : 0);
		if (rq->stage == HTTP_STAGE_STREAMING && rq->drained != NULL)
			rq->drained(rq, rq->drained_context);
	}
}

/* Sends bytes (taken over) as they are, and others behind them that live until they are written. */
static void send_raw(struct http_connection *c, struct buffer *bytes, const void *data, size_t len)
{
	struct write *w = memory_zero(1, sizeof(*w));
	uv_buf_t parts[2];

	w->connection = c;
	w->bytes = *bytes;
	*bytes = (struct buffer){0};
	w->len = w->bytes.len + len;
	w->uv.data = w;
	parts[0] = uv_buf_init(w->bytes.data, (unsigned)w->bytes.len);
	/* The page's files are written from where they lie, without a copy. */
	parts[1] = uv_buf_init((char *)(uintptr_t)data, (unsigned)len);
	c->queued += w->len;
	/* A handshake runs under the time limit of the request's head. */
	if (c->state != CONNECTION_HEAD && c->state != CONNECTION_LINGER)
		set_timer(c, HTTP_WRITE_TIMEOUT_MS);
	if (w->len > 0 &&
	    uv_write(&w->uv, &c->handle.stream, parts, len > 0 ? 2 : 1, on_written) == 0)
		return;
	c->queued -= w->len;
	if (w->len > 0) /* not closed now: whoever writes still holds the request */
		set_timer(c, 1);
	buffer_free(&w->bytes);
	free(w);
}

/* Sends bytes (taken over) and those behind them, encrypted where the connection is. */
static void connection_write(
    struct http_connection *c, struct buffer *bytes, const void *data, size_t len)
{
	struct buffer sealed = {0};
	bool good;

	if (c->state == CONNECTION_CLOSING) {
		buffer_free(bytes);
		return;
	}
	if (c->holding)
		holders_sent(c->server->holders, c->person, bytes->len + len, c->is_content);
	/* Over TLS everything is copied, as it is encrypted. */
	if (c->tls == NULL) {
		send_raw(c, bytes, data, len);
		return;
	}
	good = tls_output(c->tls, bytes->data, bytes->len, &sealed) &&
	       tls_output(c->tls, data, len, &sealed);
	buffer_free(bytes);
	if (good)
		send_raw(c, &sealed, NULL, 0);
	else
		set_timer(c, 1);
	buffer_free(&sealed);
}

/* The request is over; its connection goes on sending. */
static void finish(struct http_connection *c, struct http_request *rq)
{
	/* A body that was not read to its end stands where the next request would begin. */
	if (rq->stage == HTTP_STAGE_CHECKING && rq->head.framing != GATE_NO_BODY)
		c->keep = false;
	if (rq->stage == HTTP_STAGE_BODY)
		c->keep = false;
	c->request = NULL;
	connection_state_move(&c->state, CONNECTION_SENDING);
	request_free(&rq);
	read_on(c);
}

static bool keeps(const struct http_request *rq)
{
	const struct http_connection *c = rq->connection;
	bool whole = rq->stage == HTTP_STAGE_HANDLING || rq->stage == HTTP_STAGE_STREAMING ||
		     rq->head.framing == GATE_NO_BODY;

	return c->keep && !c->eof && whole && !crowd_is_thick(c);
}

static void answer(struct http_request *rq, struct buffer *bytes, const void *data, size_t len)
{
	struct http_connection *c = rq->connection;

	c->keep = keeps(rq);
	finish(c, rq);
	connection_write(c, bytes, data, len);
}

static size_t stream(struct http_request *rq, struct buffer *bytes)
{
	struct http_connection *c = rq->connection;

	c->keep = keeps(rq) && rq->head.minor == 1;
	if (rq->stage != HTTP_STAGE_STREAMING)
		request_move(rq, HTTP_STAGE_STREAMING);
	if (bytes->len == 0) {
		buffer_free(bytes);
		return c->queued;
	}
	connection_write(c, bytes, NULL, 0);
	return c->queued;
}

static void stream_end(struct http_request *rq, bool whole)
{
	struct http_connection *c = rq->connection;

	rq->gone = NULL;
	if (!whole) {
		connection_close(c);
		return;
	}
	finish(c, rq);
	if (c->queued == 0)
		answer_sent(c);
}

static size_t queued(const struct http_request *rq)
{
	return rq->connection->queued;
}

/* ---- Bytes in ---- */

static void refuse(struct http_connection *c, const struct gate_refusal *refusal)
{
	static struct log_limit limit;
	struct buffer out = {0};

	/* With a limit, since strangers decide how often this happens. */
	log_limited(&limit, LOG_LEVEL_INFO, "%s: refused: %s", c->peer, refusal->text);
	c->keep = false;
	connection_state_move(&c->state, CONNECTION_SENDING);
	reply_refusal(&out, refusal->status, refusal->text);
	connection_write(c, &out, NULL, 0);
}

static void continue_expected(struct http_connection *c)
{
	struct buffer out = {0};

	buffer_append_string(&out, "HTTP/1.1 100 Continue\r\n\r\n");
	connection_write(c, &out, NULL, 0);
}

/* Takes what has come of the body; true when it is whole. */
static bool take_body(struct http_connection *c, struct http_request *rq)
{
	struct gate_refusal refusal;
	enum gate_result result = GATE_DONE;
	size_t used = 0, max = router_body_max(rq);

	if (rq->head.framing == GATE_LENGTH) {
		/* router_begin has compared the length with the bound. */
		used = (size_t)rq->head.length - rq->body.len;
		used = used < c->in.len ? used : c->in.len;
		buffer_append(&rq->body, c->in.data, used);
		result = rq->body.len == rq->head.length ? GATE_DONE : GATE_MORE;
	} else if (rq->head.framing == GATE_CHUNKED) {
		result = gate_unchunk(
		    &rq->chunks, buffer_slice(&c->in), &used, &rq->body, max, &refusal);
	}
	if (result == GATE_BAD) {
		/* A body without a length is measured while it comes. */
		if (refusal.status == 413)
			http_reply_said(rq, "too_large", NULL, SAID_PROBLEM_BODY_LARGE, 1,
			    said_number("most", (int64_t)max));
		else
			http_reply_malformed(rq, refusal.text);
		return false;
	}
	buffer_consume(&c->in, used);
	return result == GATE_DONE;
}

/* The handler runs; what it takes of the loop's time is the person's. Whatever becomes of the
 * connection in it, its memory stays until the loop's next turn. */
static void handle(struct http_connection *c, struct http_request *rq)
{
	uint64_t person = c->holding ? c->person : 0;
	struct http_server *server = c->server;
	int64_t begun_us = clock_boot_us();

	router_handle(rq);
	if (person != 0)
		holders_worked(server->holders, person, clock_boot_us() - begun_us);
}

static void handle_body(struct http_connection *c)
{
	struct http_request *rq = c->request;

	if (!take_body(c, rq)) {
		if (c->request != NULL)
			set_timer(c, HTTP_BODY_TIMEOUT_MS);
		return;
	}
	set_timer(c, 0);
	request_move(rq, HTTP_STAGE_HANDLING);
	handle(c, rq);
}

static void proceed(struct http_request *rq)
{
	struct http_connection *c = rq->connection;

	request_move(rq, HTTP_STAGE_BODY);
	if (rq->head.expects_continue && rq->head.framing != GATE_NO_BODY && c->in.len == 0)
		continue_expected(c);
	read_on(c);
	handle_body(c);
}

/* ---- What a request can have done ---- */

static void known(struct http_request *rq, bool is_known)
{
	struct http_connection *c = rq->connection;

	c->server->stranger_count -= crowd_is_stranger(c);
	/* Known from now on, also for the next requests: it is counted with the others. */
	c->known = is_known;
	c->server->stranger_count += crowd_is_stranger(c);
	count_bytes(c);
}

static enum holders_answer hold(
    struct http_request *rq, const struct holder_claim *claim, int64_t *seconds)
{
	struct http_connection *c = rq->connection;
	enum holders_answer answer;

	give_place(c);
	answer = holders_take(c->server->holders, claim, clock_monotonic_ms(), seconds);
	c->holding = answer == HOLDERS_TAKEN;
	c->is_content = claim->is_content;
	c->person = claim->person;
	c->hold = claim->hold;
	c->asker = rq->caller;
	c->asker.scope = NULL;
	return answer;
}

static const struct http_transport transport = {.answer = answer,
    .stream = stream,
    .stream_end = stream_end,
    .queued = queued,
    .keeps = keeps,
    .proceed = proceed,
    .known = known,
    .hold = hold};

/* A whole head has come. */
static void begin_request(struct http_connection *c, size_t head_len)
{
	struct http_request *rq = memory_zero(1, sizeof(*rq));
	struct gate_refusal refusal;

	rq->connection = c;
	rq->transport = &transport;
	rq->is_unix = c->kind == HTTP_LISTEN_UNIX;
	rq->is_tls = c->tls != NULL;
	rq->socket_peer = c->socket_peer;
	buffer_append(&rq->head_bytes, c->in.data, head_len);
	buffer_consume(&c->in, head_len);
	if (c->in.len == 0)
		buffer_free(&c->in);
	if (!gate_parse(buffer_slice(&rq->head_bytes), &rq->head, &refusal)) {
		request_free(&rq);
		refuse(c, &refusal);
		return;
	}
	memcpy(rq->peer, c->peer, sizeof(rq->peer));
	c->request = rq;
	c->asker = (struct caller){.via = VIA_NOTHING};
	connection_state_move(&c->state, CONNECTION_REQUEST);
	c->keep = rq->head.keep_alive;
	set_timer(c, 0);
	router_begin(c->server->router, rq);
}

/* Looks at what has come, as far as its turn has come. */
static void process(struct http_connection *c)
{
	struct gate_refusal refusal;
	size_t head_len;

	if (c->state == CONNECTION_REQUEST && c->request->stage == HTTP_STAGE_BODY) {
		handle_body(c);
		return;
	}
	if (c->state != CONNECTION_HEAD)
		return;
	/* Bytes ahead of an end are still a request, if they are whole. */
	if (c->in.len == 0) {
		if (c->eof)
			connection_close(c);
		return;
	}
	/* The time begins with the first byte, and no later byte puts it off. */
	if (c->scanned == 0)
		set_timer(c, HTTP_HEAD_TIMEOUT_MS);
	switch (gate_scan(buffer_slice(&c->in), &c->scanned, &head_len, &refusal)) {
	case GATE_DONE:
		begin_request(c, head_len);
		return;
	case GATE_BAD:
		refuse(c, &refusal);
		return;
	case GATE_MORE:
		if (c->eof)
			connection_close(c);
	}
}

/* One buffer for all connections: libuv reads into it and calls on_read at once. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct http_connection *c = handle->data;

	(void)suggested;
	*out = uv_buf_init(c->server->scratch, HTTP_READ_SIZE);
}

/* The client sends nothing more. Whoever still waits for an answer may get it; a stream has lost
 * its reader. */
static void at_eof(struct http_connection *c)
{
	bool streaming = c->request != NULL && c->request->stage != HTTP_STAGE_CHECKING &&
			 c->request->stage != HTTP_STAGE_HANDLING;

	c->eof = true;
	uv_read_stop(&c->handle.stream);
	c->reading = false;
	if (streaming || c->state == CONNECTION_LINGER || c->state == CONNECTION_HEAD)
		connection_close(c);
}

/* What was read, through TLS to where requests are. False when there is nothing (more) to look at.
 */
static bool decrypt(struct http_connection *c, size_t len)
{
	struct buffer out = {0};
	enum tls_result result = tls_input(c->tls, c->server->scratch, len, &c->in, &out);

	if (out.len > 0)
		send_raw(c, &out, NULL, 0);
	buffer_free(&out);
	if (result == TLS_FAILED) {
		log_debug("%s: no TLS, or it broke", c->peer);
		connection_close(c);
		return false;
	}
	/* What came before the goodbye is still answered. */
	if (result == TLS_CLOSED) {
		process(c);
		if (c->state != CONNECTION_CLOSING)
			at_eof(c);
		return false;
	}
	return c->in.len > 0;
}

/* More has come than is of use now. The body of a request whose caller is being looked up waits for
 * its turn. Requests ahead of theirs are dropped, and the connection ends. */
static void take_no_more(struct http_connection *c)
{
	const struct http_request *rq = c->request;

	if (rq != NULL && rq->stage == HTTP_STAGE_CHECKING && rq->head.framing != GATE_NO_BODY) {
		uv_read_stop(&c->handle.stream);
		c->paused = true;
		return;
	}
	c->keep = false;
	buffer_clear(&c->in);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct http_connection *c = stream->data;

	(void)buf;
	if (n == 0 || c->state == CONNECTION_CLOSING)
		return;
	if (n == UV_EOF) {
		at_eof(c);
		return;
	}
	if (n < 0) {
		connection_close(c);
		return;
	}
	/* The answer is out, and nothing more is answered. */
	if (c->state == CONNECTION_LINGER)
		return;
	if (c->tls != NULL && !decrypt(c, (size_t)n))
		return;
	if (c->tls == NULL)
		buffer_append(&c->in, c->server->scratch, (size_t)n);
	process(c);
	if (c->state == CONNECTION_CLOSING)
		return;
	if (c->state != CONNECTION_LINGER && c->in.len > AHEAD_MAX && c->reading)
		take_no_more(c);
	count_bytes(c);
	connection_bound_strangers(c);
}

static void read_on(struct http_connection *c)
{
	if (c->paused && c->reading)
		uv_read_start(&c->handle.stream, on_alloc, on_read);
	c->paused = false;
}

void connection_begin(struct http_connection *c)
{
	c->reading = true;
	set_timer(c, HTTP_HEAD_TIMEOUT_MS);
	uv_read_start(&c->handle.stream, on_alloc, on_read);
}
