/* GET /api/v1/queue, and the same summary as the data of `queue` events. */
#ifndef API_QUEUE_H
#define API_QUEUE_H

#include "api/api.h"

extern const struct http_route api_queue_routes[];

/* QueueSummary in api/openapi.yaml, of what is in the scope; a new reference. */
json_t *api_queue_summary(struct api *api, const struct query_scope *scope);

#endif
