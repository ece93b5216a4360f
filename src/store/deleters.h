/* Who removed a message from the queue, or returned it to its sender, by a job here. */
#ifndef STORE_DELETERS_H
#define STORE_DELETERS_H

#include <stdint.h>

#include "store/db.h"
#include "store/job_rows.h"

/* Jobs that are looked through, the newest first. One of a million messages takes half a second of
 * the store's thread. */
#define DELETERS_JOBS_MAX 20

struct deleter {
	char id[JOB_ROWS_ID_MAX + 1]; /* in: the message's queue ID */
	int64_t at;		      /* in: when the log says that it went, Unix seconds */
	int64_t job;		      /* out: 0: no job here did it */
	char who[JOB_ROWS_WHO_MAX + 1];
};

/* Fills in `job` and `who` of each. */
enum db_result deleters_find(
    struct db *db, struct deleter *deleters, size_t count, struct error *err);

#endif
