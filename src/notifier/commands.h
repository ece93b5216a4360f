/* The notifier's side of the starter (starter.h): hands commands over, and takes what came of them.
 */
#ifndef NOTIFIER_COMMANDS_H
#define NOTIFIER_COMMANDS_H

#include "base/loop.h"
#include "wire/notifier_proto.h"

struct commands;

struct commands_events {
	void *context;
	/* How the command of that number went. Its slices live during the call only. */
	void (*sent)(void *context, uint32_t request, const struct notifier_sent *sent);
	/* The starter is gone: what became of its commands is not known. */
	void (*gone)(void *context);
};

/* Takes the descriptor. */
struct commands *commands_create(struct loop *loop, int fd, const struct commands_events *events);
/* Accepts a pointer to NULL. The starter ends, with all its commands. */
void commands_destroy(struct commands **commands);

/* What came of it is told under that number, which the server gave. */
void commands_begin(struct commands *commands, uint32_t request, const struct notifier_send *send);
/* It is ended, and nothing more is told of it. */
void commands_cancel(struct commands *commands, uint32_t request);

#endif
