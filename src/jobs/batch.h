/* One batch on its way through the commands: at most PORTS_BATCH_MAX messages of one job. */
#ifndef JOBS_BATCH_H
#define JOBS_BATCH_H

#include "jobs/engine.h"

/* Reads the next items of `job` and drives them, in a place that is free. */
void batch_begin(struct batch *batch, struct unfinished *job);
/* Goes on after a wait. */
void batch_wake(struct batch *batch);
/* Nothing of this batch has been sent or decided: it can be dropped without a trace. */
bool batch_is_untouched(const struct batch *batch);
/* Decides anew about all its items, and does what comes next. For struct engine_calls. */
void batch_drive(struct batch *batch);

#endif
