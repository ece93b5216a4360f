/* Candidates from the live queue, and how each is printed. */
#ifndef CLI_COMPLETE_LIVE_H
#define CLI_COMPLETE_LIVE_H

#include "cli/command.h"
#include "cli/shell_words.h"

enum complete_shell { COMPLETE_BASH, COMPLETE_ZSH, COMPLETE_FISH };

/* One run of `postroom complete`. */
struct completing {
	enum complete_shell shell;
	const struct shell_words *line; /* of bash; else NULL */
	struct command_run run;		/* as far as the line stands */
	const char *full;		/* the word under the cursor */
	const char *word;		/* the part of it that is completed, behind --name= */
	size_t before;			/* bytes of it in front of that */
	bool files, any;		/* names of files are meant; something was printed */
	void (*load_config)(struct completing *c); /* the socket is in there */
};

/* Prints a candidate for the word where it begins with it, with what it `means`. `whole`: nothing
 * more can follow in this word. */
void complete_add(struct completing *c, struct slice candidate, struct slice means, bool whole);

/* What the service has for this operand: terms of a filter with the values in the queue, IDs,
 * incidents, jobs, pauses, destinations. Nothing where it does not answer in time. */
void complete_live(struct completing *c);

#endif
