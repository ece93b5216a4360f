/* What the mail log knows of one message, asked of the log reader (wire/log_proto.h). */
#ifndef EXCHANGE_LOG_LOOKUP_H
#define EXCHANGE_LOG_LOOKUP_H

#include <stdint.h>

#include "exchange/exchange.h"
#include "wire/log_proto.h"

/* An answer takes milliseconds from the index; while that is still being made, it says so. */
#define LOG_LOOKUP_TIMEOUT_MS 10000

/* What a lookup gives. Slices live during the call only. */
struct log_lookup_reader {
	void (*event)(void *context, const struct log_proto_event *event);
	/* The last call. `end` is NULL when the log reader is not there, or does not answer. */
	void (*end)(void *context, const struct log_proto_end *end);
	void *context;
};

/* Asks; `end` is called exactly once unless it is cancelled, and never from within this call.
 * `now_ms` is of the clock that the exchange goes by. Returns a number for log_lookup_cancel, never
 * 0. */
uint32_t log_lookup_ask(struct exchange *logreader, const struct log_proto_lookup *question,
    const struct log_lookup_reader *reader, int64_t now_ms);
/* The reader is not called any more; it may be called from within `event`. One that has ended is
 * nothing. */
void log_lookup_cancel(struct exchange *logreader, uint32_t number);

#endif
