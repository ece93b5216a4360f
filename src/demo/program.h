/* Child processes of the demo. */
#ifndef DEMO_PROGRAM_H
#define DEMO_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* Runs a program to its end, without a terminal, in a process group of its own (Ctrl-C is for the
 * demo to handle). What it prints is shown only in `err` when it fails. `before`, when not NULL,
 * runs in the child before the program; false there is a failure. Errors: command_failed. */
bool program_run(
    const char *const argv[], bool (*before)(const void *), const void *context, struct error *err);

/* Forks a child of the demo: its signals are the default ones again, it dies with the demo, and it
 * is in a process group of its own. Returns as fork does. */
pid_t program_fork(void);

/* Asks it to end (SIGTERM), waits up to `seconds`, then kills it; *pid becomes 0. Nothing for 0. */
void program_end(pid_t *pid, int seconds);

#endif
