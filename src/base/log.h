/* The service's own log: one line on standard error, "<3>role: text" with the syslog priority that
 * journald reads, or without it on a terminal. Only roles and commands log; libraries return
 * errors. Every byte that could come from a stranger is made harmless here: control characters, and
 * bytes that are not UTF-8, are written as \xNN. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* The name in front of each line (a string that outlives the process) and the highest level
 * written. */
void log_init(const char *role, enum log_level level);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For lines that strangers cause: at most LOG_LIMIT_LINES of one kind in LOG_LIMIT_MS. The first of
 * the next span says how many were left out. One limit, zero-initialised, for each kind. */
#define LOG_LIMIT_LINES 10
#define LOG_LIMIT_MS 60000
struct log_limit {
	int64_t begin_ms;
	unsigned written, left_out;
};
/* Whether a line may be written now; `left_out` is how many were not before it. */
bool log_limit_take(struct log_limit *limit, int64_t now_ms, unsigned *left_out);
void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A line with fields of the journal beside it, by which it is found there: `journalctl JOB=12`. In
 * a process that has called log_open_journal, and whose standard error is the journal; elsewhere it
 * is a line like all others. A name is of capitals and underscores; values are made harmless. */
struct log_field {
	const char *name, *value;
};
void log_with(enum log_level level, const struct log_field *fields, size_t count,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* For a process whose sandbox lets it connect to a Unix socket; does nothing where there is no
 * journal. */
void log_open_journal(void);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
