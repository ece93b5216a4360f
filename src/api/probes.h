/* /api/v1/probes */
#ifndef API_PROBES_H
#define API_PROBES_H

#include "http/router.h"

extern const struct http_route api_probes_routes[];

#endif
