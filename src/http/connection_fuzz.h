/* For fuzz targets: requests without a connection. In the place of connection.c; a target includes
 * this once, and finds in `answer` what was answered. */
#ifndef HTTP_CONNECTION_FUZZ_H
#define HTTP_CONNECTION_FUZZ_H

#include <stdio.h>

#include "base/memory.h"
#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "http/internal.h"

static struct {
	unsigned count;	 /* of answers: one for each request */
	unsigned status; /* of the last one */
	json_t *json;	 /* its body; NULL where it has none */
} answer;

static inline void answer_clear(void)
{
	json_decref(answer.json);
	answer.json = NULL;
	answer.count = answer.status = 0;
}

/* Every answer here is JSON; a problem names one of the codes, and the status that belongs to it.
 */
void connection_answer(struct http_request *rq, struct buffer *bytes)
{
	ptrdiff_t head = slice_find(buffer_slice(bytes), SLICE("\r\n\r\n"));
	struct slice body;
	const char *code;

	must(head > 0 && ++answer.count == 1);
	body = slice_from(buffer_slice(bytes), (size_t)head + 4);
	must(utf8_valid(body));
	must(sscanf(buffer_string(bytes), "HTTP/1.1 %u ", &answer.status) == 1);
	answer.json =
	    json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	must(answer.json != NULL || answer.status == 204 || rq->head_only);
	if (answer.status >= 400 && !rq->head_only) {
		code = json_string_value(json_object_get(answer.json, "code"));
		must(code != NULL && problem_status(code) == answer.status);
		must(json_is_string(json_object_get(answer.json, "detail")));
	}
	buffer_free(bytes);
}

/* No page, no stream and nobody's limits: connection_answer_static and the streams are not called,
 * connection_known and connection_hold let everybody in. */
void connection_answer_static(
    struct http_request *rq, struct buffer *bytes, const void *data, size_t len)
{
	abort();
}

size_t connection_stream(struct http_request *rq, struct buffer *bytes)
{
	abort();
}

void connection_stream_end(struct http_request *rq, bool whole)
{
	abort();
}

size_t connection_queued(const struct http_request *rq)
{
	return 0;
}

void connection_proceed(struct http_request *rq)
{
	router_handle(rq);
}

bool connection_is_unix(const struct http_request *rq)
{
	return false;
}

bool connection_is_tls(const struct http_request *rq)
{
	return false;
}

struct http_socket_peer connection_socket_peer(const struct http_request *rq)
{
	return (struct http_socket_peer){.known = false};
}

void connection_known(struct http_request *rq, bool known)
{
}

bool connection_hold(struct http_request *rq, uint64_t caller, enum http_hold hold)
{
	return true;
}

bool connection_keeps(const struct http_request *rq)
{
	return true;
}

#endif
