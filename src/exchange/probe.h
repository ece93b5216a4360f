/* One probe, asked of the notifier (wire/probe_proto.h): its steps as they are done. */
#ifndef EXCHANGE_PROBE_H
#define EXCHANGE_PROBE_H

#include <stdint.h>

#include "exchange/exchange.h"
#include "wire/probe_proto.h"

/* The notifier gives a probe up by itself before that. */
#define PROBE_TIMEOUT_MS 180000

/* What a probe gives; at most PROBE_STEPS_MAX steps, whatever is sent. Slices live during the call
 * only. */
struct probe_reader {
	void (*step)(void *context, const struct probe_step *step);
	/* The last call. `end` is NULL when the notifier is not there, went away, or said something
	 * that is no end. */
	void (*end)(void *context, const struct probe_end *end);
	void *context;
};

/* Asks; `end` is called exactly once unless it is cancelled, and never from within this call.
 * `now_ms` is of the clock that the exchange goes by. Returns a number for probe_cancel, never 0.
 */
uint32_t probe_ask(struct exchange *notifier, const struct probe_question *question,
    const struct probe_reader *reader, int64_t now_ms);
/* The reader is not called any more, and the notifier is told to stop. One that has ended is
 * nothing. */
void probe_cancel(struct exchange *notifier, uint32_t number);

#endif
