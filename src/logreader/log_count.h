/* Gives the log to the tally in the order in which it was written, and tells the server of each
 * minute.
 *
 * The index reads the current file first and history newest first; a tally must see a message's
 * first line before its others. So the log is read once more, oldest file first, up to where the
 * index stands; from there on each line that the index reads is counted as it comes. Whoever asks
 * again has it all counted again, from a time on, and a minute that is told again replaces what was
 * told before: nothing is counted twice, whoever was started again. */
#ifndef LOGREADER_LOG_COUNT_H
#define LOGREADER_LOG_COUNT_H

#include "logreader/log_files.h"

/* Files that ended so long (seconds) before the time asked for are not read for who gave in what
 * is delivered later: Postfix's own maximal_queue_lifetime. */
#define LOG_COUNT_LOOKBACK (INT64_C(5) * 86400)
/* Keys of each kind that are told of a minute that was not just logged; the rest counts as `other`.
 * Only the largest of five minutes are kept. */
#define LOG_COUNT_PAST_KEYS 256

/* What is told again (seconds) when the index begins anew, as when a command is started again: what
 * the server has in memory, less a step. */
#define LOG_COUNT_AGAIN 3300

struct log_count;

/* A frame for the server, LOG_PROTO_MINUTE or LOG_PROTO_REPEATS. */
typedef void log_count_fn(void *context, const struct buffer *frame);

/* The index stays the caller's. */
struct log_count *log_count_create(struct log_index *index, log_count_fn *send, void *context);
/* Accepts a pointer to NULL. */
void log_count_destroy(struct log_count **count);

void log_count_set_instance(struct log_count *count, struct slice syslog_name);
/* Counts anew, and tells minutes from that time on (Unix seconds). */
void log_count_from(struct log_count *count, int64_t from);
/* Nobody wants to know any more. */
void log_count_stop(struct log_count *count);

/* Each line that the index reads, from the callback of log_files. */
void log_count_line(struct log_count *count, const struct log_source *source,
    const struct log_line *line, bool news);
/* Some milliseconds of reading the past, or what is over is told. True while there is more to do at
 * once. */
bool log_count_step(struct log_count *count, const struct log_files *files);

#endif
