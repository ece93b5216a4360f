/* POST /api/v1/previews: exactly what a job would touch, and what it would do. */
#ifndef API_PREVIEWS_H
#define API_PREVIEWS_H

#include "api/api.h"

extern const struct http_route api_previews_routes[];

#endif
