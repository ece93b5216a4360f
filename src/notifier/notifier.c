/* The server's frames are given to the part that they are for by a table. */
#include "notifier/notifier.h"

#include "base/log.h"
#include "notifier/prober.h"
#include "notifier/sends.h"
#include "role/answerer.h"
#include "wire/notifier_proto.h"

struct notifier {
	struct answerer *answerer;
	struct role_config config;
	struct notifier_parts parts;
	struct sends *sends;
	struct prober *prober;
	bool failed;
};

static void take_send(struct notifier *n, const struct frame *frame)
{
	sends_begin(n->sends, frame);
}

static void take_probe(struct notifier *n, const struct frame *frame)
{
	prober_begin(n->prober, frame);
}

static void take_cancel(struct notifier *n, const struct frame *frame)
{
	uint32_t request;

	/* A number that is none of theirs is nothing to a part. */
	if (!notifier_cancel_decode(frame, &request))
		return;
	sends_cancel(n->sends, request);
	prober_cancel(n->prober, request);
}

/* What each part takes. */
static const struct {
	enum notifier_type type;
	void (*take)(struct notifier *n, const struct frame *frame);
} frames[] = {
    {NOTIFIER_SEND, take_send},
    {NOTIFIER_PROBE, take_probe},
    {NOTIFIER_CANCEL, take_cancel},
};

static void take_frame(void *context, const struct frame *frame)
{
	struct notifier *n = context;

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		if (frames[i].type == frame->type) {
			frames[i].take(n, frame);
			return;
		}
	log_warning("the server sent a frame of unknown type %u", frame->type);
}

static void drop(void *context)
{
	struct notifier *n = context;

	sends_drop(n->sends);
	prober_drop(n->prober);
}

static void answer(void *context, const struct buffer *frame)
{
	struct notifier *n = context;

	answerer_send(n->answerer, frame);
}

static void fail(void *context)
{
	struct notifier *n = context;

	n->failed = true;
	loop_stop(n->parts.loop);
}

int notifier_main(int control_fd, int starter)
{
	struct notifier n = {0};
	bool ok;

	n.answerer = answerer_create(
	    control_fd, &(struct answerer_work){
			    .take = take_frame, .drop = drop, .context = &n, .config = &n.config});
	n.parts = (struct notifier_parts){answerer_loop(n.answerer), &n.config, answer, fail, &n};
	n.sends = sends_create(&n.parts, starter);
	n.prober = prober_create(&n.parts);
	ok = answerer_run(n.answerer) && !n.failed;
	sends_destroy(&n.sends);
	prober_destroy(&n.prober);
	answerer_destroy(&n.answerer);
	role_config_free(&n.config);
	return ok ? 0 : 1;
}
