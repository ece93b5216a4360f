/* What each reading command gives to programs: the members of its objects that --fields may name,
 * and those of --csv. One table is the source for --fields, for its completion and for the test
 * that compares it with the contract. */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct members {
	const char *command;
	const char *verb;   /* the first operand, or MEMBERS_NUMBER; NULL: any other, or none */
	const char *schema; /* in api/openapi.yaml; NULL: an object of the command line's own */
	/* Names separated by blanks. A dot leads into an object, or into each object of a list;
	 * `recipients.0.address` (never in here) into one of them. */
	const char *known;
	const char *csv; /* those of --csv without --fields */
};

/* Instead of a verb: a number; --by or --what. */
#define MEMBERS_NUMBER "NUMBER"
#define MEMBERS_SERIES "--by"

const struct members *members_table(size_t *count);

/* The row of a command with this first operand ("" for none); NULL where it gives no objects. */
const struct members *members_of(const char *command, const char *verb);

/* Whether `name` is one of them, also with numbers of list entries in it. */
bool members_has(const struct members *members, struct slice name);

#endif
