/* A role's end of its channel to the supervisor (control_proto.h). */
#ifndef WIRE_CONTROL_CHANNEL_H
#define WIRE_CONTROL_CHANNEL_H

#include "wire/channel.h"

/* What a role does with what the supervisor sends. */
struct control_taker {
	void (*config)(void *context, const struct frame *frame);
	/* The descriptors are closed behind it, but for those that it takes. */
	void (*peer)(void *context, struct frame *frame);
	void *context;
};

/* Takes all that is there. A PING is answered here, from the role's own loop: the answer proves
 * that it turns. False when the role has to end: at STOP, behind which nothing is taken, and when
 * the supervisor is gone, without whom nobody would replace what dies. */
bool control_take(struct channel *control, const struct control_taker *taker);

#endif
