/* A state machine as a table: which state may follow which. Whoever has one keeps its state in a
 * commented enum, moves it in one function, and lets that function check the move here. */
#ifndef BASE_STATE_MACHINE_H
#define BASE_STATE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* The bit of one state in `next`: at most 32 states. */
#define STATE_MACHINE_BIT(state) (UINT32_C(1) << (state))

struct state_machine {
	const char *name;	   /* what moves: "job" */
	unsigned count;		   /* states are 0 to count - 1 */
	const char *const *states; /* their names, for the log */
	const uint32_t *next;	   /* of each state: the bits of those that may follow it */
};

/* Whether the table has that move; false for numbers that are no states. */
bool state_machine_allows(const struct state_machine *machine, unsigned from, unsigned to);
/* Returns `to`. A move that the table does not have is a fault of this program: then it says so in
 * the log and aborts, because nothing that it would do next can be trusted. */
unsigned state_machine_move(const struct state_machine *machine, unsigned from, unsigned to);

#endif
