/* --watch: the same command again and again, until it is interrupted. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli/command.h"

/* Seconds between two answers: fresh enough to look at, and nothing to the service. */
#define WATCH_SECONDS 5

/* Runs `once`; with --watch every WATCH_SECONDS, for ever: on a terminal in the place of what stood
 * there, at once again when its size changes, else one after the other, each below its time. Ctrl-C
 * ends it as done. A service that goes away meanwhile is said and asked again; whatever fails the
 * first time ends it. */
int watch_run(struct command_run *run, int (*once)(struct command_run *run));

#endif
