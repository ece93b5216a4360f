/* For fuzz targets: requests without a connection. A target includes this once, gives its requests
 * `no_connection` as their transport, and finds in `answer` what was answered. */
#ifndef HTTP_CONNECTION_FUZZ_H
#define HTTP_CONNECTION_FUZZ_H

#include <stdio.h>

#include "base/memory.h"
#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "http/problem.h"
#include "http/request_state.h"
#include "http/router.h"

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
static void take_answer(struct http_request *rq, struct buffer *bytes, const void *data, size_t len)
{
	ptrdiff_t head = slice_find(buffer_slice(bytes), SLICE("\r\n\r\n"));
	struct slice body;
	const char *code;

	must(len == 0 && head > 0 && ++answer.count == 1);
	/* First of all: it may move the bytes. */
	must(sscanf(buffer_string(bytes), "HTTP/1.1 %u ", &answer.status) == 1);
	body = slice_from(buffer_slice(bytes), (size_t)head + 4);
	must(utf8_valid(body));
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

static void proceed(struct http_request *rq)
{
	request_move(rq, HTTP_STAGE_BODY);
	request_move(rq, HTTP_STAGE_HANDLING);
	router_handle(rq);
}

static void known(struct http_request *rq, bool is_known)
{
}

static enum holders_answer hold(
    struct http_request *rq, const struct holder_claim *claim, int64_t *seconds)
{
	return HOLDERS_TAKEN;
}

static bool keeps(const struct http_request *rq)
{
	return true;
}

/* No page, no stream and nobody's limits: streams are not called, and everybody is let in. */
static const struct http_transport no_connection = {
    .answer = take_answer, .keeps = keeps, .proceed = proceed, .known = known, .hold = hold};

#endif
