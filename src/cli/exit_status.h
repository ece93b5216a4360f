/* What every command ends with: one table of the statuses, which --help prints and the manual is
 * checked against, and one of the codes of errors that have a status other than "refused". */
#ifndef CLI_EXIT_STATUS_H
#define CLI_EXIT_STATUS_H

/* The higher is the worse (postroom(1), EXIT STATUS). */
enum {
	COMMAND_DONE = 0,
	COMMAND_NOT_DONE = 1,
	COMMAND_USAGE = 2,
	COMMAND_UNREACHABLE = 3,
	COMMAND_REFUSED = 4,
	COMMAND_STATUSES
};

/* What it means, in a few words. */
const char *exit_status_meaning(int status);

/* The status of a command that failed with this code, the service's or our own. */
int exit_status_of(const char *code);

#endif
