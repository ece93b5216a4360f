/* GET /metrics, for Prometheus. */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "api/api.h"

/* Also for a router of its own, with the API as context. */
extern const struct http_route api_metrics_routes[];

#endif
