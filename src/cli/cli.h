/* The operator's commands: list, show, groups, retry, hold, release, requeue, delete, bounce,
 * flush, jobs, settings, incidents, status, history, user, token and completion. They speak to the
 * service's Unix socket, or to --url with a token. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "base/suggest.h"

/* Whether `name` is one of the commands here. */
bool cli_is_command(const char *name);

/* Runs argv[1] (a name that cli_is_command knows) with its arguments. Returns the exit status,
 * as postroom(1) tells: 0 done, 1 nothing matched or not all done, 2 wrong usage, 3 no answer from
 * the service, 4 refused by it. */
int cli_main(int argc, char **argv);

/* Offers the names of all commands here. */
void cli_suggest(struct suggest *suggest);

/* The lines "  name    purpose" of every command here, for `postroom --help`. */
void cli_print_commands(FILE *out);

#endif
