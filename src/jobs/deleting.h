/* Tells whoever shows the queue which messages deletes have on hold. */
#ifndef JOBS_DELETING_H
#define JOBS_DELETING_H

#include "jobs/engine.h"

/* Tells of an item of a delete whether it is on hold to be removed. */
void deleting_tell(struct jobs *jobs, const struct job_row *row, const struct job_item *item);
/* Tells all that the unfinished deletes of the store hold, then calls `done`: before anything runs,
 * so that nothing is told that has moved on meanwhile. */
typedef void deleting_done(struct jobs *jobs, bool ok);
void deleting_tell_all(struct jobs *jobs, deleting_done *done);

#endif
