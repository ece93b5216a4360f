/* Encoders and decoders of what is sent and how it went, and the check of what may be sent. The
 * check knows forms only: which address a name leads to is seen when it is connected to
 * (transfer/address.h). */
#include "wire/notifier_proto.h"

#include <string.h>

#include "base/url.h"

static bool bad(struct error *err, const char *text)
{
	return error_set(err, "bad_channel", "%s", text);
}

static bool is_visible(char c)
{
	return c > ' ' && c < 0x7f;
}

static bool is_all_visible(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_visible(s.data[i]))
			return false;
	return true;
}

/* A letter, a digit, or one of those; never NUL, which strchr would find at their end. */
static bool is_word(char c, const char *more)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr(more, c) != NULL);
}

/* ---- URLs ---- */

bool notifier_url_check(struct slice text, struct error *err)
{
	struct url url;

	if (text.len > NOTIFIER_URL_MAX)
		return bad(err, "the URL is longer than 2048 bytes");
	if (!slice_starts_with(text, "http://") && !slice_starts_with(text, "https://"))
		return bad(err, "the URL must begin with http:// or https://");
	if (!is_all_visible(text))
		return bad(err, "the URL has a blank or a character that must be written as %XX");
	return url_split(text, &url) ||
	       bad(err, "the URL must name a host, and a port where it is another, and no user or "
			"password: those belong into a header");
}

static bool check_relay(struct slice relay, struct error *err)
{
	struct url url;

	if (relay.len > NOTIFIER_RELAY_MAX ||
	    (!slice_starts_with(relay, "smtp://") && !slice_starts_with(relay, "smtps://")))
		return bad(err, "the relay must be smtp://host or smtps://host");
	return (url_split(relay, &url) && (url.rest.len == 0 || slice_is(url.rest, "/"))) ||
	       bad(err, "the relay must be a host, and a port where it is another, and no more");
}

/* ---- headers ---- */

/* What libcurl writes from what it sends, or what would change how the request is read. */
static bool is_reserved(struct slice name)
{
	static const char *const reserved[] = {"host", "content-length", "transfer-encoding",
	    "connection", "upgrade", "te", "trailer", "expect", "proxy-authorization",
	    "proxy-connection", "keep-alive"};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (slice_equal_nocase(name, slice_of(reserved[i])))
			return true;
	return false;
}

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_word(s.data[i], "!#$%&'*+-.^_`|~"))
			return false;
	return s.len > 0;
}

/* UTF-8 passes; control characters, which could end the line, do not. */
static bool has_controls(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
			return true;
	return false;
}

static bool check_header(struct slice line, struct error *err)
{
	struct slice value = line, name;

	if (slice_find_char(line, ':') < 0 || !slice_split(&value, ':', &name) || !is_token(name))
		return bad(err, "a header must be a name, a colon and a value");
	if (has_controls(value) || slice_trim(value).len == 0)
		return error_set(err, "bad_channel",
		    "the value of the header %.*s is empty or has a control character",
		    SLICE_ARGS(name));
	return !is_reserved(name) ||
	       error_set(err, "bad_channel", "the header %.*s cannot be set", SLICE_ARGS(name));
}

/* Lines, each with its end. */
static bool take_line(struct slice *rest, struct slice *line)
{
	if (rest->len == 0 || slice_find_char(*rest, '\n') < 0)
		return false;
	return slice_split(rest, '\n', line);
}

static bool check_http(const struct notifier_send *send, struct error *err)
{
	struct slice rest = send->headers, line;

	if (!notifier_url_check(send->url, err))
		return false;
	if (send->method > NOTIFIER_GET || (send->method == NOTIFIER_GET && send->body.len > 0))
		return bad(err, "a request is a POST or a PUT, or a GET without a body");
	if (rest.len > NOTIFIER_HEADERS_MAX)
		return bad(err, "the headers are longer than 8192 bytes");
	while (take_line(&rest, &line))
		if (!check_header(line, err))
			return false;
	return rest.len == 0 || bad(err, "a header must be a line");
}

/* ---- commands ---- */

static bool check_command(const struct notifier_send *send, struct error *err)
{
	struct slice name = send->command, arguments = send->arguments;
	size_t count = 0;

	if (name.len == 0 || name.len > NOTIFIER_COMMAND_MAX || name.data[0] == '.')
		return bad(err, "a command is the name of a file in alerts.commands: up to 64 "
				"letters, digits, dots, dashes and underscores, the first no dot");
	for (size_t i = 0; i < name.len; i++)
		if (!is_word(name.data[i], "-._"))
			return bad(err,
			    "a command is named by its file name alone: letters, digits, dots, "
			    "dashes and underscores");
	if (arguments.len > NOTIFIER_ARGUMENTS_MAX)
		return bad(err, "the arguments are longer than 4096 bytes");
	for (size_t i = 0; i < arguments.len; i++)
		count += arguments.data[i] == '\0';
	if (count > NOTIFIER_ARGUMENTS_COUNT_MAX)
		return bad(err, "there are more than 64 arguments");
	return arguments.len == 0 || arguments.data[arguments.len - 1] == '\0' ||
	       bad(err, "an argument has no end");
}

/* ---- mail ---- */

/* What can stand between < and > of an SMTP command, and nothing that could end it. An address that
 * needs quotes is refused: nobody's alerts go there, and quotes are read in many ways. */
static bool is_address(struct slice s)
{
	ptrdiff_t at = slice_find_char(s, '@');

	if (at <= 0 || (size_t)at + 1 == s.len || s.len > NOTIFIER_ADDRESS_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.data[i] <= ' ' || s.data[i] == 0x7f) ||
		    strchr("<>\"\\(),;:", s.data[i]) != NULL ||
		    (s.data[i] == '@' && i != (size_t)at))
			return false;
	return true;
}

static bool check_recipients(struct slice recipients, struct error *err)
{
	struct slice line;

	if (recipients.len == 0 || recipients.len > NOTIFIER_RECIPIENTS_MAX)
		return bad(err, "there must be a recipient, and all of them within 4096 bytes");
	while (take_line(&recipients, &line))
		if (!is_address(line))
			return error_set(err, "bad_channel", "%.*s is no address that can be used",
			    SLICE_ARGS(slice_first(line, NOTIFIER_ADDRESS_MAX)));
	return recipients.len == 0 || bad(err, "a recipient must be a line");
}

/* The end of DATA and dots are libcurl's business; bare CR or LF could smuggle another message
 * into the stream of a relay that reads them as line ends. */
static bool has_bare_line_end(struct slice body)
{
	for (size_t i = 0; i < body.len; i++) {
		if (body.data[i] == '\r' && (i + 1 == body.len || body.data[i + 1] != '\n'))
			return true;
		if (body.data[i] == '\n' && (i == 0 || body.data[i - 1] != '\r'))
			return true;
	}
	return memchr(body.data, '\0', body.len) != NULL;
}

static bool check_mail(const struct notifier_send *send, struct error *err)
{
	if (!check_relay(send->relay, err))
		return false;
	/* The null sender is right for what must never be answered. */
	if (send->from.len > 0 && !is_address(send->from))
		return bad(err, "the sender is no address that can be used");
	if (!check_recipients(send->to, err))
		return false;
	if (send->user.len > NOTIFIER_SECRET_MAX || send->password.len > NOTIFIER_SECRET_MAX ||
	    has_controls(send->user) || has_controls(send->password))
		return bad(err, "user and password must be up to 256 bytes each, without control "
				"characters");
	if (send->user.len == 0 && send->password.len > 0)
		return bad(err, "a password needs a user");
	return (send->body.len > 0 && !has_bare_line_end(send->body)) ||
	       bad(err, "the message must have lines that end with CR LF");
}

bool notifier_send_check(const struct notifier_send *send, struct error *err)
{
	if (send->timeout_ms == 0 || send->timeout_ms > NOTIFIER_TIMEOUT_MAX_MS)
		return bad(err, "the time must be 1 ms to 120 s");
	if (send->body.len > NOTIFIER_BODY_MAX)
		return bad(err, "what is to be sent is longer than 40960 bytes");
	switch (send->way) {
	case NOTIFIER_HTTP:
		return check_http(send, err);
	case NOTIFIER_COMMAND:
		return check_command(send, err);
	case NOTIFIER_MAIL:
		return check_mail(send, err);
	}
	return bad(err, "there is no such way of sending");
}

/* ---- frames ---- */

void notifier_send_encode(struct buffer *frame, uint32_t request, const struct notifier_send *send)
{
	frame_begin(frame, NOTIFIER_SEND, request);
	buffer_put_u8(frame, (uint8_t)send->way);
	buffer_put_string(frame, send->url);
	buffer_put_string(frame, send->headers);
	buffer_put_string(frame, send->body);
	buffer_put_string(frame, send->command);
	buffer_put_string(frame, send->arguments);
	buffer_put_string(frame, send->relay);
	buffer_put_string(frame, send->from);
	buffer_put_string(frame, send->to);
	buffer_put_string(frame, send->user);
	buffer_put_string(frame, send->password);
	buffer_put_u32(frame, send->timeout_ms);
	buffer_put_u8(frame, send->allow_local);
	buffer_put_u8(frame, (uint8_t)send->method);
}

bool notifier_send_decode(const struct frame *frame, struct notifier_send *send)
{
	struct cursor c = frame_cursor(frame);

	if (frame->type != NOTIFIER_SEND)
		return false;
	send->way = (enum notifier_way)cursor_u8(&c);
	send->url = cursor_string(&c, NOTIFIER_URL_MAX);
	send->headers = cursor_string(&c, NOTIFIER_HEADERS_MAX);
	send->body = cursor_string(&c, NOTIFIER_BODY_MAX);
	send->command = cursor_string(&c, NOTIFIER_COMMAND_MAX);
	send->arguments = cursor_string(&c, NOTIFIER_ARGUMENTS_MAX);
	send->relay = cursor_string(&c, NOTIFIER_RELAY_MAX);
	send->from = cursor_string(&c, NOTIFIER_ADDRESS_MAX);
	send->to = cursor_string(&c, NOTIFIER_RECIPIENTS_MAX);
	send->user = cursor_string(&c, NOTIFIER_SECRET_MAX);
	send->password = cursor_string(&c, NOTIFIER_SECRET_MAX);
	send->timeout_ms = cursor_u32(&c);
	send->allow_local = cursor_flag(&c);
	send->method = (enum notifier_method)cursor_u8(&c);
	return cursor_finished(&c) && notifier_send_check(send, NULL);
}

void notifier_sent_encode(struct buffer *frame, uint32_t request, const struct notifier_sent *sent)
{
	frame_begin(frame, NOTIFIER_SENT, request);
	buffer_put_u8(frame, (uint8_t)sent->result);
	buffer_put_u32(frame, (uint32_t)sent->status);
	buffer_put_u32(frame, sent->retry_after_s);
	buffer_put_u32(frame, sent->took_ms);
	buffer_put_string(frame, slice_first(sent->text, NOTIFIER_TEXT_MAX));
	buffer_put_string(frame, slice_first(sent->answer, NOTIFIER_ANSWER_MAX));
}

bool notifier_sent_decode(const struct frame *frame, struct notifier_sent *sent)
{
	struct cursor c = frame_cursor(frame);
	uint8_t result = cursor_u8(&c);

	if (frame->type != NOTIFIER_SENT || result > NOTIFIER_REFUSED)
		return false;
	sent->result = (enum notifier_result)result;
	sent->status = (int32_t)cursor_u32(&c);
	sent->retry_after_s = cursor_u32(&c);
	sent->took_ms = cursor_u32(&c);
	sent->text = cursor_string(&c, NOTIFIER_TEXT_MAX);
	sent->answer = cursor_string(&c, NOTIFIER_ANSWER_MAX);
	return cursor_finished(&c) && sent->retry_after_s <= NOTIFIER_RETRY_AFTER_MAX_S;
}

void notifier_cancel_encode(struct buffer *frame, uint32_t request)
{
	frame_begin(frame, NOTIFIER_CANCEL, 0);
	buffer_put_u32(frame, request);
}

bool notifier_cancel_decode(const struct frame *frame, uint32_t *request)
{
	struct cursor c = frame_cursor(frame);

	*request = cursor_u32(&c);
	return frame->type == NOTIFIER_CANCEL && cursor_finished(&c);
}
