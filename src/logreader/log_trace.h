/* Messages that the log knows of an address, a domain or an ID, out of the index, newest first and
 * in pages. Pure over the index, step by step.
 *
 * Blocks that may have the text are read, those with the newest lines first. Each message that a
 * line of theirs names is put together out of its neighbourhood in the log: back to the line that
 * took it in, on to the one that says that it left. From one queue ID to another leads what
 * the log says: a re-queue (orig_id), a client's orig_queue_id, "forwarded as", and a reply "queued
 * as" whose ID is a message here with the same Message-ID. So does the same Message-ID within
 * LOG_TRACE_SIBLING_US, for a filter that says none of these. A page is full when no block that is
 * left can have a newer message: what is asked for often is found in the newest blocks. */
#ifndef LOGREADER_LOG_TRACE_H
#define LOGREADER_LOG_TRACE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "logreader/log_index.h"
#include "wire/log_trace_proto.h"

/* Messages with one Message-ID that came within this time of each other are one. */
#define LOG_TRACE_SIBLING_US (INT64_C(60) * 1000000)
/* Lines of one message that are kept; further ones only where they have what was asked for. */
#define LOG_TRACE_LINES_MAX 20000

struct log_trace;

/* `question` was read by log_trace_get_question. `instance` is the syslog_name of the Postfix that
 * is watched: messages that only another one's queue manager took up are left out; empty: none is.
 * What the slices point to is copied. */
struct log_trace *log_trace_create(const struct log_trace_question *question, struct slice instance,
    const struct log_index *index);
void log_trace_destroy(struct log_trace **trace);

/* Some milliseconds of search. True when the answer is complete. The index may change between two
 * steps: what was added after log_trace_create is not searched. */
bool log_trace_step(struct log_trace *trace, struct log_index *index);

/* The answer, once: frames for `request`, in order, each given to `send`, the end last. `log`:
 * whether all of the log is in the index, and what is wrong with it. */
typedef void (*log_trace_send_fn)(void *context, const struct buffer *frame);
void log_trace_answer(const struct log_trace *trace, uint32_t request,
    const struct log_trace_end *log, log_trace_send_fn send, void *context);

#endif
