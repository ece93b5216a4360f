/* /events, /healthz and /readyz. */
#ifndef API_LIVE_H
#define API_LIVE_H

#include "api/api.h"

extern const struct http_route api_live_routes[];

/* At most so many `queue` events in a second. */
#define LIVE_QUEUE_PACE_MS 250

/* Tells all who listen how the queue stands now. */
void live_queue_changed(struct api *api);

#endif
