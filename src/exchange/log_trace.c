/* One trace of the mail log: a question to the log reader whose answer is frames of messages and of
 * their recipients, and an end. */
#include "exchange/log_trace.h"

#include <stdlib.h>

#include "base/memory.h"

struct trace {
	struct exchange *logreader;
	struct log_trace_reader reader;
	uint32_t number;
	/* What may still come: a log reader that has been broken into could go on until the
	 * reader's memory is full. */
	uint32_t messages_left, recipients_left;
};

void log_trace_send_cancel(struct exchange *logreader, uint32_t number)
{
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, LOG_PROTO_CANCEL, 0);
	log_trace_put_cancel(&frame, number);
	/* Where the log reader is gone, its search is gone with it. */
	(void)exchange_send(logreader, &frame);
}

static void tell_message(struct trace *t, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_traced_message message;

	/* Also the recipients of one that is left out are nobody's. */
	t->recipients_left = 0;
	if (t->messages_left == 0 || !log_trace_get_message(&c, &message))
		return;
	t->messages_left--;
	t->recipients_left = LOG_TRACE_RECIPIENTS_MAX;
	t->reader.message(t->reader.context, &message);
}

/* The reader may cancel within its call: the trace is gone then, and what follows is nobody's. */
static void tell_recipients(struct trace *t, const struct frame *frame)
{
	const struct exchange *logreader = t->logreader;
	const struct log_trace_reader reader = t->reader;
	struct cursor c = frame_cursor(frame);
	struct log_traced_recipient recipient;

	while (exchange_is_open(logreader, frame->request) && t->recipients_left > 0 &&
	       log_trace_get_recipient(&c, &recipient)) {
		t->recipients_left--;
		reader.recipient(reader.context, &recipient);
	}
}

static bool on_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct trace *t = context;
	struct log_trace_end end;
	bool answered = false;

	if (failure == EXCHANGE_LATE)
		log_trace_send_cancel(t->logreader, t->number);
	if (frame != NULL && frame->type == LOG_PROTO_TRACED) {
		tell_message(t, frame);
		return false;
	}
	if (frame != NULL && frame->type == LOG_PROTO_TRACED_RECIPIENTS) {
		tell_recipients(t, frame);
		return false;
	}
	if (frame != NULL && frame->type == LOG_PROTO_TRACE_END) {
		struct cursor c = frame_cursor(frame);

		/* A malformed end counts as none: half an answer must not look like a whole one. */
		answered = log_trace_get_end(&c, &end);
	}
	t->reader.end(t->reader.context, answered ? &end : NULL);
	free(t);
	return true;
}

uint32_t log_trace_ask(struct exchange *logreader, const struct log_trace_question *question,
    const struct log_trace_reader *reader, int64_t now_ms)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct trace *t = memory_zero(1, sizeof(*t));

	t->logreader = logreader;
	t->reader = *reader;
	t->messages_left = question->limit;
	frame_begin(&frame, LOG_PROTO_TRACE, 0);
	log_trace_put_question(&frame, question);
	t->number = exchange_ask(logreader, &frame, now_ms + LOG_TRACE_TIMEOUT_MS, on_answer, t);
	return t->number;
}

void log_trace_cancel(struct exchange *logreader, uint32_t number)
{
	struct trace *t = exchange_cancel(logreader, number);

	if (t == NULL)
		return;
	free(t);
	log_trace_send_cancel(logreader, number);
}
