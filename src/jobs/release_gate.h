/* The one way by which a batch lets messages go back from hold. */
#ifndef JOBS_RELEASE_GATE_H
#define JOBS_RELEASE_GATE_H

#include "jobs/engine.h"

enum release_gate_answer {
	RELEASE_GATE_OPEN, /* every item that is to be released is cleared or kept */
	RELEASE_GATE_LOOK, /* the chosen items are to be looked at first */
	RELEASE_GATE_BUSY, /* it began something, after which it has the batch driven on */
};
/* Sees to it that every item that is to be released is cleared or kept. */
enum release_gate_answer release_gate_pass(struct batch *batch);
/* What cleared the items of this batch is not too old to act on. */
bool release_gate_still_open(const struct batch *batch);

/* Looks at the queue manager while Postfix reloads. */
void release_gate_tick(struct jobs *jobs, int64_t now_ms);
int64_t release_gate_deadline_ms(const struct jobs *jobs); /* -1: none */

#endif
