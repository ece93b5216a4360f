/* The members of one JSON object are read in one pass, each decoded into the scratch buffer where
 * it is wanted and passed over where it is not. Which member means what is the table below:
 * journald's names, docker's, and those that log shippers write. */
#include "postfix/log_object.h"

#include "base/json_scan.h"
#include "postfix/log_time.h"

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

/* What a field was found to be. */
struct value {
	struct slice text;
	bool set;
	size_t rank; /* the row of the name that set it */
};

/* [72,101,...]: bytes, as journald writes what is not UTF-8. False for any other array. */
static bool read_bytes(struct json_scan *s, struct slice *out)
{
	size_t from = s->text->len;

	if (!json_scan_take(s, '['))
		return false;
	if (!json_scan_take(s, ']')) {
		do {
			uint64_t byte;

			/* A stranger's bytes in a log are the reason for this form, so it must be
			 * read as strictly as a string. */
			if (!slice_to_u64(json_scan_number(s), &byte) || byte > 255)
				return false;
			buffer_append_char(s->text, (char)byte);
		} while (json_scan_take(s, ','));
		if (!json_scan_take(s, ']'))
			return false;
	}
	*out = slice_make(s->text->data + from, s->text->len - from);
	return true;
}

/* A string, bytes or a number; anything else is passed over and leaves the field as it was. */
static void read_value(struct json_scan *s, struct value *value, size_t rank)
{
	struct json_scan start = *s;
	size_t text = s->text->len;
	struct slice found;
	bool ok;

	if (json_scan_next(s) == '"') {
		found = json_scan_string(s);
		ok = !s->failed;
	} else if (json_scan_next(s) == '[') {
		ok = read_bytes(s, &found);
	} else {
		found = json_scan_number(s);
		ok = found.len > 0;
	}
	/* An object or null where a text should be is no fault of the line: another name may still
	 * tell. */
	if (!ok) {
		*s = start;
		s->text->len = text;
		json_scan_skip(s);
		return;
	}
	if (!value->set || rank < value->rank)
		*value = (struct value){found, true, rank};
}

static bool read_members(struct json_scan *s, struct value values[FIELDS])
{
	do {
		struct slice name = json_scan_string(s);
		size_t row = 0;

		while (row < NAMES && !slice_is(name, meanings[row].name))
			row++;
		json_scan_expect(s, ':');
		if (row < NAMES)
			read_value(s, &values[meanings[row].field], row);
		else
			json_scan_skip(s);
	} while (json_scan_take(s, ','));
	return json_scan_take(s, '}');
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
	/* First as a date: "2026-11-22..." begins with digits as well. */
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
	struct json_scan s = json_scan_begin(line, scratch);
	struct value values[FIELDS] = {0};
	uint64_t number;

	*out = (struct log_object){.time = {LOG_TIME_UNKNOWN, false}};
	for (size_t i = 0; i < FIELDS; i++)
		values[i].text = SLICE("");
	if (!json_scan_take(&s, '{') || !read_members(&s, values) || !values[FIELD_TEXT].set)
		return false;
	read_time(values[FIELD_TIME].text, clock, &out->time);
	if (slice_to_u64(values[FIELD_PID].text, &number) && number <= UINT32_MAX)
		out->pid = (uint32_t)number;
	out->host = values[FIELD_HOST].text;
	out->program = values[FIELD_PROGRAM].text;
	out->text = values[FIELD_TEXT].text;
	return true;
}
