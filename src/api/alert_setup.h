/* GET and PUT /api/v1/alerts/channels, .../rules and .../silences: where alerts go, and which. */
#ifndef API_ALERT_SETUP_H
#define API_ALERT_SETUP_H

#include "api/api.h"

extern const struct http_route api_alert_setup_routes[];

#endif
