/* GET /api/v1/groups. */
#ifndef API_GROUPS_H
#define API_GROUPS_H

#include "api/api.h"
#include "query/groups.h"

extern const struct http_route api_groups_routes[];

/* Appends a member of that name: an array of `Group` in api/openapi.yaml. */
void api_groups_append(struct buffer *out, const char *name, enum group_key key,
    const struct group *list, size_t count);

#endif
