/* GET /api/v1/history: the depth of the queue over time. */
#ifndef API_HISTORY_H
#define API_HISTORY_H

#include "api/api.h"

/* Reads `from`, `to` (Unix seconds; the last day where they are not given) and `points` of the
 * query. False when the request has been answered: there is an error. */
bool api_read_range(struct http_request *rq, int64_t *from, int64_t *to, uint64_t *points);

extern const struct http_route api_history_routes[];

#endif
