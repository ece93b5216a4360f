/* One message for a person, or the whole queue for the reader: what another process prints. */
#ifndef HELPER_VIEW_H
#define HELPER_VIEW_H

#include "helper/peer.h"

void view_start(struct peer *peer, struct frame *frame);   /* VIEW */
void view_listing(struct peer *peer, struct frame *frame); /* LISTING */

#endif
