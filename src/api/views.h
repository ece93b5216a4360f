/* POST /api/v1/views, GET and DELETE /api/v1/views/{id}, GET /api/v1/views/{id}/rows, GET /print.
 */
#ifndef API_VIEWS_H
#define API_VIEWS_H

#include "api/api.h"
#include "query/views.h"

extern const struct http_route api_views_routes[];
extern const struct http_route api_print_routes[];

/* The view with this ID. False: answered with view_expired. */
bool api_view_find(
    struct http_request *rq, struct api *api, struct slice id, struct query_view *view);

#endif
