/* One message for a person, or the whole queue for the reader: what another process prints. */
#ifndef HELPER_VIEW_H
#define HELPER_VIEW_H

#include "helper/peer.h"

/* VIEW and LISTING; `request` is the number that the answer carries. */
void view_start(struct peer *peer, uint32_t request, const struct helper_view *wanted);
void view_listing(struct peer *peer, uint32_t request);

#endif
