/* Times as RFC 3339 writes them, there and back. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_0 (-62167219200)	 /* 0000-01-01T00:00:00Z */
#define YEAR_9999 (253402300799) /* 9999-12-31T23:59:59Z */

void clock_rfc3339(int64_t seconds, char out[CLOCK_RFC3339_SIZE])
{
	struct tm tm;
	time_t t;

	/* A queue file may say any time; four digits are all that the format has. */
	if (seconds < YEAR_0)
		seconds = YEAR_0;
	if (seconds > YEAR_9999)
		seconds = YEAR_9999;
	t = (time_t)seconds;
	gmtime_r(&t, &tm);
	strftime(out, CLOCK_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	/* strftime writes years below 1000 without the leading zeros that RFC 3339 asks for. */
	if (strlen(out) != CLOCK_RFC3339_SIZE - 1)
		memcpy(out, "0000-01-01T00:00:00Z", CLOCK_RFC3339_SIZE);
}

static bool digits(struct slice text, size_t at, size_t count, int low, int high, int *value)
{
	uint64_t n;

	/* Exactly so many digits: a sign or a blank is refused. */
	if (text.len < at + count || !slice_to_u64(slice_first(slice_from(text, at), count), &n))
		return false;
	*value = (int)n;
	return *value >= low && *value <= high;
}

static bool parse_offset(struct slice rest, int *seconds)
{
	int hours, minutes;

	if (slice_equal_nocase(rest, SLICE("Z"))) {
		*seconds = 0;
		return true;
	}
	if (rest.len != 6 || (rest.data[0] != '+' && rest.data[0] != '-') || rest.data[3] != ':' ||
	    !digits(rest, 1, 2, 0, 23, &hours) || !digits(rest, 4, 2, 0, 59, &minutes))
		return false;
	*seconds = (hours * 60 + minutes) * 60 * (rest.data[0] == '-' ? -1 : 1);
	return true;
}

/* timegm takes 31 February for 3 March; a time that does not exist is refused instead. */
static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

bool clock_parse_rfc3339(struct slice text, int64_t *seconds)
{
	struct tm tm = {0};
	size_t at = 19;
	int offset;

	if (!digits(text, 0, 4, 0, 9999, &tm.tm_year) || !digits(text, 5, 2, 1, 12, &tm.tm_mon) ||
	    !digits(text, 8, 2, 1, 31, &tm.tm_mday) || !digits(text, 11, 2, 0, 23, &tm.tm_hour) ||
	    !digits(text, 14, 2, 0, 59, &tm.tm_min) || !digits(text, 17, 2, 0, 60, &tm.tm_sec))
		return false;
	if (text.data[4] != '-' || text.data[7] != '-' || (text.data[10] | 32) != 't' ||
	    text.data[13] != ':' || text.data[16] != ':' ||
	    tm.tm_mday > days_in_month(tm.tm_year, tm.tm_mon))
		return false;
	/* A fraction is allowed and not kept: seconds are all that callers work with. */
	if (text.len > at && text.data[at] == '.') {
		size_t start = ++at;

		while (at < text.len && text.data[at] >= '0' && text.data[at] <= '9')
			at++;
		if (at == start)
			return false;
	}
	if (!parse_offset(slice_from(text, at), &offset))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	/* timegm, not mktime: the zone of this host has no part in it. */
	*seconds = (int64_t)timegm(&tm) - offset;
	return true;
}
