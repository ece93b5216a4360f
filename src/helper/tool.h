/* One command of Postfix, run to its end, with what it said: for work that takes several commands,
 * one after the other. What may be asked for as it is stands in command.h. */
#ifndef HELPER_TOOL_H
#define HELPER_TOOL_H

#include "helper/command.h"
#include "helper/peer.h"

struct tool_said {
	bool ok;    /* it ended with status 0 in its time */
	bool ended; /* it ended by itself; else the deadline or a signal ended it */
	int status;
	struct slice out, err; /* err is also the reason where it could not be started */
};
typedef void tool_done(void *context, const struct tool_said *said);

/* Runs the words, of which the first came from command_begin; `done` is called exactly once, later.
 */
void tool_run(struct helper *helper, const struct command_words *words, struct slice input,
    tool_done *done, void *context);
/* "PROGRAM -c DIRECTORY" and these words, ended by NULL. */
void tool_run_words(struct helper *helper, const char *program, const char *const *words,
    struct slice input, tool_done *done, void *context);

/* What went wrong, in one line: the first line of its standard error, or how it ended. */
void tool_explain(
    const struct tool_said *said, const char *what, struct error *err, const char *code);

#endif
