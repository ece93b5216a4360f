/* Times, durations and sizes for people, and the same back from what they type. */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/* Long enough for every text below. */
#define FORMAT_SIZE 40

/* "45s", "12m", "3h05m", "2d04h"; negative ones with a "-". */
void format_duration(int64_t seconds, char out[FORMAT_SIZE]);
/* "812", "12k", "3.4M" (1024). */
void format_bytes(int64_t bytes, char out[FORMAT_SIZE]);
/* RFC 3339 in UTC into the reader's zone, "2026-11-22 08:49:10"; "-" for NULL and for no time. */
void format_time(const char *rfc3339, char out[FORMAT_SIZE]);
/* The same as the time since then: "3h05m"; "-" for none. */
void format_age(const char *rfc3339, int64_t now, char out[FORMAT_SIZE]);
/* The same as the time until then: "in 5m" or "due". */
void format_until(const char *rfc3339, int64_t now, char out[FORMAT_SIZE]);

/* "90", "90s", "5m", "2h", "1d", "1w" into seconds; false when it is none, or more than ten years.
 */
bool format_parse_duration(const char *text, int64_t *seconds);

#endif
