/* GET /api/v1/alerts: what was sent and how it went; and a channel's test. */
#ifndef API_ALERTS_H
#define API_ALERTS_H

#include "api/api.h"

extern const struct http_route api_alerts_routes[];

#endif
