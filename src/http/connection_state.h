/* How far a connection is, and which state may follow which. */
#ifndef HTTP_CONNECTION_STATE_H
#define HTTP_CONNECTION_STATE_H

#include <stdbool.h>

enum connection_state {
	CONNECTION_HEAD,    /* waits for a request, or for the rest of its head */
	CONNECTION_REQUEST, /* a request is with the router or its handler; its body may still come
			     */
	CONNECTION_SENDING, /* the answer is complete and on its way out */
	CONNECTION_LINGER,  /* nothing more is sent; waits for the client to close */
	CONNECTION_CLOSING, /* waits for libuv's close callbacks */
	CONNECTION_STATES
};

bool connection_state_allows(enum connection_state from, enum connection_state to);
/* Moves `*state` on to `to`. A move that there is not is a fault of this program and aborts:
 * nothing that a client sends may lead to one. */
void connection_state_move(enum connection_state *state, enum connection_state to);

#endif
