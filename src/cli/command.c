/* What commands say and ask: exit statuses, texts for people, calls of the API and their
 * refusals, confirmation. */
#include "cli/command.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/slice.h"
#include "cli/safe_text.h"

#define TOKEN_FILE_MAX 4096
__attribute__((format(printf, 2, 0))) static void complain(
    const struct command_run *run, const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	/* As other commands of Unix do it, so that a message in a script's output says whose it is.
	 */
	fprintf(stderr, "postroom %s: ", run->command->name);
	safe_text_print(stderr, text);
	fputc('\n', stderr);
}

/* The worst status of a run counts at its end, whatever came afterwards. */
static int note(struct command_run *run, int status)
{
	if (status > run->worst)
		run->worst = status;
	return status;
}

int command_usage(struct command_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(run, format, args);
	va_end(args);
	return note(run, COMMAND_USAGE);
}

int command_failed(struct command_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(run, format, args);
	va_end(args);
	return note(run, COMMAND_NOT_DONE);
}

/* Every other code is the service's refusal: of a right, or because of its or Postfix's state. */
static int status_of(const char *code)
{
	static const struct {
		const char *code;
		int status;
	} statuses[] = {
	    {"unreachable", COMMAND_UNREACHABLE},
	    {"bad_reply", COMMAND_UNREACHABLE},
	    {"bad_url", COMMAND_USAGE},
	    {"bad_token", COMMAND_USAGE},
	    {"no_socket", COMMAND_USAGE},
	    {"io_error", COMMAND_USAGE}, /* the file of a token */
	    {"bad_role", COMMAND_USAGE},
	    {"bad_name", COMMAND_USAGE},
	    {"bad_password", COMMAND_USAGE},
	    {"bad_request", COMMAND_USAGE},
	    {"missing_member", COMMAND_USAGE},
	    {"invalid_value", COMMAND_USAGE},
	    {"unknown_parameter", COMMAND_USAGE},
	    {"invalid_filter", COMMAND_USAGE},
	    {"invalid_id", COMMAND_USAGE},
	    {"too_large", COMMAND_USAGE},
	    {"header_too_large", COMMAND_USAGE},
	    {"nothing_matched", COMMAND_NOT_DONE},
	    {"not_found", COMMAND_NOT_DONE},
	    {"message_not_found", COMMAND_NOT_DONE},
	    {"part_not_found", COMMAND_NOT_DONE},
	    {"job_not_found", COMMAND_NOT_DONE},
	    {"change_not_found", COMMAND_NOT_DONE},
	    {"incident_not_found", COMMAND_NOT_DONE},
	    {"token_not_found", COMMAND_NOT_DONE},
	    {"user_not_found", COMMAND_NOT_DONE},
	    {"saved_view_not_found", COMMAND_NOT_DONE},
	};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(statuses[i].code, code) == 0)
			return statuses[i].status;
	return COMMAND_REFUSED;
}

/* Said like a failure, with the status that the service's code has. */
int command_refused(struct command_run *run, const struct error *err)
{
	command_failed(run, "%s", err->text);
	return note(run, status_of(err->code));
}

bool command_given(const struct command_run *run, enum command_option option)
{
	return run->values[option] != NULL;
}

/* The limit is the service's own where it has one, so that a refusal comes without asking it. */
bool command_number(struct command_run *run, enum command_option option, uint64_t fallback,
    uint64_t most, uint64_t *value)
{
	*value = fallback;
	if (!command_given(run, option))
		return true;
	if (slice_to_u64(slice_of(run->values[option]), value) && *value <= most)
		return true;
	command_usage(run, "--%s %s: expected a whole number up to %llu",
	    command_options()[option].name, run->values[option], (unsigned long long)most);
	return false;
}

/* The token of --url: from its file, or from the environment; never from the command line, which
 * everyone on the machine can read. */
static bool read_token(const struct command_run *run, struct buffer *token, struct error *err)
{
	const char *environment = getenv("POSTROOM_TOKEN");

	if (command_given(run, OPTION_TOKEN_FILE)) {
		if (!fd_read_file(run->values[OPTION_TOKEN_FILE], TOKEN_FILE_MAX, token, err))
			return false;
	} else if (environment != NULL) {
		buffer_append_string(token, environment);
	}
	/* An editor puts a line end behind the token. */
	while (token->len > 0 && isspace((unsigned char)token->data[token->len - 1]))
		token->len--;
	/* A line end in it would end the header, and what follows would be another one. */
	for (size_t i = 0; i < token->len; i++)
		if (!isgraph((unsigned char)token->data[i]))
			return error_set(
			    err, "bad_token", "the token has characters that no token has");
	return token->len > 0 || error_set(err, "bad_token",
				     "--url needs a token: --token-file FILE or POSTROOM_TOKEN");
}

/* Made when it is first needed: --help and wrong usage ask nobody. */
struct client *command_client(struct command_run *run, struct error *err)
{
	BUFFER_AUTO struct buffer token = {0};
	const char *socket = run->values[OPTION_SOCKET] != NULL ? run->values[OPTION_SOCKET]
								: run->config->http_socket;

	/* One connection for the whole run: a wait asks many times. */
	if (run->client != NULL)
		return run->client;
	/* Never both: a token is only sent where it was meant to go. */
	if (command_given(run, OPTION_URL)) {
		if (read_token(run, &token, err))
			run->client = client_create(
			    NULL, run->values[OPTION_URL], buffer_string(&token), err);
		return run->client;
	}
	if (socket[0] == '\0') {
		error_set(err, "no_socket",
		    "http.socket is empty in the configuration; use --socket or --url");
		return NULL;
	}
	run->client = client_create(socket, NULL, NULL, err);
	return run->client;
}

/* Around a mistake people see so many characters of a long filter. */
#define FAULT_BEFORE 50
#define FAULT_BEHIND 20

/* Where `characters` code points of `text` end. */
static size_t behind_characters(struct slice text, int64_t characters)
{
	size_t at = 0;

	for (; at < text.len && characters > 0; characters--) {
		at++;
		while (at < text.len && ((unsigned char)text.data[at] & 0xc0) == 0x80)
			at++;
	}
	return at;
}

/* The filter, and under it a caret at the column of the mistake. */
static void show_fault(const struct command_run *run, int64_t column)
{
	char *filter = command_filter(run);
	int64_t first = column > FAULT_BEFORE ? column - FAULT_BEFORE : 1;
	struct slice text = slice_of(filter);
	BUFFER_AUTO struct buffer before = {0}, behind = {0};
	size_t from = behind_characters(text, first - 1), at = behind_characters(text, column - 1);

	safe_text_append(&before, slice_first(slice_from(text, from), at - from));
	text = slice_from(text, at);
	safe_text_append(&behind, slice_first(text, behind_characters(text, FAULT_BEHIND)));
	fprintf(stderr, "  %s%s%.*s%.*s%s\n  %*s^\n", from > 0 ? "..." : "", from > 0 ? " " : "",
	    SLICE_ARGS(buffer_slice(&before)), SLICE_ARGS(buffer_slice(&behind)),
	    behind_characters(text, FAULT_BEHIND) < text.len ? "..." : "",
	    (int)(safe_text_width(buffer_slice(&before)) + (from > 0 ? 4 : 0)), "");
	free(filter);
}

/* On NULL everything has been said, and the command only ends. */
json_t *command_call(struct command_run *run, const char *method, const char *path, json_t *body)
{
	struct error err;
	struct client *client = command_client(run, &err);
	json_t *reply;

	if (client == NULL) {
		json_decref(body);
		command_refused(run, &err);
		return NULL;
	}
	reply = client_call(client, method, path, body, &err);
	if (reply == NULL)
		command_refused(run, &err);
	if (reply == NULL && client_fault_column(client) > 0)
		show_fault(run, client_fault_column(client));
	return reply;
}

static void print_warning(const struct command_run *run, const json_t *warning)
{
	const char *severity = command_text(warning, "severity");
	const char *text = command_text(warning, "text"), *fix = command_text(warning, "fix");

	/* Lesser ones are the page's: they would stand over every list. */
	if (severity == NULL || strcmp(severity, "error") != 0 || text == NULL)
		return;
	fprintf(stderr, "postroom %s: ", run->command->name);
	safe_text_print(stderr, text);
	if (fix != NULL) {
		fputs("; fix: ", stderr);
		safe_text_print(stderr, fix);
	}
	fputc('\n', stderr);
}

/* A service that does not answer is said by the call that follows. */
bool command_warn(struct command_run *run)
{
	struct error err;
	struct client *client = command_client(run, &err);
	json_t *queue = client != NULL ? client_call(client, "GET", "/queue", NULL, &err) : NULL;
	bool stopped = json_is_false(json_object_get(json_object_get(queue, "postfix"), "running"));
	size_t i;
	json_t *warning;

	json_array_foreach(json_object_get(queue, "warnings"), i, warning)
	    print_warning(run, warning);
	json_decref(queue);
	return stopped;
}

/* Operands are one filter, as if they had been quoted together. */
char *command_filter(const struct command_run *run)
{
	struct buffer text = {0};

	for (size_t i = 0; i < run->operand_count; i++) {
		if (i > 0)
			buffer_append_char(&text, ' ');
		buffer_append_string(&text, run->operands[i]);
	}
	buffer_string(&text);
	return text.data;
}

/* In bytes, which are at least as many as characters: the service looks more closely. */
#define ADDRESS_FILTER_MAX 4096

/* Such a filter goes in a body or by way of a view. */
bool command_filter_is_long(const char *filter)
{
	return strlen(filter) > ADDRESS_FILTER_MAX;
}

const char *command_text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

int64_t command_integer(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

void command_print_text(const json_t *object, const char *member)
{
	const char *text = command_text(object, member);

	safe_text_print(stdout, text != NULL ? text : "?");
}

void command_print_json(const json_t *value)
{
	/* ASCII, so that no text of a stranger can reach a terminal through it; jansson escapes all
	 * control characters but DEL, which inside JSON can only be in a string. */
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);

	for (const char *at = text; at != NULL && *at != '\0'; at++) {
		if (*at == 0x7f)
			fputs("\\u007f", stdout);
		else
			putchar(*at);
	}
	putchar('\n');
	free(text);
}

bool command_terminal(void)
{
	/* The question goes to stderr, so that it does not get into a pipe. */
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool command_confirm(const char *prompt)
{
	char answer[16];

	if (!command_terminal())
		return false;
	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", prompt);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	/* Everything else is no, an empty line and a misprint too. */
	return strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0;
}
