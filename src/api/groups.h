/* GET /api/v1/groups. */
#ifndef API_GROUPS_H
#define API_GROUPS_H

#include "api/api.h"

extern const struct http_route api_groups_routes[];

#endif
