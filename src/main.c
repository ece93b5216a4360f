/* postroom: the command line. The service is other executables (main_supervisor.c and its like),
 * one for each level of trust. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check/check.h"
#include "check/running.h"
#include "check/store.h"
#include "cli/cli.h"
#include "cli/safe_text.h"
#include "demo/demo.h"
#include "role/program.h"

/* What `postroom check` looks at beyond the supervisor's own folder; the last gives up root. */
static check_function *const more_checks[] = {check_running, check_store_left_over, NULL};

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

/* The commands of the service itself; the operator's are cli/'s. */
static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *purpose;
} commands[] = {
    {"serve", serve_command, "the service, on this machine's Postfix"},
    {"check", check_command, "what is missing on this machine, and the exact fix"},
    {"demo", demo_main, "a private Postfix with a lifelike queue, and the page on it"},
};

static void print_help(FILE *out)
{
	fputs("usage: postroom COMMAND [OPTION]...\n\n", out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].purpose);
	cli_print_commands(out);
	fputs("\n`postroom COMMAND --help` says more; so does postroom(1).\n", out);
}

static void refuse_command(const char *command)
{
	struct suggest suggest = suggest_begin(slice_of(command));

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		suggest_offer(&suggest, commands[i].name);
	cli_suggest(&suggest);
	fputs("postroom: ", stderr);
	safe_text_print(stderr, command);
	if (suggest.best != NULL)
		fprintf(stderr, ": no such command; did you mean %s? See postroom --help\n",
		    suggest.best);
	else
		fputs(": no such command; see postroom --help\n", stderr);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(command, commands[i].name) == 0)
			return commands[i].main(argc, argv);
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
