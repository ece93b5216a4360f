/* What `postroom check` says about the directory of commands that alerts may start. */
#ifndef CHECK_COMMANDS_H
#define CHECK_COMMANDS_H

#include "config/config.h"
#include "wire/problem.h"

/* Adds commands_unsafe for each program in alerts.commands that is not run because others than root
 * could write it, or for all of them. A directory that is not there is none. */
void check_commands(const struct config *config, struct problem_list *problems);

#endif
