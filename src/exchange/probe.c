/* One probe: a question to the notifier whose answer is a frame for each step, and an end. */
#include "exchange/probe.h"

#include <stdlib.h>

#include "base/memory.h"
#include "wire/notifier_proto.h"

struct asked {
	struct exchange *notifier;
	struct probe_reader reader;
	uint32_t number;
	/* What may still come: a notifier that has been broken into could go on until the reader's
	 * memory is full. */
	uint32_t steps_left;
};

static void tell_notifier_to_stop(struct exchange *notifier, uint32_t number)
{
	BUFFER_AUTO struct buffer frame = {0};

	notifier_cancel_encode(&frame, number);
	/* Where the notifier is gone, its probe is gone with it. */
	(void)exchange_send(notifier, &frame);
}

static void tell_step(struct asked *a, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct probe_step step;

	if (a->steps_left == 0 || !probe_get_step(&c, &step))
		return;
	a->steps_left--;
	a->reader.step(a->reader.context, &step);
}

static bool on_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct asked *a = context;
	struct probe_end end;
	bool answered = false;

	if (failure == EXCHANGE_LATE)
		tell_notifier_to_stop(a->notifier, a->number);
	if (frame != NULL && frame->type == NOTIFIER_PROBE_STEP) {
		tell_step(a, frame);
		return false;
	}
	if (frame != NULL && frame->type == NOTIFIER_PROBE_END) {
		struct cursor c = frame_cursor(frame);

		/* A malformed end counts as none: half a probe must not look like a whole one. */
		answered = probe_get_end(&c, &end);
	}
	a->reader.end(a->reader.context, answered ? &end : NULL);
	free(a);
	return true;
}

uint32_t probe_ask(struct exchange *notifier, const struct probe_question *question,
    const struct probe_reader *reader, int64_t now_ms)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct asked *a = memory_zero(1, sizeof(*a));

	a->notifier = notifier;
	a->reader = *reader;
	a->steps_left = PROBE_STEPS_MAX;
	frame_begin(&frame, NOTIFIER_PROBE, 0);
	probe_put_question(&frame, question);
	a->number = exchange_ask(notifier, &frame, now_ms + PROBE_TIMEOUT_MS, on_answer, a);
	return a->number;
}

void probe_cancel(struct exchange *notifier, uint32_t number)
{
	struct asked *a = exchange_cancel(notifier, number);

	if (a == NULL)
		return;
	free(a);
	tell_notifier_to_stop(notifier, number);
}
