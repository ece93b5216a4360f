/* Jobs on the command line: waiting for one, and what became of its messages. */
#ifndef CLI_JOB_REPORT_H
#define CLI_JOB_REPORT_H

#include "cli/command.h"

/* Follows a job until it ends or is in its grace time (`past_grace`: until that is over too), with
 * a line of progress on a terminal. Returns the job (the caller releases it), NULL after saying why
 * not. */
json_t *job_report_wait(struct command_run *run, int64_t id, bool past_grace);

/* Prints its counts and, for people, the messages that did not end well; with --json every item
 * (only of --outcome and --result where given; with these, people get a table of those messages).
 * Returns COMMAND_DONE when all went well, else COMMAND_NOT_DONE.
 */
int job_report_print(struct command_run *run, const json_t *job);

#endif
