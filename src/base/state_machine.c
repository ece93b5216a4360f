/* The check behind every state machine: a table says which moves there are, all others abort. */
#include "base/state_machine.h"

#include <stdlib.h>

#include "base/log.h"

static const char *name_of(const struct state_machine *machine, unsigned state)
{
	return state < machine->count && machine->states[state] != NULL ? machine->states[state]
									: "no state";
}

bool state_machine_allows(const struct state_machine *machine, unsigned from, unsigned to)
{
	return from < machine->count && to < machine->count &&
	       (machine->next[from] & STATE_MACHINE_BIT(to)) != 0;
}

unsigned state_machine_move(const struct state_machine *machine, unsigned from, unsigned to)
{
	if (state_machine_allows(machine, from, to))
		return to;
	log_error("impossible: a %s goes from %s to %s", machine->name, name_of(machine, from),
	    name_of(machine, to));
	abort();
}
