/* Durations in at most two units, sizes in one, times in the zone of whoever reads them. */
#include "cli/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/slice.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define TEN_YEARS ((int64_t)3650 * DAY)

void format_duration(int64_t seconds, char out[FORMAT_SIZE])
{
	const char *sign = seconds < 0 ? "-" : "";
	int64_t s = seconds < 0 ? -seconds : seconds;

	if (s < MINUTE)
		snprintf(out, FORMAT_SIZE, "%s%" PRId64 "s", sign, s);
	else if (s < HOUR)
		snprintf(out, FORMAT_SIZE, "%s%" PRId64 "m", sign, s / MINUTE);
	else if (s < DAY)
		snprintf(out, FORMAT_SIZE, "%s%" PRId64 "h%02" PRId64 "m", sign, s / HOUR,
		    s % HOUR / MINUTE);
	else
		snprintf(out, FORMAT_SIZE, "%s%" PRId64 "d%02" PRId64 "h", sign, s / DAY,
		    s % DAY / HOUR);
}

void format_bytes(int64_t bytes, char out[FORMAT_SIZE])
{
	static const char units[] = "kMGT";
	double value = (double)bytes;
	size_t unit = 0;

	/* Whole bytes need no unit. */
	if (bytes < 1024) {
		snprintf(out, FORMAT_SIZE, "%" PRId64, bytes);
		return;
	}
	for (value /= 1024; value >= 1024 && unit + 2 < sizeof(units); unit++)
		value /= 1024;
	/* Two digits that count: 1.5k, 15k. */
	snprintf(out, FORMAT_SIZE, value < 10 ? "%.1f%c" : "%.0f%c", value, units[unit]);
}

/* In the zone of whoever reads it; the API always gives UTC. */
void format_time(const char *rfc3339, char out[FORMAT_SIZE])
{
	int64_t seconds;
	time_t when;
	struct tm tm;

	/* What is not a time is shown as not known. */
	snprintf(out, FORMAT_SIZE, "-");
	if (rfc3339 == NULL || !clock_parse_rfc3339(slice_of(rfc3339), &seconds))
		return;
	when = (time_t)seconds;
	if (localtime_r(&when, &tm) != NULL)
		strftime(out, FORMAT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
}

/* By the clock of this machine: over a network it may differ from the service's by seconds. */
void format_age(const char *rfc3339, int64_t now, char out[FORMAT_SIZE])
{
	int64_t seconds;

	snprintf(out, FORMAT_SIZE, "-");
	if (rfc3339 != NULL && clock_parse_rfc3339(slice_of(rfc3339), &seconds))
		format_duration(now - seconds, out);
}

/* A time that has passed is no time: Postfix takes such a message with its next queue run. */
void format_until(const char *rfc3339, int64_t now, char out[FORMAT_SIZE])
{
	char duration[FORMAT_SIZE];
	int64_t seconds;

	snprintf(out, FORMAT_SIZE, "-");
	if (rfc3339 == NULL || !clock_parse_rfc3339(slice_of(rfc3339), &seconds))
		return;
	if (seconds <= now) {
		snprintf(out, FORMAT_SIZE, "due");
		return;
	}
	format_duration(seconds - now, duration);
	snprintf(out, FORMAT_SIZE, "in %.30s", duration);
}

bool format_parse_duration(const char *text, int64_t *seconds)
{
	/* The limit keeps every sum with a time of day far from overflowing. */
	return duration_parse(slice_of(text), 's', TEN_YEARS, seconds);
}
