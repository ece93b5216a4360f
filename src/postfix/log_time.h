/* The time in front of a log line, as syslog daemons, containers and Postfix's own log daemon write
 * it. Pure, but for the zone: a time without one is local time (mktime). */
#ifndef POSTFIX_LOG_TIME_H
#define POSTFIX_LOG_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "postfix/log_line.h"

struct log_time {
	int64_t us; /* Unix time in microseconds, or LOG_TIME_UNKNOWN */
	bool zoned; /* it said its zone, so it depends on nothing else */
};

/* Takes a time off the front of *text, and the blanks behind it. Understood are "Nov 22 08:00:00"
 * (also with one blank before a day of one digit, a year, fractions), "2026-11-22T08:00:00.123Z"
 * with any offset or none, the same with a blank or a slash in the date, and any of these in
 * brackets. False, and *text as it was, when there is none. */
bool log_time_take(struct slice *text, struct log_clock *clock, struct log_time *out);

#endif
