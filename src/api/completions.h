/* GET /api/v1/filters/completions: what may stand at the cursor of somebody who types a filter. */
#ifndef API_COMPLETIONS_H
#define API_COMPLETIONS_H

#include "http/router.h"

extern const struct http_route api_completions_routes[];

#endif
