/* postroom user */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "cli/command.h"
#include "cli/offline.h"

/* With its line end and NUL. */
#define PASSWORD_SIZE (ACCOUNTS_PASSWORD_MAX + 2)

static bool read_line(FILE *in, char password[PASSWORD_SIZE])
{
	size_t len;

	if (fgets(password, PASSWORD_SIZE, in) == NULL)
		return false;
	len = strcspn(password, "\n");
	/* A line that did not fit would be cut: better none at all. */
	if (password[len] != '\n' && !feof(in))
		return false;
	password[len] = '\0';
	return true;
}

static bool ask_hidden(const char *question, char password[PASSWORD_SIZE])
{
	struct termios shown;
	struct termios hidden;
	bool done;

	fprintf(stderr, "%s: ", question);
	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) < 0)
		return false;
	done = read_line(stdin, password);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return done;
}

static bool get_password(struct command_run *run, char password[PASSWORD_SIZE])
{
	char again[PASSWORD_SIZE];
	bool same;

	if (command_given(run, OPTION_PASSWORD_STDIN))
		return read_line(stdin, password) ||
		       command_usage(run, "no password on standard input") == COMMAND_DONE;
	if (!command_terminal())
		return command_usage(run,
			   "there is no terminal to ask at; give --password-stdin") == COMMAND_DONE;
	if (!ask_hidden("Password", password) || !ask_hidden("The same again", again))
		return command_failed(run, "no password was given") == COMMAND_DONE;
	same = strcmp(password, again) == 0;
	sodium_memzero(again, sizeof(again));
	return same || command_failed(run, "the two are not the same") == COMMAND_DONE;
}

/* Through the service where it runs, else into its database. */
static bool add_user(struct command_run *run, const char *name, const char *role,
    const char *password, struct error *err)
{
	struct client *client = command_client(run, err);
	json_t *body =
	    json_pack("{s:s, s:s, s:s}", "name", name, "role", role, "password", password);
	json_t *reply;

	if (client == NULL || body == NULL) {
		json_decref(body);
		return client == NULL
			   ? false
			   : error_set(err, "invalid_value", "name or password is not UTF-8");
	}
	reply = client_call(client, "POST", "/users", body, err);
	json_decref(reply);
	if (reply != NULL)
		return true;
	if (strcmp(err->code, "unreachable") == 0 &&
	    offline_possible(run->values[OPTION_URL], run->values[OPTION_SOCKET]))
		return offline_add_user(run->config, name, role, password, err);
	return false;
}

int command_user(struct command_run *run)
{
	char password[PASSWORD_SIZE];
	const char *role = run->values[OPTION_ROLE];
	struct error err;
	bool done;

	if (run->operand_count != 2 || strcmp(run->operands[0], "add") != 0 || role == NULL)
		return command_usage(
		    run, "expected: postroom user add NAME --role viewer|operator|admin");
	if (!get_password(run, password))
		return COMMAND_USAGE;
	done = add_user(run, run->operands[1], role, password, &err);
	sodium_memzero(password, sizeof(password));
	if (!done)
		return command_refused(run, &err);
	if (!command_given(run, OPTION_JSON))
		printf("%s may sign in now, as %s.\n", run->operands[1], role);
	return COMMAND_DONE;
}
