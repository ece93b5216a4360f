/* Joins a probe with the frames of its answer. */
#include "notifier/prober.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "notifier/probe.h"
#include "wire/notifier_proto.h"

struct prober {
	const struct notifier_parts *parts;
	struct probe *probe; /* NULL: none runs */
	uint32_t request;    /* of the one that runs */
};

struct prober *prober_create(const struct notifier_parts *parts)
{
	struct prober *prober = memory_zero(1, sizeof(*prober));

	prober->parts = parts;
	return prober;
}

void prober_destroy(struct prober **pointer)
{
	struct prober *prober = *pointer;

	*pointer = NULL;
	if (prober == NULL)
		return;
	prober_drop(prober);
	free(prober);
}

static void answer_end(struct prober *prober, uint32_t request, const struct probe_end *end)
{
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, NOTIFIER_PROBE_END, request);
	probe_put_end(&frame, end);
	prober->parts->answer(prober->parts->context, &frame);
}

static void on_step(void *context, const struct probe_step *step)
{
	struct prober *prober = context;
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, NOTIFIER_PROBE_STEP, prober->request);
	probe_put_step(&frame, step);
	prober->parts->answer(prober->parts->context, &frame);
}

static void on_end(void *context, const struct probe_end *end)
{
	struct prober *prober = context;

	answer_end(prober, prober->request, end);
	probe_destroy(&prober->probe);
}

void prober_begin(struct prober *prober, const struct frame *frame)
{
	struct probe_question question;
	struct cursor c = frame_cursor(frame);

	if (!probe_get_question(&c, &question)) {
		log_error("the server sent a malformed probe");
		return;
	}
	if (prober->probe != NULL) {
		answer_end(prober, frame->request,
		    &(struct probe_end){.complete = false,
			.outcome = PROBE_BAD,
			.text = SLICE("Another test is running.")});
		return;
	}
	prober->request = frame->request;
	prober->probe = probe_create(
	    prober->parts->loop, &question, &(struct probe_events){on_step, on_end, prober});
}

void prober_cancel(struct prober *prober, uint32_t request)
{
	if (prober->request == request)
		prober_drop(prober);
}

void prober_drop(struct prober *prober)
{
	probe_destroy(&prober->probe);
}
