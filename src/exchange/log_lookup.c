/* One lookup in the mail log: a question to the log reader whose answer is frames of events and an
 * end. */
#include "exchange/log_lookup.h"

#include <stdlib.h>

#include "base/memory.h"
#include "exchange/log_trace.h"

struct lookup {
	struct exchange *logreader;
	struct log_lookup_reader reader;
};

/* Of the events in the frame those behind one whose reader has cancelled are nobody's; the lookup
 * itself is gone then. */
static void tell_events(const struct lookup *l, const struct frame *frame)
{
	const struct exchange *logreader = l->logreader;
	const struct log_lookup_reader reader = l->reader;
	struct cursor c = frame_cursor(frame);
	struct log_proto_event event;

	while (exchange_is_open(logreader, frame->request) && c.left > 0 &&
	       log_proto_get_event(&c, &event))
		reader.event(reader.context, &event);
}

static bool on_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct lookup *l = context;
	struct log_proto_end end;
	bool answered = false;

	if (frame != NULL && frame->type == LOG_PROTO_EVENTS) {
		tell_events(l, frame);
		return false;
	}
	if (frame != NULL && frame->type == LOG_PROTO_END) {
		struct cursor c = frame_cursor(frame);

		/* A malformed end counts as none: half an answer must not look like a whole one. */
		answered = log_proto_get_end(&c, &end);
	}
	l->reader.end(l->reader.context, answered ? &end : NULL);
	free(l);
	return true;
}

uint32_t log_lookup_ask(struct exchange *logreader, const struct log_proto_lookup *question,
    const struct log_lookup_reader *reader, int64_t now_ms)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct lookup *l = memory_zero(1, sizeof(*l));

	l->logreader = logreader;
	l->reader = *reader;
	frame_begin(&frame, LOG_PROTO_LOOKUP, 0);
	log_proto_put_lookup(&frame, question);
	return exchange_ask(logreader, &frame, now_ms + LOG_LOOKUP_TIMEOUT_MS, on_answer, l);
}

void log_lookup_cancel(struct exchange *logreader, uint32_t number)
{
	struct lookup *l = exchange_cancel(logreader, number);

	/* Nobody else has it any more. */
	free(l);
	if (l != NULL)
		log_trace_send_cancel(logreader, number);
}
