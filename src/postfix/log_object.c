/* The members of one JSON object are read in one pass, each decoded into the scratch buffer where
 * it is wanted and passed over where it is not. Which member means what is the table below:
 * journald's names, docker's, and those that log shippers write. */
#include "postfix/log_object.h"

#include <string.h>

#include "postfix/log_time.h"

/* An entry is flat; what is nested deeper is none of a log's. */
#define DEPTH_MAX 8
/* A time in numbers is in seconds below this, then in milliseconds, microseconds, nanoseconds: the
 * year 5138 in one and 1973 in the next. */
#define UNIT_LIMIT INT64_C(100000000000)

enum field { FIELD_TIME, FIELD_HOST, FIELD_PROGRAM, FIELD_TEXT, FIELD_PID, FIELDS };

/* Of two names that mean the same in one object the earlier row counts. */
static const struct {
	const char *name;
	enum field field;
} meanings[] = {
    {"__REALTIME_TIMESTAMP", FIELD_TIME},
    {"@timestamp", FIELD_TIME},
    {"timestamp", FIELD_TIME},
    {"time", FIELD_TIME},
    {"timereported", FIELD_TIME},
    {"ISODATE", FIELD_TIME},
    {"ts", FIELD_TIME},
    {"DATE", FIELD_TIME},
    {"date", FIELD_TIME},
    {"_HOSTNAME", FIELD_HOST},
    {"hostname", FIELD_HOST},
    {"host", FIELD_HOST},
    {"HOST", FIELD_HOST},
    {"SYSLOG_IDENTIFIER", FIELD_PROGRAM},
    {"syslogtag", FIELD_PROGRAM},
    {"appname", FIELD_PROGRAM},
    {"app-name", FIELD_PROGRAM},
    {"ident", FIELD_PROGRAM},
    {"PROGRAM", FIELD_PROGRAM},
    {"program", FIELD_PROGRAM},
    {"programname", FIELD_PROGRAM},
    {"MESSAGE", FIELD_TEXT},
    {"message", FIELD_TEXT},
    {"msg", FIELD_TEXT},
    {"log", FIELD_TEXT},
    {"line", FIELD_TEXT},
    {"SYSLOG_PID", FIELD_PID},
    {"_PID", FIELD_PID},
    {"procid", FIELD_PID},
    {"pid", FIELD_PID},
    {"PID", FIELD_PID},
};
#define NAMES (sizeof(meanings) / sizeof(*meanings))

/* Where a decoded value stands in the scratch buffer, which may move while it grows. */
struct range {
	size_t from, len;
	bool set;
	size_t rank; /* the row of the name that set it */
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

/* -12.5e3: as it stands. */
static bool read_number(struct scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && ((*s->at >= '0' && *s->at <= '9') || *s->at == '.'))
		s->at++;
	buffer_append(s->out, from, (size_t)(s->at - from));
	return s->at > from;
}

static bool read_value(struct scan *s, struct range *range, size_t rank)
{
	struct scan start = *s;
	size_t from = s->out->len;
	bool ok;

	skip_blanks(s);
	if (s->at == s->end)
		return false;
	if (*s->at == '"')
		ok = read_string(s);
	else
		ok = *s->at == '[' ? read_byte_array(s) : read_number(s);
	if (!ok) {
		*s = start;
		s->out->len = from;
		return skip_value(s);
	}
	if (!range->set || rank < range->rank)
		*range = (struct range){from, s->out->len - from, true, rank};
	return true;
}

static bool read_members(struct scan *s, struct range ranges[FIELDS])
{
	do {
		size_t from = s->out->len, row = 0;
		struct slice name;

		if (!read_string(s))
			return false;
		name = slice_make(s->out->data + from, s->out->len - from);
		while (row < NAMES && !slice_is(name, meanings[row].name))
			row++;
		s->out->len = from;
		if (!take(s, ':'))
			return false;
		if (row < NAMES ? !read_value(s, &ranges[meanings[row].field], row)
				: !skip_value(s))
			return false;
	} while (take(s, ','));
	return take(s, '}');
}

static struct slice text_of(const struct buffer *scratch, struct range range)
{
	return range.set ? slice_make(scratch->data + range.from, range.len) : slice_make("", 0);
}

/* Of a number: seconds with a fraction, or a whole number of whatever unit its size tells. */
static int64_t time_of_number(struct slice text)
{
	ptrdiff_t point = slice_find_char(text, '.');
	struct slice fraction = point < 0 ? slice_make("", 0) : slice_from(text, (size_t)point + 1);
	int64_t us = 0, unit = 100000, time;
	uint64_t number;

	if (!slice_to_u64(point < 0 ? text : slice_first(text, (size_t)point), &number) ||
	    number > INT64_MAX)
		return LOG_TIME_UNKNOWN;
	for (size_t i = 0; i < fraction.len && fraction.data[i] != '.'; i++, unit /= 10)
		us += (fraction.data[i] - '0') * unit;
	time = (int64_t)number;
	if (time < UNIT_LIMIT)
		return time * 1000000 + us;
	if (time < UNIT_LIMIT * 1000)
		return time * 1000 + us / 1000;
	return time < UNIT_LIMIT * 1000000 ? time : time / 1000;
}

static void read_time(struct slice text, struct log_clock *clock, struct log_time *out)
{
	*out = (struct log_time){LOG_TIME_UNKNOWN, false};
	if (text.len == 0 || log_time_take(&text, clock, out))
		return;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != '.' && (text.data[i] < '0' || text.data[i] > '9'))
			return;
	out->us = time_of_number(text);
	out->zoned = out->us != LOG_TIME_UNKNOWN;
}

bool log_object_parse(
    struct slice line, struct log_clock *clock, struct buffer *scratch, struct log_object *out)
{
	struct range ranges[FIELDS] = {0};
	struct scan s = {line.data, line.data + line.len, scratch};
	uint64_t number;

	*out = (struct log_object){.time = {LOG_TIME_UNKNOWN, false}};
	buffer_clear(scratch);
	buffer_reserve(scratch, 1);
	if (!take(&s, '{') || !read_members(&s, ranges) || !ranges[FIELD_TEXT].set)
		return false;
	read_time(text_of(scratch, ranges[FIELD_TIME]), clock, &out->time);
	if (slice_to_u64(text_of(scratch, ranges[FIELD_PID]), &number) && number <= UINT32_MAX)
		out->pid = (uint32_t)number;
	out->host = text_of(scratch, ranges[FIELD_HOST]);
	out->program = text_of(scratch, ranges[FIELD_PROGRAM]);
	out->text = text_of(scratch, ranges[FIELD_TEXT]);
	return true;
}
