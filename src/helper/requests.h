/* The table of requests: who may make each, how it is read, what answers it. */
#ifndef HELPER_REQUESTS_H
#define HELPER_REQUESTS_H

#include "helper/peer.h"

/* Answers a request of that peer, or refuses it. The caller closes the frame. */
void requests_take(struct peer *peer, const struct frame *frame);

/* Ends what was only for that peer; its serial is still valid, its channel is not. */
void requests_peer_gone(struct peer *peer);

#endif
