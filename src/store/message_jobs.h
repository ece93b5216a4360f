/* Which jobs a message was in. There is no index for it: items are written a million at a time, and
 * this is asked once in a while. */
#ifndef STORE_MESSAGE_JOBS_H
#define STORE_MESSAGE_JOBS_H

#include <stddef.h>

#include "store/db.h"

/* Looks through a slice of the jobs, the newest first: those below `*before` (0: all), of some
 * JOB_ROWS_SLICE items together; `*before` is where to go on. Adds the numbers of jobs that had the
 * message `id`, or made it of another one by re-queueing, to the `*count` in `jobs`, up to `max`.
 * `*more`: there are further jobs. */
enum db_result message_jobs_find(struct db *db, struct slice id, int64_t *before, int64_t *jobs,
    size_t max, size_t *count, bool *more, struct error *err);

#endif
