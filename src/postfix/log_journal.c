#include "postfix/log_journal.h"

#include <string.h>

/* An entry is flat; what is nested deeper is none of journald's. */
#define DEPTH_MAX 8

enum field {
	FIELD_TIME,
	FIELD_HOST,
	FIELD_IDENTIFIER,
	FIELD_MESSAGE,
	FIELD_SYSLOG_PID,
	FIELD_PID,
	FIELDS
};

static const char *const field_names[FIELDS] = {
    "__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "MESSAGE", "SYSLOG_PID", "_PID"};

/* Where a decoded value stands in the scratch buffer, which may move while it grows. */
struct range {
	size_t from, len;
	bool set;
};

struct scan {
	const char *at, *end;
	struct buffer *out;
};

static void skip_blanks(struct scan *s)
{
	while (
	    s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
		s->at++;
}

static bool take(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static bool read_hex4(struct scan *s, uint32_t *value)
{
	*value = 0;
	if (s->end - s->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = slice_hex_digit(*s->at++);

		if (digit < 0)
			return false;
		*value = *value << 4 | (uint32_t)digit;
	}
	return true;
}

static void put_utf8(struct buffer *out, uint32_t c)
{
	if (c < 0x80) {
		buffer_append_char(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buffer_append_char(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buffer_append_char(out, (char)(0xe0 | c >> 12));
		} else {
			buffer_append_char(out, (char)(0xf0 | c >> 18));
			buffer_append_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buffer_append_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buffer_append_char(out, (char)(0x80 | (c & 0x3f)));
}

/* \uXXXX, the 'u' taken already. A surrogate without its partner becomes U+FFFD. */
static bool read_unicode(struct scan *s)
{
	uint32_t c, low;

	if (!read_hex4(s, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && s->end - s->at >= 6 && s->at[0] == '\\' &&
	    s->at[1] == 'u') {
		struct scan ahead = *s;

		ahead.at += 2;
		if (read_hex4(&ahead, &low) && low >= 0xdc00 && low < 0xe000) {
			s->at = ahead.at;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	put_utf8(s->out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	return true;
}

static bool read_escape(struct scan *s)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (s->at == s->end)
		return false;
	c = *s->at++;
	if (c == 'u')
		return read_unicode(s);
	found = c != '\0' ? strchr(names, c) : NULL;
	if (found == NULL)
		return false;
	buffer_append_char(s->out, values[found - names]);
	return true;
}

/* Appends the decoded string to the buffer. */
static bool read_string(struct scan *s)
{
	if (!take(s, '"'))
		return false;
	while (s->at < s->end) {
		const char *run = s->at;

		while (s->at < s->end && *s->at != '"' && *s->at != '\\')
			s->at++;
		buffer_append(s->out, run, (size_t)(s->at - run));
		if (s->at == s->end)
			return false;
		if (*s->at++ == '"')
			return true;
		if (!read_escape(s))
			return false;
	}
	return false;
}

/* [72,101,...]: bytes. Anything else in the array makes the value unset but skips on. */
static bool read_byte_array(struct scan *s)
{
	if (!take(s, '['))
		return false;
	if (take(s, ']'))
		return true;
	do {
		unsigned value = 0, digits = 0;

		skip_blanks(s);
		while (s->at < s->end && *s->at >= '0' && *s->at <= '9' && digits < 3) {
			value = value * 10 + (unsigned)(*s->at++ - '0');
			digits++;
		}
		if (digits == 0 || value > 255)
			return false;
		buffer_append_char(s->out, (char)value);
	} while (take(s, ','));
	return take(s, ']');
}

/* Passes over one value of any kind, counting brackets; strings are decoded and dropped. */
static bool skip_value(struct scan *s)
{
	size_t keep = s->out->len;
	unsigned depth = 0;

	do {
		skip_blanks(s);
		if (s->at == s->end)
			return false;
		if (*s->at == '"') {
			if (!read_string(s))
				return false;
			s->out->len = keep;
			continue;
		}
		if (depth == 0 && (*s->at == ',' || *s->at == '}'))
			return true;
		if (*s->at == '[' || *s->at == '{')
			depth++;
		else if ((*s->at == ']' || *s->at == '}') && depth > 0)
			depth--;
		if (depth > DEPTH_MAX)
			return false;
		s->at++;
	} while (true);
}

static bool read_value(struct scan *s, struct range *range)
{
	struct scan start = *s;
	size_t from = s->out->len;
	bool ok;

	skip_blanks(s);
	if (s->at == s->end)
		return false;
	ok = *s->at == '"' ? read_string(s) : *s->at == '[' && read_byte_array(s);
	if (!ok) {
		*s = start;
		s->out->len = from;
		return skip_value(s);
	}
	*range = (struct range){from, s->out->len - from, true};
	return true;
}

static enum field field_of(struct slice name)
{
	for (int i = 0; i < FIELDS; i++)
		if (slice_is(name, field_names[i]))
			return (enum field)i;
	return FIELDS;
}

static bool read_members(struct scan *s, struct range ranges[FIELDS])
{
	do {
		size_t from = s->out->len;
		enum field field;

		if (!read_string(s))
			return false;
		field = field_of(slice_make(s->out->data + from, s->out->len - from));
		s->out->len = from;
		if (!take(s, ':'))
			return false;
		if (field < FIELDS ? !read_value(s, &ranges[field]) : !skip_value(s))
			return false;
	} while (take(s, ','));
	return take(s, '}');
}

static struct slice text_of(const struct buffer *scratch, struct range range)
{
	return range.set ? slice_make(scratch->data + range.from, range.len) : slice_make("", 0);
}

bool log_journal_parse(struct slice line, struct buffer *scratch, struct log_journal *out)
{
	struct range ranges[FIELDS] = {0};
	struct scan s = {line.data, line.data + line.len, scratch};
	uint64_t number;

	*out = (struct log_journal){0};
	buffer_clear(scratch);
	buffer_reserve(scratch, 1);
	if (!take(&s, '{') || !read_members(&s, ranges))
		return false;
	if (!ranges[FIELD_IDENTIFIER].set || !ranges[FIELD_MESSAGE].set)
		return false;
	if (!slice_to_u64(text_of(scratch, ranges[FIELD_TIME]), &number) || number > INT64_MAX)
		return false;
	out->time_us = (int64_t)number;
	if (slice_to_u64(text_of(scratch, ranges[FIELD_SYSLOG_PID]), &number) ||
	    slice_to_u64(text_of(scratch, ranges[FIELD_PID]), &number))
		out->pid = number <= UINT32_MAX ? (uint32_t)number : 0;
	out->host = text_of(scratch, ranges[FIELD_HOST]);
	out->identifier = text_of(scratch, ranges[FIELD_IDENTIFIER]);
	out->message = text_of(scratch, ranges[FIELD_MESSAGE]);
	return true;
}
