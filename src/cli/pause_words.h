/* What the commands about pauses have in common. */
#ifndef CLI_PAUSE_WORDS_H
#define CLI_PAUSE_WORDS_H

#include "cli/command.h"

/* What a state of the set-up means, other than "done": one sentence. */
void pause_words_setup(const struct command_run *run, const char *state, struct buffer *out);
/* Whether pauses of this kind put whole messages on hold. */
bool pause_words_holds(const char *kind);
/* The pause with this number, or the only one of this key; NULL after saying what is wrong. The
 * caller releases it. */
json_t *pause_words_find(struct command_run *run, const char *text);

#endif
