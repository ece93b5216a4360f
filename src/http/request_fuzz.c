/* The body of a request, read as handlers read it. Input: u8 which members there are, then the
 * body. Whatever it is, the handler gets values within the bounds that it named, or the caller one
 * problem. */
#include "http/connection_fuzz.h"

#define TEXT_MAX 16
#define LEAST (-5)
#define MOST 1000

static void read_members(struct http_request *rq, const json_t *object, enum http_need need)
{
	struct slice text = {"", 0};
	int64_t number = 0;
	bool flag;

	if (!http_json_string(rq, object, "text", need, TEXT_MAX, &text) ||
	    !http_json_integer(rq, object, "number", need, LEAST, MOST, &number) ||
	    !http_json_bool(rq, object, "flag", need, &flag)) {
		must(answer.count == 1);
		return;
	}
	must(answer.count == 0 && text.len <= TEXT_MAX && utf8_valid(text));
	must(text.len == 0 || memchr(text.data, '\0', text.len) == NULL);
	must(number >= LEAST && number <= MOST);
	must(need == HTTP_OPTIONAL || json_object_size(object) >= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const members[] = {
	    "text number flag", "text number flag other", "", NULL};
	struct http_request *rq;
	const json_t *object;

	if (size == 0)
		return 0;
	rq = memory_zero(1, sizeof(*rq));
	rq->transport = &no_connection;
	rq->head.minor = 1;
	buffer_append(&rq->body, data + 1, size - 1);
	object = http_json(rq, members[data[0] % 4]);
	must((object != NULL) == (answer.count == 0));
	must(object != NULL || answer.status == 400);
	if (object != NULL)
		read_members(rq, object, data[0] / 4 % 2 ? HTTP_REQUIRED : HTTP_OPTIONAL);
	request_free(&rq);
	answer_clear();
	return 0;
}
