/* /usage: who uses what of that which is there for all. */
#ifndef API_USAGE_H
#define API_USAGE_H

#include "api/api.h"

extern const struct http_route api_usage_routes[];

#endif
