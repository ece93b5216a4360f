#include "postfix/log_prefix.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "postfix/log_journal.h"

#define SECONDS_A_DAY 86400
/* A program's name is short; without this bound a long line would be searched for its bracket. */
#define PROGRAM_MAX 256

static const struct slice nothing = {"", 0};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes the characters before the next blank, and the blank. */
static struct slice take_word(struct slice *rest)
{
	ptrdiff_t at = slice_find_char(*rest, ' ');
	struct slice word = at < 0 ? *rest : slice_first(*rest, (size_t)at);

	*rest = at < 0 ? slice_from(*rest, rest->len) : slice_from(*rest, (size_t)at + 1);
	return word;
}

/* Two decimal digits, -1 when they are none. */
static int two_digits(const char *s)
{
	return is_digit(s[0]) && is_digit(s[1]) ? (s[0] - '0') * 10 + (s[1] - '0') : -1;
}

static int month_of(const char *s)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(s, names + 3 * i, 3) == 0)
			return i;
	return -1;
}

/* The hour's Unix time in the year that makes it the latest not after the reference and a day. A
 * day that a year does not have (29 February) sends the search to an earlier one. */
static int64_t hour_in_some_year(int month, int day, int hour, int64_t reference_s)
{
	time_t reference = (time_t)reference_s;
	struct tm now;

	if (localtime_r(&reference, &now) == NULL)
		return INT64_MIN;
	for (int back = 0; back <= 8; back++) {
		struct tm tm = {.tm_year = now.tm_year - back,
		    .tm_mon = month,
		    .tm_mday = day,
		    .tm_hour = hour,
		    .tm_isdst = -1};
		time_t t = mktime(&tm);

		if (t != (time_t)-1 && tm.tm_mday == day && t <= reference + SECONDS_A_DAY)
			return (int64_t)t;
	}
	return INT64_MIN;
}

/* "Nov 22 08:00:00 " or "Nov  2 08:00:00 ", 16 bytes. */
static bool take_classic_time(struct slice *line, struct log_clock *clock, int64_t *time_us)
{
	const char *s = line->data;
	int month, day, hour, minute, second;
	uint32_t key;

	if (line->len < 16 || s[3] != ' ' || s[6] != ' ' || s[9] != ':' || s[12] != ':' ||
	    s[15] != ' ')
		return false;
	month = month_of(s);
	day = s[4] == ' ' && is_digit(s[5]) ? s[5] - '0' : two_digits(s + 4);
	hour = two_digits(s + 7);
	minute = two_digits(s + 10);
	second = two_digits(s + 13);
	if (month < 0 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 ||
	    minute > 59 || second < 0 || second > 60)
		return false;
	key = 1 + (uint32_t)((month * 32 + day) * 24 + hour); /* never 0, which a new clock has */
	if (key != clock->cached_hour || clock->reference_s - clock->cached_reference_s > 3600 ||
	    clock->cached_reference_s - clock->reference_s > 3600) {
		clock->cached_s = hour_in_some_year(month, day, hour, clock->reference_s);
		clock->cached_hour = key;
		clock->cached_reference_s = clock->reference_s;
	}
	*line = slice_from(*line, 16);
	*time_us = clock->cached_s == INT64_MIN
		       ? LOG_TIME_UNKNOWN
		       : (clock->cached_s + clock->shift_s + minute * 60 + second) * 1000000;
	return true;
}

/* Microseconds of ".123456789" behind the seconds, 0 without. */
static int64_t fraction_us(struct slice word)
{
	int64_t us = 0, unit = 100000;

	if (word.len < 20 || (word.data[19] != '.' && word.data[19] != ','))
		return 0;
	for (size_t i = 20; i < word.len && is_digit(word.data[i]); i++, unit /= 10)
		us += (word.data[i] - '0') * unit;
	return us;
}

/* "2026-11-22T08:00:00.123456+00:00 "; also an offset without its colon, as journalctl -o short-iso
 * writes it. */
static bool take_iso_time(struct slice *line, int64_t *time_us)
{
	struct slice rest = *line, word;
	char fixed[40];
	size_t length;
	int64_t seconds;

	if (line->len < 20 || line->data[4] != '-' || line->data[7] != '-' || line->data[10] != 'T')
		return false;
	word = take_word(&rest);
	if (word.len < 20 || word.len > 36)
		return false;
	memcpy(fixed, word.data, word.len);
	length = word.len;
	if (fixed[word.len - 5] == '+' || fixed[word.len - 5] == '-') {
		memmove(fixed + word.len - 1, fixed + word.len - 2, 2);
		fixed[word.len - 2] = ':';
		length++;
	}
	if (!clock_parse_rfc3339(slice_make(fixed, length), &seconds))
		return false;
	*time_us = seconds * 1000000 + fraction_us(word);
	*line = rest;
	return true;
}

/* "postfix/smtp" or "postfix/submission/smtpd", split at its first and its last slash. */
static bool split_program(struct slice name, struct log_prefix *out)
{
	const char *last = name.len > 0 ? memrchr(name.data, '/', name.len) : NULL;
	ptrdiff_t first = slice_find_char(name, '/');

	if (last == NULL || first <= 0 || last + 1 == name.data + name.len ||
	    memchr(name.data, ' ', name.len) != NULL)
		return false;
	out->instance = slice_first(name, (size_t)first);
	out->process = slice_from(name, (size_t)(last + 1 - name.data));
	return true;
}

/* "postfix/smtp[123]: text". */
static bool take_program(struct slice line, struct log_prefix *out)
{
	struct slice head = slice_first(line, PROGRAM_MAX), name;
	ptrdiff_t colon = slice_find(head, SLICE(": ")), bracket;
	uint64_t pid = 0;

	if (colon <= 0)
		return false;
	name = slice_first(head, (size_t)colon);
	bracket = slice_find_char(name, '[');
	if (bracket > 0 && name.data[name.len - 1] == ']') {
		slice_to_u64(
		    slice_make(name.data + bracket + 1, name.len - (size_t)bracket - 2), &pid);
		name = slice_first(name, (size_t)bracket);
	}
	if (!split_program(name, out))
		return false;
	out->pid = pid <= UINT32_MAX ? (uint32_t)pid : 0;
	out->text = slice_from(line, (size_t)colon + 2);
	return true;
}

/* Behind "<PRI>1 TIME ": "host app procid msgid sd text" (RFC 5424). */
static bool take_rfc5424(struct slice line, struct log_prefix *out)
{
	uint64_t pid;

	out->host = take_word(&line);
	if (!split_program(take_word(&line), out))
		return false;
	out->pid = slice_to_u64(take_word(&line), &pid) && pid <= UINT32_MAX ? (uint32_t)pid : 0;
	take_word(&line);
	if (line.len > 0 && line.data[0] == '[') {
		ptrdiff_t end = slice_find(line, SLICE("] "));

		if (end < 0)
			return false;
		line = slice_from(line, (size_t)end + 2);
	} else {
		take_word(&line);
	}
	if (slice_starts_with(line, "\xef\xbb\xbf"))
		line = slice_from(line, 3);
	out->text = line;
	return true;
}

/* "<22>" of a raw syslog line. */
static bool take_priority(struct slice *line)
{
	size_t at = 1;

	if (line->len < 3 || line->data[0] != '<')
		return false;
	while (at < line->len && at < 4 && is_digit(line->data[at]))
		at++;
	if (at == 1 || at == line->len || line->data[at] != '>')
		return false;
	*line = slice_from(*line, at + 1);
	return true;
}

/* containerd puts the stream and a flag behind the time: "stdout F ". */
static void drop_container_stream(struct slice *line)
{
	static const char *const streams[] = {"stdout F ", "stdout P ", "stderr F ", "stderr P "};

	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++)
		if (slice_starts_with(*line, streams[i]))
			*line = slice_from(*line, strlen(streams[i]));
}

/* The time of whoever logged is the best one: the outermost, which has a zone and fractions. */
static void take_times(struct slice *line, struct log_clock *clock, struct log_prefix *out)
{
	int64_t inner;

	if (take_iso_time(line, &out->time_us)) {
		drop_container_stream(line);
		if (!take_iso_time(line, &inner))
			take_classic_time(line, clock, &inner);
		return;
	}
	take_classic_time(line, clock, &out->time_us);
}

static bool parse_journal(struct slice line, struct buffer *scratch, struct log_prefix *out)
{
	struct log_journal entry;

	if (!log_journal_parse(line, scratch, &entry) || !split_program(entry.identifier, out))
		return false;
	out->time_us = entry.time_us;
	out->host = entry.host;
	out->pid = entry.pid;
	out->text = entry.message;
	return true;
}

bool log_prefix_parse(
    struct slice line, struct log_clock *clock, struct buffer *scratch, struct log_prefix *out)
{
	struct slice after_host;

	*out = (struct log_prefix){.time_us = LOG_TIME_UNKNOWN,
	    .host = nothing,
	    .text = nothing,
	    .instance = nothing,
	    .process = nothing};
	if (line.len > 0 && line.data[0] == '{')
		return parse_journal(line, scratch, out);
	if (take_priority(&line) && slice_starts_with(line, "1 ")) {
		line = slice_from(line, 2);
		return take_iso_time(&line, &out->time_us) && take_rfc5424(line, out);
	}
	take_times(&line, clock, out);
	/* A container's own output has no host; Postfix's program names have a slash, hosts have
	 * none. */
	if (take_program(line, out))
		return true;
	after_host = line;
	out->host = take_word(&after_host);
	return take_program(after_host, out);
}
