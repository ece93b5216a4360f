/* Colours on terminals. They only repeat what a word says already, so nothing is lost without them.
 */
#ifndef CLI_COLOUR_H
#define CLI_COLOUR_H

#include <stdbool.h>

/* What a text means to who reads it. */
enum mark {
	MARK_NONE,
	MARK_TITLE, /* of a column */
	MARK_BAD,   /* somebody has to do something */
	MARK_WATCH, /* may become that */
	MARK_GOOD,  /* went as it should */
	MARK_FAINT, /* beside the point */
	MARK_COUNT
};

/* Variables of the environment; NULL where they are not set. */
struct colour_environment {
	const char *no_color, *clicolor, *clicolor_force, *term;
};

/* Whether there are colours, on a terminal or in a pipe. NO_COLOR wins, then CLICOLOR_FORCE; a
 * terminal that is dumb or unknown has none. */
bool colour_wanted(const struct colour_environment *environment, bool terminal);

/* What begins and what ends a mark on a terminal (ECMA-48); "" for MARK_NONE. */
const char *colour_begin(enum mark mark);
const char *colour_end(enum mark mark);

/* What a word of the API means: a severity, a state, an outcome, a queue. MARK_NONE for any other.
 */
enum mark colour_of_word(const char *word);

#endif
