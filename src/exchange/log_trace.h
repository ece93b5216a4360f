/* The messages that the mail log knows of a text, asked of the log reader
 * (wire/log_trace_proto.h). */
#ifndef EXCHANGE_LOG_TRACE_H
#define EXCHANGE_LOG_TRACE_H

#include <stdint.h>

#include "exchange/exchange.h"
#include "wire/log_trace_proto.h"

/* The index answers within a second or two. What is compressed in a form that can only be read from
 * its beginning (xz, zstd, bzip2) takes longer. */
#define LOG_TRACE_TIMEOUT_MS 60000

/* What a trace gives: as many messages as were asked for at most, each with up to
 * LOG_TRACE_RECIPIENTS_MAX recipients, whatever is sent. Slices live during the call only. */
struct log_trace_reader {
	/* The newest message first, each before its recipients. */
	void (*message)(void *context, const struct log_traced_message *message);
	void (*recipient)(void *context, const struct log_traced_recipient *recipient);
	/* The last call. `end` is NULL when the log reader is not there, or does not answer. */
	void (*end)(void *context, const struct log_trace_end *end);
	void *context;
};

/* Asks; `end` is called exactly once unless it is cancelled, and never from within this call.
 * `now_ms` is of the clock that the exchange goes by. Returns a number for log_trace_cancel, never
 * 0. */
uint32_t log_trace_ask(struct exchange *logreader, const struct log_trace_question *question,
    const struct log_trace_reader *reader, int64_t now_ms);
/* The reader is not called any more, and the log reader is told to stop. One that has ended is
 * nothing. */
void log_trace_cancel(struct exchange *logreader, uint32_t number);
/* Tells the log reader that nobody waits for the answer to that question: a lookup or a trace. */
void log_trace_send_cancel(struct exchange *logreader, uint32_t number);

#endif
