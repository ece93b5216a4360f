/* One message for a person, or the whole queue for the reader: what another process prints. */
#ifndef HELPER_SHOW_H
#define HELPER_SHOW_H

#include "helper/peer.h"

/* VIEW and LISTING; `request` is the number that the answer carries. */
void show_message(struct peer *peer, uint32_t request, const struct helper_view *wanted);
void show_listing(struct peer *peer, uint32_t request);

#endif
