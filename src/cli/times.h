/* --from and --to. */
#ifndef CLI_TIMES_H
#define CLI_TIMES_H

#include "cli/command.h"

/* Appends the option's time to a path under construction, as the query parameter `name`: RFC 3339
 * as it is, "24h" as that long ago. Nothing where it was not given; false after saying what is
 * wrong. */
bool times_query(
    struct command_run *run, struct buffer *path, enum command_option option, const char *name);

#endif
