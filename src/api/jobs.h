/* /jobs and /flush: acting on messages. */
#ifndef API_JOBS_H
#define API_JOBS_H

#include "api/api.h"

extern const struct http_route api_jobs_routes[];

struct job_row;
/* Tells of a job that was made, has moved on or ended: those who see everything, and those within
 * whose scope it was made. The engine paces. */
void api_jobs_changed(struct api *api, const struct job_row *job);

#endif
