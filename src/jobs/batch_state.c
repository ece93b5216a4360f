/* The states of a batch as a table. Whoever changes how a batch goes on changes this first. */
#include "jobs/batch_state.h"

#include "base/state_machine.h"

static const char *const names[BATCH_STATES] = {[BATCH_FREE] = "free",
    [BATCH_READING] = "reading",
    [BATCH_DECIDING] = "deciding",
    [BATCH_WRITING] = "writing",
    [BATCH_ASKING] = "asking",
    [BATCH_READY] = "ready",
    [BATCH_RUNNING] = "running",
    [BATCH_WAITING] = "waiting",
    [BATCH_RELOADING] = "reloading"};

#define TO STATE_MACHINE_BIT
static const uint32_t next[BATCH_STATES] = {
    [BATCH_FREE] = TO(BATCH_READING),
    /* Nothing was left to be read, or it could not be: the place is free again. */
    [BATCH_READING] = TO(BATCH_DECIDING) | TO(BATCH_FREE),
    /* Running without having been ready: what an earlier process sent is recalled. */
    [BATCH_DECIDING] = TO(BATCH_WRITING) | TO(BATCH_ASKING) | TO(BATCH_RUNNING) |
		       TO(BATCH_RELOADING) | TO(BATCH_WAITING),
    /* A command is sent only after what it is about to do is on disk. The outcomes of the last
     * one are on disk before the place is free. */
    [BATCH_WRITING] = TO(BATCH_READY) | TO(BATCH_FREE) | TO(BATCH_WAITING),
    [BATCH_ASKING] = TO(BATCH_DECIDING),
    /* Back to deciding: it was ready for so long that its messages are looked at anew. */
    [BATCH_READY] = TO(BATCH_RUNNING) | TO(BATCH_DECIDING),
    [BATCH_RUNNING] = TO(BATCH_DECIDING) | TO(BATCH_WAITING),
    /* Free: its job is to be cancelled, and nothing of the batch was sent or decided. */
    [BATCH_WAITING] = TO(BATCH_DECIDING) | TO(BATCH_FREE),
    [BATCH_RELOADING] = TO(BATCH_DECIDING),
};
#undef TO

static const struct state_machine machine = {"batch", BATCH_STATES, names, next};

bool batch_state_allows(enum batch_state from, enum batch_state to)
{
	return state_machine_allows(&machine, from, to);
}

void batch_state_move(enum batch_state *state, enum batch_state to)
{
	*state = (enum batch_state)state_machine_move(&machine, *state, to);
}
