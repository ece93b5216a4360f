/* Two kinds of question with one frame as answer. */
#include "exchange/identity.h"

#include <stdlib.h>

#include "base/memory.h"

struct question {
	struct exchange *identity;
	identity_discover_done *discovered;
	identity_sign_in_done *signed_in;
	void *context;
	uint32_t number;
};

/* What is under way for a question that nobody waits for is dropped there. */
static void give_up(struct question *q)
{
	BUFFER_AUTO struct buffer frame = {0};

	identity_cancel_encode(&frame, q->number);
	(void)exchange_send(q->identity, &frame);
}

static bool on_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct question *q = context;
	struct identity_discovered discovered;
	struct identity_signed_in signed_in;

	if (failure == EXCHANGE_LATE)
		give_up(q);
	/* A malformed answer counts as none: nobody knows what it meant. */
	if (q->discovered != NULL)
		q->discovered(q->context,
		    frame != NULL && identity_discovered_decode(frame, &discovered) ? &discovered
										    : NULL);
	else
		q->signed_in(q->context,
		    frame != NULL && identity_signed_in_decode(frame, &signed_in) ? &signed_in
										  : NULL);
	free(q);
	return true;
}

static uint32_t ask(
    struct exchange *identity, struct buffer *frame, int64_t now_ms, struct question question)
{
	struct question *q = memory_zero(1, sizeof(*q));

	*q = question;
	q->identity = identity;
	q->number = exchange_ask(
	    identity, frame, now_ms + IDENTITY_TIMEOUT_MS + IDENTITY_PATIENCE_MS, on_answer, q);
	return q->number;
}

uint32_t identity_ask_discover(struct exchange *identity, const struct identity_discover *discover,
    int64_t now_ms, identity_discover_done *done, void *context)
{
	BUFFER_AUTO struct buffer frame = {0};

	identity_discover_encode(&frame, 0, discover);
	return ask(
	    identity, &frame, now_ms, (struct question){.discovered = done, .context = context});
}

uint32_t identity_ask_sign_in(struct exchange *identity, const struct identity_sign_in *sign_in,
    int64_t now_ms, identity_sign_in_done *done, void *context)
{
	BUFFER_AUTO struct buffer frame = {0};

	identity_sign_in_encode(&frame, 0, sign_in);
	return ask(
	    identity, &frame, now_ms, (struct question){.signed_in = done, .context = context});
}

void identity_give_up(struct exchange *identity, uint32_t number)
{
	struct question *q = exchange_cancel(identity, number);

	if (q == NULL)
		return;
	give_up(q);
	free(q);
}
