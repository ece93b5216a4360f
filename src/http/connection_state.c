/* The states of a connection as a table. */
#include "http/connection_state.h"

#include "base/state_machine.h"

static const char *const names[CONNECTION_STATES] = {[CONNECTION_HEAD] = "head",
    [CONNECTION_REQUEST] = "request",
    [CONNECTION_SENDING] = "sending",
    [CONNECTION_LINGER] = "linger",
    [CONNECTION_CLOSING] = "closing"};

/* Any of them may be closed: the client goes, takes too long, or makes room. */
#define TO STATE_MACHINE_BIT
static const uint32_t next[CONNECTION_STATES] = {
    /* Sending without a request: the gate refuses what came. */
    [CONNECTION_HEAD] = TO(CONNECTION_REQUEST) | TO(CONNECTION_SENDING) | TO(CONNECTION_CLOSING),
    [CONNECTION_REQUEST] = TO(CONNECTION_SENDING) | TO(CONNECTION_CLOSING),
    /* Back to the head: the connection is kept for another request. */
    [CONNECTION_SENDING] = TO(CONNECTION_HEAD) | TO(CONNECTION_LINGER) | TO(CONNECTION_CLOSING),
    [CONNECTION_LINGER] = TO(CONNECTION_CLOSING),
};
#undef TO

static const struct state_machine machine = {"connection", CONNECTION_STATES, names, next};

bool connection_state_allows(enum connection_state from, enum connection_state to)
{
	return state_machine_allows(&machine, from, to);
}

void connection_state_move(enum connection_state *state, enum connection_state to)
{
	*state = (enum connection_state)state_machine_move(&machine, *state, to);
}
