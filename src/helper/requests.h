/* The table of requests: who may make each, how it is read, what answers it. */
#ifndef HELPER_REQUESTS_H
#define HELPER_REQUESTS_H

#include "helper/peer.h"

#define REQUEST_ROLE(role) (1u << (role))

struct request {
	uint32_t roles;				    /* REQUEST_ROLE of who may; none by default */
	bool (*decodes)(const struct frame *frame); /* whether the body is well formed */
	peer_handler *handler;
};

/* NULL when there is no such request. */
const struct request *request_find(uint8_t type);

/* Ends what was only for that peer; its serial is still valid, its channel is not. */
void request_peer_gone(struct peer *peer);

#endif
