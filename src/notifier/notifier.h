/* The notifier's process: sends what the server tells it to (wire/notifier_proto.h) and answers how
 * it went. It listens nowhere, keeps nothing, and reads what strangers answer. */
#ifndef NOTIFIER_NOTIFIER_H
#define NOTIFIER_NOTIFIER_H

#include "base/buffer.h"
#include "base/loop.h"
#include "wire/control_proto.h"

/* What the process gives its parts (sends.h, and the prober). All of it outlives them. */
struct notifier_parts {
	struct loop *loop;
	const struct role_config *config; /* its content is replaced by a reload */
	/* Sends one frame to the server that asked. Nothing happens where that is gone. */
	void (*answer)(void *context, const struct buffer *frame);
	/* A part cannot go on: the process ends, and the supervisor starts another. */
	void (*fail)(void *context);
	void *context;
};

/* Serves until the supervisor says STOP or is gone; the exit status. `starter`: the channel to it
 * (starter.h). Takes both descriptors. */
int notifier_main(int control_fd, int starter);

#endif
