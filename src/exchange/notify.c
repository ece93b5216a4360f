/* One thing to send: a question to the notifier with one frame as its answer. */
#include "exchange/notify.h"

#include <stdlib.h>

#include "base/memory.h"

struct notification {
	struct exchange *notifier;
	notify_done *done;
	void *context;
	uint32_t number;
};

void notify_send_cancel(struct exchange *notifier, uint32_t number)
{
	BUFFER_AUTO struct buffer frame = {0};

	notifier_cancel_encode(&frame, number);
	/* Where the notifier is gone, what it had under way is gone with it. */
	(void)exchange_send(notifier, &frame);
}

static bool on_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct notification *n = context;
	struct notifier_sent sent;
	/* A malformed answer counts as none: nobody knows what it meant. */
	bool known = frame != NULL && notifier_sent_decode(frame, &sent);

	if (failure == EXCHANGE_LATE)
		notify_send_cancel(n->notifier, n->number);
	n->done(n->context, known ? &sent : NULL);
	free(n);
	return true;
}

uint32_t notify_send(struct exchange *notifier, const struct notifier_send *send, int64_t now_ms,
    notify_done *done, void *context)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct notification *n;

	if (!notifier_send_check(send, NULL))
		return 0;
	n = memory_zero(1, sizeof(*n));
	*n = (struct notification){notifier, done, context, 0};
	notifier_send_encode(&frame, 0, send);
	n->number = exchange_ask(
	    notifier, &frame, now_ms + send->timeout_ms + NOTIFY_PATIENCE_MS, on_answer, n);
	return n->number;
}

void notify_cancel(struct exchange *notifier, uint32_t number)
{
	struct notification *n = exchange_cancel(notifier, number);

	if (n == NULL)
		return;
	free(n);
	notify_send_cancel(notifier, number);
}
