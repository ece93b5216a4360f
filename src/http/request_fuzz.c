/* The body of a request, read as handlers read it. Input: u8 which members there are, then the
 * body. Whatever it is, the handler gets values within the bounds that it named, or the caller one
 * answer: a problem that is JSON itself. */
#include <jansson.h>

#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "http/internal.h"

#define TEXT_MAX 16
#define LEAST (-5)
#define MOST 1000

/* ---- In the place of connection.c: the answer is looked at ---- */

static unsigned answers;

void connection_answer(struct http_request *rq, struct buffer *bytes)
{
	ptrdiff_t head = slice_find(buffer_slice(bytes), SLICE("\r\n\r\n"));
	struct slice body;
	json_t *problem;

	must(head > 0 && ++answers == 1);
	body = slice_from(buffer_slice(bytes), (size_t)head + 4);
	must(utf8_valid(body) && slice_starts_with(buffer_slice(bytes), "HTTP/1.1 400 "));
	problem = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
	must(problem_status(json_string_value(json_object_get(problem, "code"))) == 400);
	must(json_is_string(json_object_get(problem, "detail")));
	json_decref(problem);
	buffer_free(bytes);
}

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
	abort();
}

void connection_proceed(struct http_request *rq)
{
	abort();
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

/* ---- */

static void read_members(struct http_request *rq, const json_t *object, enum http_need need)
{
	struct slice text = {"", 0};
	int64_t number = 0;
	bool flag;

	if (!http_json_string(rq, object, "text", need, TEXT_MAX, &text) ||
	    !http_json_integer(rq, object, "number", need, LEAST, MOST, &number) ||
	    !http_json_bool(rq, object, "flag", need, &flag)) {
		must(answers == 1);
		return;
	}
	must(answers == 0 && text.len <= TEXT_MAX && utf8_valid(text));
	must(text.len == 0 || memchr(text.data, '\0', text.len) == NULL);
	must(number >= LEAST && number <= MOST);
	must(need == HTTP_OPTIONAL || json_object_size(object) >= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const members[] = {
	    "text number flag", "text number flag other", "", NULL};
	struct http_request *rq = calloc(1, sizeof(*rq));
	const json_t *object;

	if (rq == NULL || size == 0) {
		free(rq);
		return 0;
	}
	answers = 0;
	rq->router = http_router_create();
	rq->head.minor = 1;
	buffer_append(&rq->body, data + 1, size - 1);
	object = http_json(rq, members[data[0] % 4]);
	must((object != NULL) == (answers == 0));
	if (object != NULL)
		read_members(rq, object, data[0] / 4 % 2 ? HTTP_REQUIRED : HTTP_OPTIONAL);
	http_router_destroy(&rq->router);
	request_free(&rq);
	return 0;
}
