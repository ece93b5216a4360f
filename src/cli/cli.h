/* The operator's commands (the table in commands.c). They speak to the service's Unix socket, or to
 * another one that --host, --url, --socket or the environment names. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "base/suggest.h"

/* Whether `name` is one of the commands that run here; the table has those of src/main.c, too. */
bool cli_is_command(const char *name);

/* Runs argv[1] (a name that cli_is_command knows) with its arguments. Returns the exit status,
 * as postroom(1) tells: 0 done, 1 nothing matched or not all done, 2 wrong usage, 3 no answer from
 * the service, 4 refused by it. */
int cli_main(int argc, char **argv);

/* Offers the names of all commands. */
void cli_suggest(struct suggest *suggest);

/* What a command takes, as its --help says it; false where there is no such command. */
bool cli_print_help(const char *name);

/* The lines "  name    purpose" of every command, and the exit statuses, for `postroom --help`. */
void cli_print_commands(FILE *out);

#endif
