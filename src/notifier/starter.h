/* The starter: a process that starts the commands of alerts for the notifier. It is a copy of the
 * notifier, made before that closes its sandbox, and so may start programs, which the notifier may
 * not; in return it reads nothing that a stranger wrote. docs/decisions/notifier.md. */
#ifndef NOTIFIER_STARTER_H
#define NOTIFIER_STARTER_H

#include <stdbool.h>

#include "base/error.h"
#include "wire/control_proto.h"

/* Commands at once: each is a process, of whatever size. One more is told to be tried again. */
#define STARTER_COMMANDS_MAX 8

/* For role_enter_prepared: `context` is an int, which becomes the notifier's end of the channel to
 * it. Over it go the frames SEND, CANCEL and SENT of wire/notifier_proto.h. The starter ends, and
 * all commands with it, when that is closed. */
bool starter_begin(void *context, const struct role_config *config, struct error *err);

#endif
