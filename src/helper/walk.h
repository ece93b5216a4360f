/* Listing and watching queue directories, a slice at a time, so that commands are not kept waiting.
 */
#ifndef HELPER_WALK_H
#define HELPER_WALK_H

#include "helper/peer.h"

/* `request` is the number that the answer carries.
 *
 * LIST: answers with LIST_BATCH frames and LIST_END. No record is older than an answer that is sent
 * after it. */
void walk_list(struct peer *peer, uint32_t request, const struct helper_list *wanted);
/* WATCH: the same walk over the directories alone; each is watched before it is read, so that
 * nothing comes between the two. Answers with STREAM, WATCHES, LIST_BATCH and WATCH_END. */
void walk_watch(struct peer *peer, uint32_t request, const struct helper_watch *wanted);
void walk_peer_gone(struct peer *peer);

#endif
