/* A job as the API gives it: `Job` and `JobItem` in api/openapi.yaml. */
#ifndef API_JOB_JSON_H
#define API_JOB_JSON_H

#include "api/api.h"
#include "store/job_rows.h"

/* New references; numbers of jobs as `numbers` shows them (NULL: as they are). */
json_t *api_job_json(const struct numbers *numbers, const struct job_row *job);
json_t *api_job_item_json(const struct numbers *numbers, const struct job_item *item);

#endif
