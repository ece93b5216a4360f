/* Jobs that end before their part is done. */
#ifndef JOBS_EARLY_END_H
#define JOBS_EARLY_END_H

#include "jobs/engine.h"

/* Settles what was not tried as cancelled, in the store alone; what is on hold by then is released
 * like an undo. */
void early_end_cancel(struct jobs *jobs, struct unfinished *job);
/* Begins to take back the jobs that will never be whole. */
void early_end_abandoned(struct jobs *jobs, int64_t now_ms);

#endif
