/* --fields and --csv: members of JSON objects that a script asked for, in its order. */
#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H

#include "cli/command.h"

#define FIELDS_MAX 40

struct fields {
	struct slice names[FIELDS_MAX];
	size_t count;
};

/* Those of --fields; without it `usual`. `known`: all that there are, separated by blanks. False
 * after saying what is wrong. */
bool fields_take(
    struct command_run *run, const char *usual, const char *known, struct fields *fields);
/* With --csv the line of names; else nothing. */
void fields_print_head(const struct command_run *run, const struct fields *fields);
/* One object: with --csv a line of values (RFC 4180), else as JSON with these members alone. What
 * is no text, number or truth value is written as JSON. A text that a spreadsheet would take for a
 * formula gets an apostrophe in front. */
void fields_print(const struct command_run *run, const struct fields *fields, const json_t *object);

#endif
