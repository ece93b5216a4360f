/* Takes the text of a reason apart: the host, its address, the phase of the conversation, the
 * server's own words. From it reason_class makes the class, by leaving out what differs from
 * message to message. A remote host writes most of the text, so its words are told apart from
 * Postfix's before anything is believed. */
#include "postfix/reason.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "postfix/reply.h"

static const char SUSPENDED[] = "delivery temporarily suspended: ";

/* What stands in front of "host[address]" in the texts of smtp(8) and lmtp(8). */
static const char *const HOST_PREFIXES[] = {"host ", "connect to ", "lost connection with ",
    "conversation with ", "Cannot start TLS: ", "TLS is required, but was not offered by host ",
    "SASL authentication failed; server ", "SASL authentication failed: server ",
    "cannot authenticate to server ", "protocol loop with server ", "challenge from server ",
    "SASL [CACHED] authentication failed; server ", "local data error while talking to ",
    "The last attempted server was ", NULL};

/* What the text contains, and the phase that it means; the first that is found wins. */
static const struct {
	const char *text;
	enum reason_phase phase;
} PHASES[] = {
    {"in reply to RCPT TO", REASON_PHASE_RCPT},
    {"in reply to MAIL FROM", REASON_PHASE_MAIL},
    {"in reply to end of DATA", REASON_PHASE_CONTENT},
    {"in reply to DATA", REASON_PHASE_DATA},
    {"in reply to EHLO", REASON_PHASE_EHLO},
    {"in reply to HELO", REASON_PHASE_EHLO},
    {"in reply to LHLO", REASON_PHASE_EHLO},
    {"in reply to STARTTLS", REASON_PHASE_TLS},
    {"in reply to AUTH", REASON_PHASE_AUTH},
    {"in reply to RSET", REASON_PHASE_MAIL},
    {"in reply to QUIT", REASON_PHASE_QUIT},
    {"while receiving the initial server greeting", REASON_PHASE_GREETING},
    {"refused to talk to me", REASON_PHASE_GREETING},
    {"while performing the EHLO handshake", REASON_PHASE_EHLO},
    {"while performing the HELO handshake", REASON_PHASE_EHLO},
    {"while performing the LHLO handshake", REASON_PHASE_EHLO},
    {"while sending MAIL FROM", REASON_PHASE_MAIL},
    {"while sending RCPT TO", REASON_PHASE_RCPT},
    {"while sending DATA command", REASON_PHASE_DATA},
    {"while sending message body", REASON_PHASE_CONTENT},
    {"while sending end of data", REASON_PHASE_CONTENT},
    {"while sending final end-of-data", REASON_PHASE_CONTENT},
    {"while sending QUIT", REASON_PHASE_QUIT},
    {"TLS", REASON_PHASE_TLS},
    {"erver certificate not", REASON_PHASE_TLS},
    {"SASL authentication failed", REASON_PHASE_AUTH},
    {"Name service error", REASON_PHASE_DNS},
    {"Host or domain name not found", REASON_PHASE_DNS},
    {"connect to ", REASON_PHASE_CONNECT},
};

static const char *const PHASE_NAMES[] = {
    [REASON_PHASE_NONE] = "",
    [REASON_PHASE_DNS] = "dns",
    [REASON_PHASE_CONNECT] = "connect",
    [REASON_PHASE_GREETING] = "greeting",
    [REASON_PHASE_EHLO] = "ehlo",
    [REASON_PHASE_TLS] = "tls",
    [REASON_PHASE_AUTH] = "auth",
    [REASON_PHASE_MAIL] = "mail",
    [REASON_PHASE_RCPT] = "rcpt",
    [REASON_PHASE_DATA] = "data",
    [REASON_PHASE_CONTENT] = "content",
    [REASON_PHASE_QUIT] = "quit",
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_host_char(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_' || c == ':' ||
	       (c & 0x80) != 0;
}

/* "name[address]" at the front of `text`; false when it is something else. */
static bool take_host(struct slice text, struct slice *host, struct slice *address)
{
	size_t name = 0;
	ptrdiff_t end;

	while (name < text.len && is_host_char(text.data[name]))
		name++;
	if (name == 0 || name == text.len || text.data[name] != '[')
		return false;
	end = slice_find_char(slice_from(text, name), ']');
	if (end < 2)
		return false;
	*host = slice_first(text, name);
	*address = slice_first(slice_from(text, name + 1), (size_t)end - 1);
	return true;
}

/* Postfix names the host in front of what it said, if it said anything; and soon. */
#define HOST_WITHIN 1024

static void find_host(struct reason *reason)
{
	struct slice front = slice_first(reason->text, HOST_WITHIN);

	/* Only what Postfix wrote: a server can write any host's name. */
	if (reason->reply.len > 0)
		front = slice_first(front, (size_t)(reason->reply.data - reason->text.data));
	for (size_t i = 0; HOST_PREFIXES[i] != NULL; i++) {
		ptrdiff_t at = slice_find(front, slice_of(HOST_PREFIXES[i]));

		if (at >= 0 && take_host(slice_from(front, (size_t)at + strlen(HOST_PREFIXES[i])),
				   &reason->host, &reason->address))
			return;
	}
}

/* Behind the introduction that comes first; -1 when there is none. */
static ptrdiff_t reply_begin(struct slice text)
{
	static const char *const INTRODUCTIONS[] = {
	    " said: ", " refused to talk to me: ", " refused to start TLS: "};
	ptrdiff_t begin = -1;

	for (size_t i = 0; i < sizeof(INTRODUCTIONS) / sizeof(INTRODUCTIONS[0]); i++) {
		struct slice introduction = slice_of(INTRODUCTIONS[i]);
		ptrdiff_t at = slice_find(text, introduction);

		if (at >= 0)
			text = slice_first(text, (size_t)at);
		if (at >= 0)
			begin = at + (ptrdiff_t)introduction.len;
	}
	return begin;
}

struct slice reason_reply(struct slice text)
{
	ptrdiff_t begin = reply_begin(text);
	struct slice reply;

	if (begin < 0)
		return (struct slice){"", 0};
	reply = slice_from(text, (size_t)begin);
	/* The last "(in reply to ... command)" is Postfix's, whatever the remote wrote before it.
	 */
	for (size_t j = reply.len; j > 0; j--)
		if (reply.data[j - 1] == ' ' &&
		    slice_starts_with(slice_from(reply, j), "(in reply to "))
			return slice_first(reply, j - 1);
	return reply;
}

struct slice reason_one_line(char *out, size_t size, struct slice text, struct slice *reply)
{
	struct slice whole = reason_reply(text), tail;
	size_t front = whole.len > 0 ? (size_t)(whole.data - text.data) : text.len;
	size_t len = front < size ? front : size, joined;

	memcpy(out, text.data, len);
	/* Postfix's "(in reply to ...)" gets its room first: the phase and the class hang on it. */
	tail = slice_first(slice_from(text, front + whole.len), size - len);
	joined = reply_join(out + len, size - len - tail.len, whole);
	*reply = slice_make(out + len, joined);
	memcpy(out + len + joined, tail.data, tail.len);
	return slice_make(out, len + joined + tail.len);
}

/* The first number of an address's part at the front, and what is behind the mark after it. */
static unsigned address_part(struct slice *address, char mark)
{
	unsigned value = 0;

	while (address->len > 0 && is_digit(address->data[0]) && value < 1000) {
		value = value * 10 + (unsigned)(address->data[0] - '0');
		*address = slice_from(*address, 1);
	}
	/* 1000 is no part of an address, so the caller's comparisons all fail. */
	if (address->len == 0 || address->data[0] != mark)
		return 1000;
	*address = slice_from(*address, 1);
	return value;
}

/* Of 127/8 all that is named by its number, and 127.0/16; under names in the rest of it the demo
 * plays the rest of the world (demo/network.h). */
static bool is_loopback_ipv4(const struct reason *reason, unsigned second)
{
	return second == 0 || slice_equal(reason->host, reason->address);
}

static bool is_private_ipv4(const struct reason *reason)
{
	struct slice address = reason->address;
	unsigned first = address_part(&address, '.'), second = address_part(&address, '.');

	switch (first) {
	case 10:
		return second < 256;
	case 127:
		return is_loopback_ipv4(reason, second);
	case 172:
		return second >= 16 && second < 32;
	case 192:
		return second == 168;
	default:
		return false;
	}
}

/* ::1, fc00::/7 and fe80::/10. */
static bool is_private_ipv6(struct slice address)
{
	if (slice_is(address, "::1"))
		return true;
	if (slice_find_char(address, ':') != 4 || (address.data[0] | 0x20) != 'f')
		return false;
	switch (address.data[1] | 0x20) {
	case 'c':
	case 'd':
		return true;
	case 'e':
		return strchr("89abAB", address.data[2]) != NULL;
	default:
		return false;
	}
}

bool reason_has_lines(struct slice text)
{
	ptrdiff_t begin = reply_begin(text);

	return begin >= 0 && reply_has_lines(slice_from(text, (size_t)begin));
}

static void find_codes(struct reason *reason)
{
	if (!reply_begins(reason->reply))
		return;
	reason->code = reply_code(reason->reply);
	reason->dsn = reply_status(reason->reply);
}

/* Postfix's own words stand after the reply, or all around it: what a remote says about phases of
 * its own is not looked at. */
static enum reason_phase find_phase(const struct reason *reason)
{
	struct slice parts[2] = {reason->text, {"", 0}};

	if (reason->reply.len > 0) {
		parts[0] =
		    slice_first(reason->text, (size_t)(reason->reply.data - reason->text.data));
		parts[1] = slice_from(reason->text, parts[0].len + reason->reply.len);
	}
	for (size_t i = 0; i < sizeof(PHASES) / sizeof(PHASES[0]); i++) {
		struct slice needle = slice_of(PHASES[i].text);

		if (slice_find(parts[0], needle) >= 0 || slice_find(parts[1], needle) >= 0)
			return PHASES[i].phase;
	}
	return REASON_PHASE_NONE;
}

static void find_parts(struct slice text, struct reason *reason)
{
	*reason = (struct reason){0};
	if (slice_starts_with(text, SUSPENDED)) {
		reason->suspended = true;
		text = slice_from(text, sizeof(SUSPENDED) - 1);
	}
	reason->text = text;
	reason->reply = reason_reply(text);
	find_host(reason);
}

bool reason_hop_is_ours(struct slice text)
{
	struct reason reason;

	find_parts(text, &reason);
	if (reason.address.len == 0)
		return false;
	/* A path is a Unix socket, such as LMTP to a mail store on this host. */
	return slice_find_char(reason.address, '/') >= 0 || slice_is(reason.host, "localhost") ||
	       is_private_ipv4(&reason) || is_private_ipv6(reason.address);
}

void reason_parse(struct slice text, struct reason *reason)
{
	find_parts(text, reason);
	find_codes(reason);
	reason->phase = find_phase(reason);
}

const char *reason_phase_name(enum reason_phase phase)
{
	return (size_t)phase < sizeof(PHASE_NAMES) / sizeof(PHASE_NAMES[0]) ? PHASE_NAMES[phase]
									    : "";
}

/* --- Classes ---
 * The text is cut into words at blanks and at the marks below; a word that differs from message to
 * message becomes one of a few stand-ins, the marks stay. */

enum word {
	WORD_PLAIN,
	WORD_CODE,    /* kept: 450, 4.2.0 */
	WORD_ADDRESS, /* <address> */
	WORD_HOST,    /* <host> */
	WORD_URL,     /* <url> */
	WORD_IP,      /* <ip> */
	WORD_NUMBER,  /* <n> */
	WORD_ID,      /* <id> */
};

static const char *const STAND_INS[] = {
    [WORD_PLAIN] = NULL,
    [WORD_CODE] = NULL,
    [WORD_ADDRESS] = "<address>",
    [WORD_HOST] = "<host>",
    [WORD_URL] = "<url>",
    [WORD_IP] = "<ip>",
    [WORD_NUMBER] = "<n>",
    [WORD_ID] = "<id>",
};

/* A table: this is asked of each character of each reason, hundreds of thousands of them. */
static const bool boundary[256] = {
    ['\0'] = true,
    [' '] = true,
    ['('] = true,
    [')'] = true,
    ['['] = true,
    [']'] = true,
    ['<'] = true,
    ['>'] = true,
    ['{'] = true,
    ['}'] = true,
    [','] = true,
    [';'] = true,
    ['\''] = true,
    ['"'] = true,
    ['`'] = true,
    ['|'] = true,
};

static bool is_boundary(char c)
{
	return boundary[(unsigned char)c];
}

struct shape {
	size_t letters, digits, dots, colons, ats, others,
	    groups; /* groups: changes from letter to digit */
	bool upper, lower, hex;
};

static struct shape shape_of(struct slice word)
{
	struct shape s = {.hex = true};
	bool was_digit = false;

	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.data[i];

		if (is_digit((char)c)) {
			s.digits++;
			s.groups += !was_digit;
		} else if (isalpha(c) || c >= 0x80) {
			s.letters++;
			s.upper |= isupper(c) != 0;
			s.lower |= isupper(c) == 0;
			s.hex &= isxdigit(c) != 0;
		} else if (c == '.')
			s.dots++;
		else if (c == ':')
			s.colons++;
		else if (c == '@')
			s.ats++;
		else
			s.others++;
		was_digit = is_digit((char)c);
	}
	return s;
}

/* A host or domain name: labels of letters, digits and hyphens, the last one of two or more
 * letters. */
static bool is_host_name(struct slice word)
{
	size_t last = 0;

	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];

		if (c == '.') {
			if (i == 0 || i + 1 == word.len || word.data[i + 1] == '.')
				return false;
			last = i + 1;
		} else if (!isalnum((unsigned char)c) && c != '-' && c != '_' && (c & 0x80) == 0)
			return false;
	}
	if (last == 0 || word.len - last < 2)
		return false;
	for (size_t i = last; i < word.len; i++)
		if (!isalpha((unsigned char)word.data[i]) && (word.data[i] & 0x80) == 0 &&
		    !slice_starts_with(slice_from(word, last), "xn--"))
			return false;
	return true;
}

static bool is_ip(struct slice word, const struct shape *s)
{
	if (s->letters == 0 && s->others == 0 && s->dots == 3 && s->digits >= 4 && s->colons <= 1)
		return true;
	return s->colons >= 2 && s->hex && s->others == 0 && s->ats == 0 && s->digits > 0 &&
	       word.len > 4;
}

/* An identifier that a machine made: letters and digits mixed, long enough and mixed enough not to
 * be a word such as "SMTP2" or "x509". */
static bool is_id(struct slice word, const struct shape *s)
{
	if (s->digits == 0 || s->letters == 0)
		return false;
	if (s->hex && s->digits >= 2 && word.len >= 6)
		return true;
	return word.len >= 8 && (s->groups >= 2 || s->digits >= 3);
}

static enum word classify(struct slice word, bool first)
{
	struct shape s = shape_of(word);

	/* The order matters: a URL may hold an address, an address a host, and a code looks like a
	 * number. */
	if (slice_find(word, SLICE("://")) > 0)
		return WORD_URL;
	if (s.ats > 0)
		return WORD_ADDRESS;
	if (s.digits == 0)
		return s.dots > 0 && is_host_name(word) ? WORD_HOST : WORD_PLAIN;
	if (reply_enhanced_code(word).len == word.len || (first && reply_begins(word)))
		return WORD_CODE;
	if (is_ip(word, &s))
		return WORD_IP;
	if (s.dots > 0 && is_host_name(word))
		return WORD_HOST;
	if (s.letters == 0)
		return WORD_NUMBER;
	return is_id(word, &s) ? WORD_ID : WORD_PLAIN;
}

/* Digits inside a word that is kept, such as "10s" or "try=3", are put out too. */
static void append_without_digits(struct buffer *out, struct slice word)
{
	while (word.len > 0) {
		size_t run = 0;
		bool number = is_digit(word.data[0]);

		while (run < word.len && is_digit(word.data[run]) == number)
			run++;
		if (number)
			buffer_append_char(out, '#');
		else
			buffer_append(out, word.data, run);
		word = slice_from(word, run);
	}
}

/* The word without the marks of a sentence at its end, which are kept as they are. */
static size_t trailing_marks(struct slice word)
{
	size_t n = 0;

	while (n < word.len && strchr(".:!?=-", word.data[word.len - 1 - n]) != NULL)
		n++;
	return n;
}

static void append_word(struct buffer *out, struct slice word, const struct reason *reason)
{
	size_t marks = trailing_marks(word);
	struct slice body = slice_first(word, word.len - marks);
	ptrdiff_t equals = slice_find_char(body, '=');
	enum word kind;

	/* "name=example.com": the name stays, the value is judged. */
	if (equals > 0 && slice_find(body, SLICE("://")) < 0) {
		buffer_append_slice(out, slice_first(body, (size_t)equals + 1));
		body = slice_from(body, (size_t)equals + 1);
	}
	kind = classify(body, reason->reply.len > 0 && word.data == reason->reply.data);
	/* A name without dots, before its address, is a host too. */
	if (reason->host.len > 0 && body.data == reason->host.data)
		kind = WORD_HOST;
	if (STAND_INS[kind] != NULL)
		buffer_append_string(out, STAND_INS[kind]);
	else if (kind == WORD_CODE)
		buffer_append_slice(out, body);
	else
		append_without_digits(out, body);
	buffer_append_slice(out, slice_from(word, word.len - marks));
}

/* "<address>" in angle brackets and "<address>" without are the same to a reader: brackets around a
 * stand-in go. */
static bool ends_with_stand_in(const struct buffer *out)
{
	return out->len > 0 && out->data[out->len - 1] == '>';
}

void reason_class(struct buffer *out, struct slice text)
{
	char line[REASON_ONE_LINE_MAX];
	size_t begin = out->len;
	size_t at = 0;
	struct reason reason;
	struct slice reply;

	find_parts(reason_one_line(line, sizeof(line), text, &reply), &reason);
	text = reason.text;
	while (at < text.len && out->len - begin < REASON_CLASS_MAX) {
		size_t end = at;

		if (text.data[at] == '<' || (text.data[at] == '>' && ends_with_stand_in(out))) {
			at++;
			continue;
		}
		if (is_boundary(text.data[at])) {
			/* Runs of blanks are one blank. */
			if (text.data[at] != ' ' || out->len == begin ||
			    out->data[out->len - 1] != ' ')
				buffer_append_char(out, text.data[at]);
			at++;
			continue;
		}
		while (end < text.len && !is_boundary(text.data[end]))
			end++;
		append_word(out, slice_first(slice_from(text, at), end - at), &reason);
		at = end;
	}
	/* The last word may have gone past the limit; the cut must not leave half a character. */
	if (out->len - begin > REASON_CLASS_MAX)
		out->len = begin + utf8_first(slice_make(out->data + begin, out->len - begin),
				       REASON_CLASS_MAX)
				       .len;
}
