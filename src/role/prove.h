/* What a process is, seen from outside: whoever started it believes the kernel, not its word. */
#ifndef ROLE_PROVE_H
#define ROLE_PROVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"
#include "role/confine.h"
#include "wire/channel.h"

/* Opens what /proc says of a child, which must still wait in role_become (its `gate`): where
 * others' processes are hidden (hidepid) it can be opened only while the child is the same user. -1
 * with unsafe. */
int prove_open(pid_t pid, struct error *err);

/* Whether `status` is what the kernel says of that process, when another has opened it and handed
 * it over: a file of /proc, of that name and number. False with unsafe. */
bool prove_handed(int status, pid_t pid, struct error *err);

/* Judges the first frame that came over `channel`: it is READY, from that very process, and what it
 * says is what the plan allows; and what the kernel says of the process (`status`, of prove_open)
 * allows as little. False with unsafe and what is wrong, for people. */
bool prove_role(const struct confine_plan *plan, pid_t pid, int status,
    const struct channel *channel, const struct frame *first, struct error *err);

/* The part that looks at the text of /proc/PID/status. */
bool prove_status(const struct confine_plan *plan, struct slice status, struct error *err);

#endif
