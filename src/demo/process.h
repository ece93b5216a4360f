/* Child processes of the demo. */
#ifndef DEMO_PROCESS_H
#define DEMO_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* Runs a program to its end, without a terminal, in a process group of its own (Ctrl-C is for the
 * demo to handle). What it prints is shown only in `err` when it fails. `before`, when not NULL,
 * runs in the child before the program; false there is a failure. Errors: command_failed. */
bool process_run(
    const char *const argv[], bool (*before)(const void *), const void *context, struct error *err);

/* Forks a child of the demo: its signals are the default ones again, it dies with the demo, and it
 * is in a process group of its own. Returns as fork does. */
pid_t process_fork(void);

/* Asks it to end (SIGTERM), waits up to `seconds`, then kills it; *pid becomes 0. Nothing for 0. */
void process_end(pid_t *pid, int seconds);

#endif
