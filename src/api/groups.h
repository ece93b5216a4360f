/* GET /api/v1/groups. */
#ifndef API_GROUPS_H
#define API_GROUPS_H

#include "api/api.h"
#include "query/groups.h"

extern const struct http_route api_groups_routes[];

/* `Group` in api/openapi.yaml. */
json_t *api_group_json(enum group_key key, const struct group *g);

#endif
