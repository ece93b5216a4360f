/* Queue IDs that a person gives: as operands, or one a line on standard input where the only
 * operand is "-". One that is none is named, and nothing at all is done: the rest may not be what
 * was meant either. */
#ifndef CLI_IDS_H
#define CLI_IDS_H

#include "cli/command.h"

/* IDs in one filter (ids_filter) at most: with 10,000 terms and 65,536 bytes it has room for these.
 */
#define IDS_FILTER_MAX 2000

enum ids_given {
	IDS_NONE, /* the operands are a filter, or there are none */
	IDS_SOME, /* *ids is an array of at least one text */
	IDS_WRONG /* said on standard error what is wrong */
};

/* What the operands are. */
enum ids_given ids_take(struct command_run *run, json_t **ids);

/* The filter that names IDs [from, from + count) of `ids`; freed by the caller. */
char *ids_filter(const json_t *ids, size_t from, size_t count);

/* The operands as one filter, also where they are at most IDS_FILTER_MAX IDs; freed by the caller.
 * NULL after saying what is wrong. */
char *ids_or_filter(struct command_run *run);

#endif
