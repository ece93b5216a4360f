/* postroom: the command line. The service is other executables (main_supervisor.c and its like),
 * one for each level of trust. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check/check.h"
#include "check/leave.h"
#include "check/pause_undo.h"
#include "check/running.h"
#include "check/sign_on.h"
#include "check/store.h"
#include "cli/cli.h"
#include "cli/safe_text.h"
#include "demo/demo.h"
#include "role/program.h"

/* What `postroom check` looks at beyond the supervisor's own folder; the last gives up root. */
static check_function *const more_checks[] = {
    check_running, check_sign_on, check_store_left_over, NULL};

static int check_command(int argc, char **argv)
{
	return check_main(argc, argv, more_checks);
}

/* Becomes the supervisor, which links next to nothing of what this links. */
static int serve_command(int argc, char **argv)
{
	struct error err;
	int program = program_open(PROGRAM_SUPERVISOR, &err);

	if (program >= 0) {
		argv[0] = (char *)program_name(PROGRAM_SUPERVISOR);
		syscall(SYS_execveat, program, "", argv, environ, AT_EMPTY_PATH);
		error_set_errno(&err, "not_found", errno, "%s", argv[0]);
	}
	fprintf(stderr, "postroom serve: %s\n", err.text);
	return 1;
}

/* The commands of the service itself; the operator's are cli/'s, and so is the table that says what
 * each of them is for. */
static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} commands[] = {
    {"serve", serve_command},
    {"check", check_command},
    {"leave", leave_main},
    {"demo", demo_main},
};

static void print_help(FILE *out)
{
	fputs("usage: postroom COMMAND [OPTION]...\n\n", out);
	cli_print_commands(out);
	fputs("\n`postroom help COMMAND` says more; so does postroom(1).\n", out);
}

static void refuse_command(const char *command)
{
	struct suggest suggest = suggest_begin(slice_of(command));

	cli_suggest(&suggest);
	fputs("postroom: ", stderr);
	safe_text_print(stderr, command);
	if (suggest.best != NULL)
		fprintf(stderr, ": no such command; did you mean %s? See postroom --help\n",
		    suggest.best);
	else
		fputs(": no such command; see postroom --help\n", stderr);
}

/* True where it was a command of the service. */
static bool run_own(int argc, char **argv, int *status)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			*status = commands[i].main(argc, argv);
			return true;
		}
	return false;
}

/* `postroom help COMMAND` is `postroom COMMAND --help`. */
static int help_command(int argc, char **argv)
{
	char *asked[] = {argv[0], argv[argc - 1], (char[]){"--help"}, NULL};
	int status;

	if (argc == 2) {
		print_help(stdout);
		return 0;
	}
	if (argc > 3) {
		fputs("postroom help: expected one command\n", stderr);
		return 2;
	}
	/* Those of the service say more of themselves than the table does. */
	if (run_own(3, asked, &status))
		return status;
	if (cli_print_help(strcmp(asked[1], "--help") == 0 ? "help" : asked[1]))
		return 0;
	refuse_command(asked[1]);
	return 2;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	int status;

	if (argc > 1 && run_own(argc, argv, &status))
		return status;
	if (strcmp(command, "help") == 0)
		return help_command(argc, argv);
	/* The one thing that must work after the service has gone for good. */
	if (pause_undo_wanted(argc, argv))
		return pause_undo_main(argc, argv);
	if (cli_is_command(command))
		return cli_main(argc, argv);
	if (strcmp(command, "--help") == 0 || strcmp(command, "--version") == 0) {
		if (strcmp(command, "--version") == 0)
			puts("postroom " POSTROOM_VERSION);
		else
			print_help(stdout);
		return 0;
	}
	if (argc > 1)
		refuse_command(command);
	else
		print_help(stderr);
	return 2;
}
