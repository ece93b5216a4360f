/* What changes in a batch: its own state, how far its items are, and what is said about them. */
#ifndef JOBS_BATCH_STEPS_H
#define JOBS_BATCH_STEPS_H

#include "jobs/engine.h"

/* The one place where a batch moves on. */
void batch_move(struct batch *batch, enum batch_state state);
/* It is over: its place is free. */
void batch_clear(struct batch *batch);
/* Frees what it has, however far it is; before the engine goes. */
void batch_free(struct batch *batch);
/* The one place where an item moves on; keeps the job's counts. */
void batch_set_step(
    struct batch *batch, struct decide_item *w, enum job_step step, enum job_outcome outcome);
/* Copies what is said of the item. */
void batch_set_detail(struct decide_item *w, const struct said *said);
/* The same, as the decision has it: what the row says already stays. */
void batch_say(struct decide_item *w, const struct decision *d);

#endif
