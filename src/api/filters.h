/* /filters: what a text means as a filter. */
#ifndef API_FILTERS_H
#define API_FILTERS_H

#include "http/router.h"

extern const struct http_route api_filters_routes[];

#endif
