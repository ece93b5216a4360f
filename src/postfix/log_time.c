/* Times are read digit by digit from the front of the text, never searched for, so a line costs the
 * few bytes that its time has. The conversion of the last hour is kept in the clock: mktime takes
 * microseconds, and neighbours in a log are of the same hour. */
#include "postfix/log_time.h"

#include <string.h>
#include <time.h>

#define SECONDS_A_DAY 86400

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char front(struct slice s)
{
	return s.len > 0 ? s.data[0] : '\0';
}

/* From `least` to `most` digits. */
static bool take_number(struct slice *text, size_t least, size_t most, int *value)
{
	size_t n = 0;

	*value = 0;
	for (; n < most && n < text->len && is_digit(text->data[n]); n++)
		*value = *value * 10 + (text->data[n] - '0');
	*text = slice_from(*text, n);
	return n >= least;
}

static bool take_char(struct slice *text, char c)
{
	if (front(*text) != c)
		return false;
	*text = slice_from(*text, 1);
	return true;
}

static void skip_blanks(struct slice *text)
{
	while (is_blank(front(*text)))
		*text = slice_from(*text, 1);
}

/* What a line says of its time. */
struct parts {
	int year, month, day, hour, minute, second; /* year 0: none; month from 0 */
	int64_t fraction_us;
};

/* The hour's Unix time: in its year, or in the year that makes it the latest not after the
 * reference and a day. A day that a year does not have (29 February) sends the search to an earlier
 * one. */
static int64_t local_hour(const struct parts *p, int64_t reference_s)
{
	time_t reference = (time_t)reference_s;
	struct tm now;

	if (localtime_r(&reference, &now) == NULL)
		return INT64_MIN;
	/* Eight years: between two leap years there may be as many (1896 and 1904, 2096 and 2104).
	 */
	for (int back = 0; back <= 8; back++) {
		struct tm tm = {.tm_year = p->year > 0 ? p->year - 1900 : now.tm_year - back,
		    .tm_mon = p->month,
		    .tm_mday = p->day,
		    .tm_hour = p->hour,
		    .tm_isdst = -1};
		time_t t = mktime(&tm);

		if (t != (time_t)-1 && tm.tm_mday == p->day &&
		    (p->year > 0 || t <= reference + SECONDS_A_DAY))
			return (int64_t)t;
		if (p->year > 0)
			break;
	}
	return INT64_MIN;
}

static int64_t local_us(const struct parts *p, struct log_clock *clock)
{
	/* Never 0, which a new clock has. */
	uint32_t key = 1 + (uint32_t)(((p->year * 12 + p->month) * 32 + p->day) * 24 + p->hour);

	/* A kept hour is good only while the reference is near: the year was chosen by it. */
	if (key != clock->cached_hour || clock->reference_s - clock->cached_reference_s > 3600 ||
	    clock->cached_reference_s - clock->reference_s > 3600) {
		clock->cached_s = local_hour(p, clock->reference_s);
		clock->cached_hour = key;
		clock->cached_reference_s = clock->reference_s;
	}
	if (clock->cached_s == INT64_MIN)
		return LOG_TIME_UNKNOWN;
	return (clock->cached_s + clock->shift_s + p->minute * 60 + p->second) * 1000000 +
	       p->fraction_us;
}

static void take_fraction(struct slice *text, struct parts *p)
{
	int64_t unit = 100000;

	if ((front(*text) != '.' && front(*text) != ',') || !is_digit(front(slice_from(*text, 1))))
		return;
	*text = slice_from(*text, 1);
	for (; is_digit(front(*text)); unit /= 10) {
		p->fraction_us += (front(*text) - '0') * unit;
		*text = slice_from(*text, 1);
	}
}

/* "08:00:00.123" */
static bool take_clock(struct slice *text, struct parts *p)
{
	if (!take_number(text, 2, 2, &p->hour) || !take_char(text, ':') ||
	    !take_number(text, 2, 2, &p->minute) || !take_char(text, ':') ||
	    !take_number(text, 2, 2, &p->second))
		return false;
	take_fraction(text, p);
	/* 60 is a leap second. */
	return p->hour <= 23 && p->minute <= 59 && p->second <= 60;
}

static bool is_year(struct slice text)
{
	return text.len > 4 && is_digit(text.data[0]) && is_digit(text.data[1]) &&
	       is_digit(text.data[2]) && is_digit(text.data[3]) && is_blank(text.data[4]);
}

static int month_of(struct slice text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (text.len < 4 || !is_blank(text.data[3]))
		return -1;
	for (int i = 0; i < 12; i++)
		if (memcmp(text.data, names + 3 * i, 3) == 0)
			return i;
	return -1;
}

/* "Nov 22 08:00:00", "Nov  2 08:00:00", "Nov 2 2026 08:00:00", "Nov 22 08:00:00 2026" */
static bool take_classic(struct slice *text, struct log_clock *clock, struct log_time *out)
{
	struct parts p = {.month = month_of(*text)};

	if (p.month < 0)
		return false;
	*text = slice_from(*text, 4);
	take_char(text, ' ');
	if (!take_number(text, 1, 2, &p.day) || p.day < 1 || p.day > 31 || !take_char(text, ' '))
		return false;
	if (is_year(*text)) {
		take_number(text, 4, 4, &p.year);
		*text = slice_from(*text, 1);
	}
	if (!take_clock(text, &p))
		return false;
	if (p.year == 0 && front(*text) == ' ' && is_year(slice_from(*text, 1))) {
		*text = slice_from(*text, 1);
		take_number(text, 4, 4, &p.year);
	}
	*out = (struct log_time){local_us(&p, clock), false};
	return true;
}

/* Days since 1970 of a date of the Gregorian calendar (Howard Hinnant's formula). */
static int64_t days_of(const struct parts *p)
{
	int64_t year = p->year - (p->month < 2), era = year / 400, of_era = year - era * 400;
	int64_t day = (153 * (p->month + 1 + (p->month > 1 ? -3 : 9)) + 2) / 5 + p->day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
}

/* "Z", "+01:00", "+0100", "+01"; a blank may stand before the offset. False when there is none. */
static bool take_zone(struct slice *text, int64_t *offset_s)
{
	struct slice rest = *text;
	int hours, minutes = 0;
	bool west;

	*offset_s = 0;
	if (take_char(&rest, 'Z')) {
		*text = rest;
		return true;
	}
	take_char(&rest, ' ');
	west = front(rest) == '-';
	if (!take_char(&rest, '-') && !take_char(&rest, '+'))
		return false;
	if (!take_number(&rest, 2, 2, &hours) || hours > 18)
		return false;
	take_char(&rest, ':');
	if (is_digit(front(rest)) && (!take_number(&rest, 2, 2, &minutes) || minutes > 59))
		return false;
	*offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
	*text = rest;
	return true;
}

/* "2026-11-22T08:00:00.123456+00:00", "2026-11-22 08:00:00,123", "2026/11/22 08:00:00" */
static bool take_iso(struct slice *text, struct log_clock *clock, struct log_time *out)
{
	struct parts p = {0};
	int64_t offset_s;
	char mark;

	if (!take_number(text, 4, 4, &p.year) || p.year < 1970)
		return false;
	mark = front(*text);
	if ((mark != '-' && mark != '/') || !take_char(text, mark) ||
	    !take_number(text, 2, 2, &p.month) || !take_char(text, mark) ||
	    !take_number(text, 2, 2, &p.day))
		return false;
	if (!take_char(text, 'T') && !take_char(text, ' '))
		return false;
	p.month--;
	if (p.month < 0 || p.month > 11 || p.day < 1 || p.day > 31 || !take_clock(text, &p))
		return false;
	out->zoned = take_zone(text, &offset_s);
	if (out->zoned)
		out->us = (days_of(&p) * SECONDS_A_DAY + p.hour * 3600 + p.minute * 60 + p.second -
			      offset_s) *
			      1000000 +
			  p.fraction_us;
	else
		out->us = local_us(&p, clock);
	return true;
}

/* Two decimal digits, -1 when they are none. */
static int two_digits(const char *s)
{
	return is_digit(s[0]) && is_digit(s[1]) ? (s[0] - '0') * 10 + (s[1] - '0') : -1;
}

/* "Nov 22 08:00:00 " or "Nov  2 08:00:00 ", 16 bytes: what most lines begin with. */
static bool take_fixed(struct slice *text, struct log_clock *clock, struct log_time *out)
{
	const char *s = text->data;
	struct parts p = {.month = month_of(*text)};

	if (p.month < 0 || text->len < 18 || s[6] != ' ' || s[9] != ':' || s[12] != ':' ||
	    s[15] != ' ' || is_blank(s[16]) || is_digit(s[16]))
		return false;
	p.day = s[4] == ' ' && is_digit(s[5]) ? s[5] - '0' : two_digits(s + 4);
	p.hour = two_digits(s + 7);
	p.minute = two_digits(s + 10);
	p.second = two_digits(s + 13);
	if (p.day < 1 || p.day > 31 || p.hour < 0 || p.hour > 23 || p.minute < 0 || p.minute > 59 ||
	    p.second < 0 || p.second > 60)
		return false;
	*out = (struct log_time){local_us(&p, clock), false};
	*text = slice_from(*text, 16);
	return true;
}

/* Nothing may hang on the time but a blank, what closes its bracket, or a colon. */
static bool take_end(struct slice *text, bool bracket)
{
	if (bracket && !take_char(text, ']') && !take_char(text, ')'))
		return false;
	if (!bracket)
		take_char(text, ',');
	take_char(text, ':');
	if (text->len > 0 && !is_blank(text->data[0]))
		return false;
	skip_blanks(text);
	return true;
}

bool log_time_take(struct slice *text, struct log_clock *clock, struct log_time *out)
{
	struct slice rest = *text;
	bool bracket, found;

	if (take_fixed(text, clock, out))
		return true;
	bracket = take_char(&rest, '[') || take_char(&rest, '(');

	*out = (struct log_time){LOG_TIME_UNKNOWN, false};
	found =
	    is_digit(front(rest)) ? take_iso(&rest, clock, out) : take_classic(&rest, clock, out);
	if (!found || !take_end(&rest, bracket)) {
		*out = (struct log_time){LOG_TIME_UNKNOWN, false};
		return false;
	}
	*text = rest;
	return true;
}
