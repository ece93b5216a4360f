/* GET /api/v1/history: the depth of the queue over time. */
#ifndef API_HISTORY_H
#define API_HISTORY_H

#include "api/api.h"

extern const struct http_route api_history_routes[];

#endif
