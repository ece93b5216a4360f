/* The one-time set-up of main.cf for pauses: looked at, done, undone. */
#ifndef HELPER_PAUSE_SETUP_H
#define HELPER_PAUSE_SETUP_H

#include "helper/peer.h"
#include "wire/pause_proto.h"

/* PAUSE_SETUP; answers PAUSE_STATE, or refuses. */
void pause_setup_take(struct peer *peer, uint32_t request, const struct pause_setup_ask *ask);

#endif
