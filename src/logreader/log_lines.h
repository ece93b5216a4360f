/* Cuts a stream of bytes into lines, in bounded memory. */
#ifndef LOGREADER_LOG_LINES_H
#define LOGREADER_LOG_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Postfix cuts its lines at 2,000 characters; a journal entry takes a few thousand bytes more. A
 * longer line is passed over and counted. */
#define LOG_LINE_MAX ((size_t)64 << 10)

/* Zero-initialised is the start of a stream. */
struct log_lines {
	struct buffer partial; /* the beginning of a line whose end has not come */
	uint64_t start;	       /* offset in the stream where the line in hand begins */
	uint64_t end;	       /* offset behind the last byte fed */
	bool skipping;	       /* in a line that was too long */
	uint64_t too_long;     /* how many of those there were */
};

/* One line without its newline, where it began, and where the next one begins. */
typedef void (*log_lines_fn)(void *context, struct slice line, uint64_t start, uint64_t next);

void log_lines_free(struct log_lines *lines);
/* Starts anew at that offset. */
void log_lines_reset(struct log_lines *lines, uint64_t offset);
void log_lines_feed(struct log_lines *lines, struct slice bytes, log_lines_fn fn, void *context);
/* The stream is over: what is left is a line without a newline. */
void log_lines_finish(struct log_lines *lines, log_lines_fn fn, void *context);

#endif
