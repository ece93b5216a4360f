/* What is in a message: show --headers, --body, --raw and --part. */
#ifndef CLI_SHOW_CONTENT_H
#define CLI_SHOW_CONTENT_H

#include "cli/command.h"

/* Whether one of these was given. */
bool show_content_wanted(const struct command_run *run);

/* Of one message. Needs the right to read content, and the service writes down that it was read.
 * What goes to a terminal is made safe; a pipe gets the bytes as they are. */
int show_content(struct command_run *run, const char *id);

#endif
