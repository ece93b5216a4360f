/* GET /api/v1/trace. */
#ifndef API_TRACE_H
#define API_TRACE_H

#include "api/api.h"

extern const struct http_route api_trace_routes[];

#endif
