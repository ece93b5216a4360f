/* /api/v1/saved-views: names for addresses of the page, shared by all who work with it. */
#ifndef API_SAVED_VIEWS_H
#define API_SAVED_VIEWS_H

#include "api/api.h"

extern const struct http_route api_saved_views_routes[];

#endif
