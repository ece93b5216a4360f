/* A helper of one's own, started as the service starts its one: for commands that have to see
 * Postfix as root sees it, whether the service runs or not. */
#ifndef CHECK_OWN_HELPER_H
#define CHECK_OWN_HELPER_H

#include "supervisor/process.h"
#include "wire/channel.h"
#include "wire/control_proto.h"

struct own_helper {
	struct process process;
	struct channel *channel; /* to ask it, as the server would */
};

/* False with the reason; own_helper_end in any case. */
bool own_helper_start(
    struct own_helper *helper, const struct role_config *facts, struct error *err);
/* Sends one question and waits for its answer, which the caller closes. False when none came. */
bool own_helper_ask(
    struct own_helper *helper, struct buffer *question, int timeout_ms, struct frame *answer);
/* One that does not answer is killed, the other ends by itself. */
void own_helper_end(struct own_helper *helper, bool answered);

#endif
