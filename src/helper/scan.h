/* Listing queue directories, a slice at a time, so that commands are not kept waiting. */
#ifndef HELPER_SCAN_H
#define HELPER_SCAN_H

#include "helper/peer.h"

/* LIST: answers with LIST_BATCH frames and LIST_END. */
void scan_start(struct peer *peer, struct frame *frame);
void scan_peer_gone(struct peer *peer);

#endif
