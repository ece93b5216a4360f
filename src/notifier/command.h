/* One command of an alert: a program that root has put into a directory of root's, chosen by its
 * file name, as a process group of its own. */
#ifndef NOTIFIER_COMMAND_H
#define NOTIFIER_COMMAND_H

#include "base/loop.h"
#include "notifier/outcome.h"

/* What a command may print. Beyond it is taken for one that prints without end, and ended. */
#define COMMAND_OUTPUT_MAX ((size_t)1 << 20)

struct command;
/* Called once, from the loop; the command is gone after it. */
typedef void command_done(void *context, const struct outcome *outcome);

/* Starts it. NULL, with `outcome` saying why, where it cannot or must not be: the directory and the
 * file have to be root's (or of who owns this program, role/program.h) and writable by nobody else,
 * the file no link. It gets `send`'s arguments and standard input, the environment of this process,
 * and no descriptor beside 0 to 2; its output and its errors are one. The directory is its working
 * directory. */
struct command *command_start(struct loop *loop, const char *directory,
    const struct notifier_send *send, command_done *done, void *context, struct outcome *outcome);
/* Its whole process group is killed, and `done` is not called any more. */
void command_cancel(struct command *command);

#endif
