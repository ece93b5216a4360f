/* The strict reading of a request's head and of chunked bodies. Whatever two readers could take in
 * two ways is refused; nothing is repaired. */
#include "http/gate.h"

#include <string.h>

#include "base/url.h"

static bool refuse(struct gate_refusal *refusal, unsigned status, const char *text)
{
	refusal->status = status;
	refusal->text = text;
	return false;
}

enum gate_result gate_scan(
    struct slice bytes, size_t *scanned, size_t *head_len, struct gate_refusal *refusal)
{
	const unsigned char *p = (const unsigned char *)bytes.data;
	/* Where it stopped before is kept in *scanned: bytes that come one by one are not looked at
	 * again. */
	size_t most = bytes.len < GATE_HEAD_MAX ? bytes.len : GATE_HEAD_MAX;

	for (size_t i = *scanned; i < bytes.len; i++) {
		/* Nearly all of it is ordinary: strangers may send 32 KiB of that. */
		if (i > 0 && p[i - 1] != '\r')
			while (i < most && p[i] >= 0x20 && p[i] != 0x7f)
				i++;
		*scanned = i;
		if (i == bytes.len)
			break;
		/* Refused while it comes, so that nobody can make us keep more than that. */
		if (i >= GATE_HEAD_MAX) {
			refuse(refusal, 431, "The head of the request is too large.");
			return GATE_BAD;
		}
		/* Some readers take a bare carriage return for a line's end. Then they would see
		 * headers where we see none. */
		if (i > 0 && p[i - 1] == '\r' && p[i] != '\n') {
			refuse(refusal, 400, "A carriage return stands without its line feed.");
			return GATE_BAD;
		}
		if (p[i] == '\n') {
			/* The same for a bare line feed: a proxy in front may count lines in
			 * another way (request smuggling). */
			if (i == 0 || p[i - 1] != '\r') {
				refuse(refusal, 400, "A line ends without its carriage return.");
				return GATE_BAD;
			}
			if (i >= 3 && p[i - 2] == '\n') {
				*head_len = i + 1;
				return GATE_DONE;
			}
			if (i == 1) {
				refuse(refusal, 400, "The request begins with an empty line.");
				return GATE_BAD;
			}
		} else if ((p[i] < 0x20 && p[i] != '\t' && p[i] != '\r') || p[i] == 0x7f) {
			refuse(
			    refusal, 400, "The head of the request contains a control character.");
			return GATE_BAD;
		}
		*scanned = i + 1;
	}
	return GATE_MORE;
}

/* RFC 9110, 5.6.2 */
static bool is_tchar(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_tchar((unsigned char)s.data[i]))
			return false;
	return s.len > 0;
}

/* The next line without its CRLF; gate_scan has seen to it that every line has one. */
static struct slice take_line(struct slice *rest)
{
	ptrdiff_t end = slice_find_char(*rest, '\n');
	size_t len = end < 1 ? rest->len : (size_t)end - 1;
	struct slice line = slice_first(*rest, len);
	*rest = slice_from(*rest, len + 2);
	return line;
}

static bool parse_request_line(
    struct slice line, struct gate_head *head, struct gate_refusal *refusal)
{
	struct slice version;

	/* Exactly two blanks: where there are more, two readers may cut the target at different
	 * ones. */
	if (!slice_split(&line, ' ', &head->method) || !slice_split(&line, ' ', &head->target) ||
	    !slice_split(&line, ' ', &version) || line.data != NULL)
		return refuse(refusal, 400, "The first line is not `method target version`.");
	/* Which methods there are, the router says; here it must only be one word. */
	if (!is_token(head->method) || head->method.len > 32)
		return refuse(refusal, 400, "The method is malformed.");
	if (slice_is(version, "HTTP/1.1"))
		head->minor = 1;
	else if (!slice_is(version, "HTTP/1.0"))
		return slice_starts_with(version, "HTTP/")
			   ? refuse(refusal, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
			   : refuse(refusal, 400, "The first line is not `method target version`.");
	if (head->target.len > GATE_TARGET_MAX)
		return refuse(refusal, 414,
		    "The address is longer than 16384 bytes. A long filter goes into the body of "
		    "POST /api/v1/views.");
	if (!slice_starts_with(head->target, "/"))
		return refuse(refusal, 400, "The address does not begin with a slash.");
	for (size_t i = 0; i < head->target.len; i++) {
		unsigned char c = (unsigned char)head->target.data[i];
		if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}#", c) != NULL)
			return refuse(refusal, 400,
			    "The address contains a character that must be percent-encoded.");
	}
	return true;
}

static bool parse_field(struct slice line, struct gate_head *head, struct gate_refusal *refusal)
{
	struct slice name;

	/* Folding is obsolete (RFC 9112, 5.2), and read in different ways. */
	if (line.data[0] == ' ' || line.data[0] == '\t')
		return refuse(refusal, 400, "A header is folded over two lines.");
	/* A blank before the colon made proxies and servers see different headers (RFC 9112, 5.1).
	 */
	if (slice_find_char(line, ':') < 0 || !slice_split(&line, ':', &name) || !is_token(name))
		return refuse(refusal, 400,
		    "A header's name is malformed (or blanks stand before its colon).");
	/* Each is compared with a list of names further on. */
	if (head->header_count == GATE_HEADERS_MAX)
		return refuse(refusal, 431, "The request has too many headers.");
	if (line.data == NULL)
		line = SLICE("");
	head->headers[head->header_count++] = (struct gate_header){name, slice_trim(line)};
	return true;
}

bool gate_find(const struct gate_head *head, const char *name, struct slice *value)
{
	struct slice wanted = slice_of(name);
	for (size_t i = 0; i < head->header_count; i++)
		if (slice_equal_nocase(head->headers[i].name, wanted)) {
			*value = head->headers[i].value;
			return true;
		}
	return false;
}

/* Of these a second one would leave open which counts. */
static const char *const singles[] = {"Host", "Content-Length", "Transfer-Encoding", "Content-Type",
    "Authorization", "Cookie", "Origin", "Expect", "Sec-Fetch-Site", "Last-Event-ID",
    "X-Forwarded-For", "X-Forwarded-Proto", "If-None-Match", "Accept-Encoding"};

static bool check_singles(const struct gate_head *head, struct gate_refusal *refusal)
{
	for (size_t s = 0; s < sizeof(singles) / sizeof(singles[0]); s++) {
		unsigned count = 0;
		for (size_t i = 0; i < head->header_count; i++)
			count += slice_equal_nocase(head->headers[i].name, slice_of(singles[s]));
		if (count > 1)
			return refuse(refusal, 400, "A header that may stand once stands twice.");
	}
	return true;
}

static bool parse_host(struct gate_head *head, struct gate_refusal *refusal)
{
	struct slice host;
	uint16_t port;

	if (!gate_find(head, "Host", &head->host)) {
		head->host = SLICE("");
		return head->minor == 0 || refuse(refusal, 400, "The request has no Host header.");
	}
	/* RFC 9110, 7.2. Anything else could be read as another host by whoever stands before or
	 * behind. */
	return url_split_authority(head->host, &host, &port) ||
	       refuse(refusal, 400, "The Host header is malformed.");
}

/* RFC 9112, 6.3, less everything that is left to interpretation. */
static bool parse_framing(struct gate_head *head, struct gate_refusal *refusal)
{
	struct slice length, coding;
	bool has_length = gate_find(head, "Content-Length", &length);
	bool has_coding = gate_find(head, "Transfer-Encoding", &coding);

	/* The oldest way to smuggle a request: one reader goes by the length, the other by the
	 * chunks. */
	if (has_length && has_coding)
		return refuse(
		    refusal, 400, "The request has both a Content-Length and a Transfer-Encoding.");
	if (has_coding) {
		if (head->minor == 0)
			return refuse(refusal, 400, "HTTP/1.0 has no Transfer-Encoding.");
		if (!slice_equal_nocase(coding, SLICE("chunked")))
			return refuse(refusal, 501, "The only Transfer-Encoding is chunked.");
		head->framing = GATE_CHUNKED;
		return true;
	}
	if (!has_length)
		return true;
	/* Digits alone, and few enough that no reader can overflow. */
	if (length.len > 18 || !slice_to_u64(length, &head->length))
		return refuse(refusal, 400, "The Content-Length is no number.");
	head->framing = head->length > 0 ? GATE_LENGTH : GATE_NO_BODY;
	return true;
}

static bool parse_connection(struct gate_head *head, struct gate_refusal *refusal)
{
	struct slice expect;

	/* The default of HTTP/1.1; of HTTP/1.0 none is kept. */
	head->keep_alive = head->minor == 1;
	for (size_t i = 0; i < head->header_count; i++) {
		struct slice rest = head->headers[i].value, option;
		if (!slice_equal_nocase(head->headers[i].name, SLICE("Connection")))
			continue;
		while (slice_split(&rest, ',', &option))
			if (slice_equal_nocase(slice_trim(option), SLICE("close")))
				head->keep_alive = false;
	}
	if (!gate_find(head, "Expect", &expect))
		return true;
	head->expects_continue = true;
	return slice_equal_nocase(expect, SLICE("100-continue")) ||
	       refuse(refusal, 417, "The only expectation is 100-continue.");
}

bool gate_parse(struct slice bytes, struct gate_head *head, struct gate_refusal *refusal)
{
	struct slice line;

	head->method = head->target = head->host = SLICE("");
	head->minor = 0;
	head->header_count = 0;
	head->framing = GATE_NO_BODY;
	head->length = 0;
	head->keep_alive = head->expects_continue = false;

	if (!parse_request_line(take_line(&bytes), head, refusal))
		return false;
	for (line = take_line(&bytes); line.len > 0; line = take_line(&bytes))
		if (!parse_field(line, head, refusal))
			return false;
	return check_singles(head, refusal) && parse_host(head, refusal) &&
	       parse_framing(head, refusal) && parse_connection(head, refusal);
}

/* The bytes around the data: one at a time. False: not what has to stand there. */
static bool chunk_step(struct gate_chunks *chunks, unsigned char c)
{
	int digit;

	switch (chunks->state) {
	case GATE_CHUNK_SIZE:
		digit = slice_hex_digit(c);
		/* Eight digits are 4 GiB, more than any body may have. Extensions of a chunk are
		 * refused: nobody needs them. */
		if (digit >= 0 && chunks->digits < 8) {
			chunks->left = chunks->left * 16 + (unsigned)digit;
			chunks->digits++;
			return true;
		}
		chunks->state = GATE_CHUNK_SIZE_LF;
		return c == '\r' && chunks->digits > 0;
	case GATE_CHUNK_SIZE_LF:
		/* Nothing but the end may follow the last chunk: trailers could be taken for
		 * headers. */
		chunks->state = chunks->left > 0 ? GATE_CHUNK_DATA : GATE_CHUNK_END_CR;
		return c == '\n';
	case GATE_CHUNK_CR:
		chunks->state = GATE_CHUNK_LF;
		return c == '\r';
	case GATE_CHUNK_LF:
		chunks->state = GATE_CHUNK_SIZE;
		chunks->digits = 0;
		return c == '\n';
	case GATE_CHUNK_END_CR:
		chunks->state = GATE_CHUNK_END_LF;
		return c == '\r';
	case GATE_CHUNK_END_LF:
		chunks->state = GATE_CHUNK_DONE;
		return c == '\n';
	default:
		return false;
	}
}

enum gate_result gate_unchunk(struct gate_chunks *chunks, struct slice bytes, size_t *used,
    struct buffer *body, size_t max, struct gate_refusal *refusal)
{
	*used = 0;
	while (*used < bytes.len && chunks->state != GATE_CHUNK_DONE) {
		size_t there = bytes.len - *used;
		if (chunks->state != GATE_CHUNK_DATA) {
			if (!chunk_step(chunks, (unsigned char)bytes.data[*used])) {
				refuse(refusal, 400,
				    "The chunks of the request's body are malformed.");
				return GATE_BAD;
			}
			*used += 1;
			continue;
		}
		if (there > chunks->left)
			there = (size_t)chunks->left;
		/* By subtraction, and before anything is kept. */
		if (there > max - body->len) {
			refuse(refusal, 413, "The request's body is too large.");
			return GATE_BAD;
		}
		buffer_append(body, bytes.data + *used, there);
		*used += there;
		chunks->left -= there;
		if (chunks->left == 0)
			chunks->state = GATE_CHUNK_CR;
	}
	return chunks->state == GATE_CHUNK_DONE ? GATE_DONE : GATE_MORE;
}
