/* /events, /livez (/healthz) and /readyz. */
#ifndef API_QUEUE_EVENTS_H
#define API_QUEUE_EVENTS_H

#include "api/api.h"

extern const struct http_route api_queue_events_routes[];

/* At most so many `queue` events in a second. */
#define QUEUE_EVENTS_PACE_MS 250

/* Tells all who listen how the queue stands now. */
void queue_events_changed(struct api *api);

#endif
