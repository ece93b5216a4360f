/* GET /api/v1/queue, and the same summary as the data of `queue` events. */
#ifndef API_QUEUE_H
#define API_QUEUE_H

#include "api/api.h"

extern const struct http_route api_queue_routes[];

/* QueueSummary in api/openapi.yaml, of what is in the scope of who asks (`rq` NULL: of
 * everything); a new reference. */
json_t *api_queue_summary(struct api *api, const struct http_request *rq);
/* Tells a summary from another one that says something else; that time goes by is nothing else.
 * Never 0. */
uint64_t api_queue_summary_version(const json_t *summary);

#endif
