/* Times. Wall-clock times are Unix seconds or microseconds (UTC) as int64_t; durations for
 * deadlines are milliseconds of the monotonic clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

int64_t clock_now(void);    /* Unix time, seconds */
int64_t clock_now_us(void); /* Unix time, microseconds */
int64_t clock_monotonic_ms(void);
/* Microseconds since the system was started, sleep included; never steps. The clock of process
 * start times in /proc. */
int64_t clock_boot_us(void);

/* "2026-11-22T08:00:00Z" and its NUL. Years outside 0000 to 9999 are clamped to that range. */
#define CLOCK_RFC3339_SIZE 21
void clock_rfc3339(int64_t seconds, char out[CLOCK_RFC3339_SIZE]);

/* RFC 3339 date-time, any offset, fractions of a second dropped; false when it is not one. */
bool clock_parse_rfc3339(struct slice text, int64_t *seconds);

#endif
