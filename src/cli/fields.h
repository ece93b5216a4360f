/* --json, --csv and --fields: what a script gets of the objects of the API, in its order. */
#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H

#include "cli/command.h"

#define FIELDS_MAX 40

struct fields {
	bool wanted; /* one of the three was given: nothing is for people */
	bool csv;
	struct slice names[FIELDS_MAX];
	size_t count; /* 0: the whole object, as the API gives it */
};

/* What this run wants of the objects that its row of members.c has. False after saying what is
 * wrong; then nothing has been asked of the service. */
bool fields_take(struct command_run *run, struct fields *fields);
/* With --csv the line of names, unless --no-header is given; else nothing. */
void fields_print_head(const struct command_run *run, const struct fields *fields);
/* One object: with --csv a line of values (RFC 4180), else as JSON, with these members alone where
 * some were named. A list or an object in a line of --csv is written as JSON. A text that a
 * spreadsheet would take for a formula gets an apostrophe in front. */
void fields_print(const struct fields *fields, const json_t *object);
/* The head and each object of a list. */
void fields_print_list(
    const struct command_run *run, const struct fields *fields, const json_t *list);

#endif
