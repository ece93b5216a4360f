/* GET /api/v1/series: depth and rates over time by key. */
#ifndef API_SERIES_H
#define API_SERIES_H

#include "api/api.h"

extern const struct http_route api_series_routes[];

#endif
