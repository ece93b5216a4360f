/* What others hold back: by defer_transports, by entries of transport_maps that put mail off or
 * refuse it, and by HOLD in tables that smtpd and cleanup ask. Read, and never changed. */
#ifndef HELPER_PAUSE_FOREIGN_H
#define HELPER_PAUSE_FOREIGN_H

#include "helper/peer.h"

/* PAUSE_FOREIGN; answers PAUSE_FOUND, or refuses with postfix_failed. */
void pause_foreign_take(struct peer *peer, uint32_t request);

#endif
