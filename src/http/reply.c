/* Answers as bytes: the head with the headers that every answer has, then JSON, a problem, a file
 * or the pieces of a stream. How they get to the caller is the transport's business. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/request_state.h"

/* The policy of every page (a part of a message has its own). */
#define PAGE_POLICY                                                                                \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "          \
	"connect-src 'self'; "                                                                     \
	"font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors " \
	"'none'; "                                                                                 \
	"require-trusted-types-for 'script'; trusted-types 'none'"

/* On every answer; a header that the handler set itself takes the place of one here. */
static const struct {
	const char *name, *value;
} standard_headers[] = {
    {"Content-Security-Policy", PAGE_POLICY},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    {"X-Frame-Options", "DENY"},
    {"Cache-Control", "no-store"},
};

static const char *reason_phrase(unsigned status)
{
	static const struct {
		unsigned status;
		const char *text;
	} phrases[] = {
	    {200, "OK"},
	    {201, "Created"},
	    {202, "Accepted"},
	    {204, "No Content"},
	    {302, "Found"},
	    {303, "See Other"},
	    {304, "Not Modified"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {410, "Gone"},
	    {413, "Content Too Large"},
	    {414, "URI Too Long"},
	    {415, "Unsupported Media Type"},
	    {417, "Expectation Failed"},
	    {421, "Misdirected Request"},
	    {422, "Unprocessable Content"},
	    {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {502, "Bad Gateway"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	    {505, "HTTP Version Not Supported"},
	};
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].text;
	return "Unknown";
}

/* Whether the lines in `headers` have one with this name. Twice the same header would leave open
 * which of them counts. */
static bool has_header(const struct buffer *headers, const char *name)
{
	struct slice rest = buffer_slice(headers), line, key;

	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		if (slice_split(&line, ':', &key) && slice_equal_nocase(key, slice_of(name)))
			return true;
	return false;
}

static void append_start(struct buffer *out, unsigned status)
{
	/* In English, as the header wants it: the server sets no locale. */
	char date[40];
	time_t now = (time_t)clock_now();
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	buffer_printf(out, "HTTP/1.1 %u %s\r\nDate: %s\r\n", status, reason_phrase(status), date);
}

static void append_standard(struct buffer *out, const struct buffer *set)
{
	for (size_t i = 0; i < sizeof(standard_headers) / sizeof(standard_headers[0]); i++)
		if (!has_header(set, standard_headers[i].name))
			buffer_printf(
			    out, "%s: %s\r\n", standard_headers[i].name, standard_headers[i].value);
}

/* The head up to the headers that say how long the answer is. */
static void append_head(
    struct http_request *rq, struct buffer *out, unsigned status, const char *content_type)
{
	append_start(out, status);
	if (content_type != NULL)
		buffer_printf(out, "Content-Type: %s\r\n", content_type);
	append_standard(out, &rq->headers);
	/* A browser that has come by TLS once comes by nothing else for a year. */
	if (http_is_secure(rq))
		buffer_append_string(out, "Strict-Transport-Security: max-age=31536000\r\n");
	buffer_append_slice(out, buffer_slice(&rq->headers));
	buffer_append_string(
	    out, rq->transport->keeps(rq) ? "Connection: keep-alive\r\n" : "Connection: close\r\n");
}

void reply_refusal(struct buffer *out, unsigned status, const char *text)
{
	struct buffer none = {0};

	append_start(out, status);
	append_standard(out, &none);
	buffer_printf(out,
	    "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: "
	    "%zu\r\n\r\n%s\n",
	    strlen(text) + 1, text);
}

void http_set_header(struct http_request *rq, const char *name, const char *value)
{
	buffer_printf(&rq->headers, "%s: ", name);
	/* A value may have a stranger's text in it, such as a file's name: a line end would begin
	 * another header. */
	for (const unsigned char *p = (const unsigned char *)value; *p != '\0'; p++)
		if (*p >= 0x20 && *p != 0x7f)
			buffer_append_char(&rq->headers, (char)*p);
	buffer_append_string(&rq->headers, "\r\n");
}

static void reply(struct http_request *rq, unsigned status, const char *content_type,
    const void *data, size_t len, bool for_ever)
{
	struct buffer out = {0};

	if (rq->answered != NULL)
		rq->answered(rq, status);
	append_head(rq, &out, status, content_type);
	/* These two have no body by definition, and a length would make some clients wait for one.
	 */
	if (status != 204 && status != 304)
		buffer_printf(&out, "Content-Length: %zu\r\n", len);
	buffer_append_string(&out, "\r\n");
	if (rq->head_only || status == 204 || status == 304)
		len = 0;
	/* The bytes are part of the program, so they are not copied. */
	if (for_ever && len > 0) {
		rq->transport->answer(rq, &out, data, len);
		return;
	}
	buffer_append(&out, data, len);
	rq->transport->answer(rq, &out, NULL, 0);
}

void http_reply_bytes(struct http_request *rq, unsigned status, const char *content_type,
    const void *data, size_t len)
{
	reply(rq, status, content_type, data, len, false);
}

void http_reply_static(struct http_request *rq, unsigned status, const char *content_type,
    const void *data, size_t len)
{
	reply(rq, status, content_type, data, len, true);
}

void http_reply_empty(struct http_request *rq, unsigned status)
{
	reply(rq, status, NULL, "", 0, false);
}

static int append_dump(const char *bytes, size_t len, void *context)
{
	buffer_append(context, bytes, len);
	return 0;
}

static void reply_dump(
    struct http_request *rq, unsigned status, const char *content_type, json_t *body)
{
	BUFFER_AUTO struct buffer text = {0};

	json_dump_callback(body, append_dump, &text, JSON_COMPACT);
	json_decref(body);
	/* For people who ask with curl. */
	buffer_append_char(&text, '\n');
	reply(rq, status, content_type, text.data, text.len, false);
}

void http_reply_json(struct http_request *rq, unsigned status, json_t *body)
{
	if (body == NULL) {
		log_error("an answer could not be made for %.*s", SLICE_ARGS(rq->target.path));
		http_reply_said(rq, "internal", NULL, SAID_PROBLEM_NO_ANSWER, 0);
		return;
	}
	reply_dump(rq, status, "application/json", body);
}

/* The words of a detail; null where it has none. */
static json_t *words_json(struct slice words)
{
	json_t *json = words.len > 0 ? json_loadb(words.data, words.len, 0, NULL) : NULL;

	return json != NULL ? json : json_null();
}

static void reply_problem(struct http_request *rq, const char *code, const char *detail,
    struct slice words, json_t *extra)
{
	static struct log_limit limit;
	unsigned status = problem_status(code);
	const char *reference = http_reference(rq);
	BUFFER_AUTO struct buffer valid = {0};
	SAID_AUTO struct said internal = {0};
	json_t *body;

	/* A code that the API does not document would be a new contract; the log has what was
	 * meant. */
	if (status == 0) {
		log_error("%s: %s", code, detail);
		code = "internal";
		status = problem_status(code);
		said_put(&internal, SAID_PROBLEM_INTERNAL, 0);
		detail = buffer_string(&internal.text);
		words = buffer_slice(&internal.words);
	}
	utf8_append_valid(&valid, slice_of(detail));
	/* A caller's own mistake is his to see; what is ours stands in the log, too. */
	if (status >= 500)
		log_limited(&limit, LOG_LEVEL_WARNING, "%s %s for %s: %s (reference %s)", code,
		    buffer_string(&valid), rq->peer,
		    rq->head_bytes.len > 0 ? "request failed" : "no request", reference);
	body = json_pack("{ss, ss, si, ss, so, ss, ss}", "type", "about:blank", "title",
	    reason_phrase(status), "status", (int)status, "detail", buffer_string(&valid),
	    "detail_words", words_json(words), "code", code, "reference", reference);
	if (extra != NULL) {
		/* missing: nothing can take the place of the members that every problem has. */
		json_object_update_missing(body, extra);
		json_decref(extra);
	}
	reply_dump(rq, status, "application/problem+json", body);
}

void http_reply_said(struct http_request *rq, const char *code, json_t *extra, enum said_code says,
    size_t count, ...)
{
	SAID_AUTO struct said said = {0};
	struct said_value values[SAID_VALUES_MAX];
	va_list args;

	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	said_put_values(&said, says, values, count);
	reply_problem(rq, code, buffer_string(&said.text), buffer_slice(&said.words), extra);
}

void http_reply_malformed(struct http_request *rq, const char *text)
{
	reply_problem(rq, "bad_request", text, SLICE(""), NULL);
}

void http_reply_code(struct http_request *rq, const char *code)
{
	http_reply_said(rq, code, NULL, problem_says(code), 0);
}

void http_reply_error(struct http_request *rq, const struct error *err)
{
	http_reply_error_as(rq, err->code, err, NULL);
}

void http_reply_error_as(
    struct http_request *rq, const char *code, const struct error *err, json_t *extra)
{
	reply_problem(rq, code, err->text, slice_of(err->words), extra);
}

/* One chunk, or the bytes themselves where the connection's end is the end (HTTP/1.0). */
static void append_piece(
    const struct http_request *rq, struct buffer *out, const void *data, size_t len)
{
	/* A chunk of no length would be the end of the answer. */
	if (rq->head_only || len == 0)
		return;
	if (rq->head.minor == 0) {
		buffer_append(out, data, len);
		return;
	}
	buffer_printf(out, "%zx\r\n", len);
	buffer_append(out, data, len);
	buffer_append_string(out, "\r\n");
}

void http_stream_begin(struct http_request *rq, unsigned status, const char *content_type)
{
	struct buffer out = {0};

	if (rq->answered != NULL)
		rq->answered(rq, status);
	append_head(rq, &out, status, content_type);
	/* HTTP/1.0 knows no chunks: there the connection's end is the answer's. */
	if (rq->head.minor == 1)
		buffer_append_string(&out, "Transfer-Encoding: chunked\r\n");
	buffer_append_string(&out, "\r\n");
	rq->transport->stream(rq, &out);
}

size_t http_stream_write(struct http_request *rq, const void *data, size_t len)
{
	struct buffer out = {0};

	append_piece(rq, &out, data, len);
	return rq->transport->stream(rq, &out);
}

void http_stream_end(struct http_request *rq)
{
	struct buffer out = {0};

	if (rq->head.minor == 1 && !rq->head_only)
		buffer_append_string(&out, "0\r\n\r\n");
	rq->transport->stream(rq, &out);
	rq->transport->stream_end(rq, true);
}

void http_stream_abort(struct http_request *rq)
{
	/* Closed without the last chunk, so the client knows that it has not got all. */
	rq->transport->stream_end(rq, false);
}

size_t http_stream_queued(const struct http_request *rq)
{
	return rq->transport->queued(rq);
}
