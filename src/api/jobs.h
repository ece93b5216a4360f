/* /jobs and /flush: acting on messages. */
#ifndef API_JOBS_H
#define API_JOBS_H

#include "api/api.h"

extern const struct http_route api_jobs_routes[];

#endif
