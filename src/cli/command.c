/* What commands say and ask: exit statuses, texts for people, calls of the API and their
 * refusals, confirmation. */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/slice.h"
#include "base/suggest.h"
#include "cli/fold.h"
#include "cli/safe_text.h"
#include "cli/screen.h"

__attribute__((format(printf, 2, 0))) static void complain(
    const struct command_run *run, const char *format, va_list args)
{
	char text[1024];
	BUFFER_AUTO struct buffer whole = {0}, safe = {0}, folded = {0};

	vsnprintf(text, sizeof(text), format, args);
	/* Behind what was printed until now, and not into a pager's screen. */
	screen_close();
	/* As other commands of Unix do it, so that a message in a script's output says whose it is.
	 */
	buffer_printf(&whole, "postroom %s: %s", run->command->name, text);
	safe_text_append(&safe, buffer_slice(&whole));
	fold_append(&folded, buffer_slice(&safe), 0, screen_error_width());
	fprintf(stderr, "%s\n", buffer_string(&folded));
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

/* Said like a failure, with the status that the service's code has. */
int command_refused(struct command_run *run, const struct error *err)
{
	command_failed(run, "%s", err->text);
	return note(run, exit_status_of(err->code));
}

bool command_given(const struct command_run *run, enum command_option option)
{
	return run->values[option] != NULL;
}

const char *command_where(const struct command_run *run)
{
	return run->where != NULL ? run->where : "";
}

/* The limit is the service's own where it has one, so that a refusal comes without asking it. */
bool command_one_of(
    struct command_run *run, const char *name, const char *value, const char *values)
{
	char best[40], hint[60] = "";
	struct slice rest = slice_of(values), one;

	while (slice_split(&rest, ' ', &one))
		if (slice_is(one, value))
			return true;
	if (suggest_among(slice_of(value), values, best, sizeof(best)))
		snprintf(hint, sizeof(hint), "; did you mean %s?", best);
	return command_usage(run, "--%s %s: expected one of %s%s", name, value, values, hint) ==
	       COMMAND_DONE;
}

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

static struct context_wishes wishes_of(const struct command_run *run)
{
	return (struct context_wishes){.host = run->values[OPTION_HOST],
	    .url = run->values[OPTION_URL],
	    .socket = run->values[OPTION_SOCKET],
	    .token_file = run->values[OPTION_TOKEN_FILE],
	    .usual_socket = run->config->http_socket};
}

bool command_names_service(const struct command_run *run)
{
	struct context_wishes wishes = wishes_of(run);

	return context_is_named(&wishes);
}

bool command_names_other_socket(const struct command_run *run)
{
	struct context_wishes wishes = wishes_of(run);
	const char *named = context_named_socket(&wishes);

	return named != NULL && strcmp(named, run->config->http_socket) != 0;
}

/* Made when it is first needed: --help and wrong usage ask nobody. */
struct client *command_client(struct command_run *run, struct error *err)
{
	struct context_wishes wishes = wishes_of(run);

	/* One connection for the whole run: a wait asks many times. */
	if (run->client != NULL)
		return run->client;
	command_disconnect(run);
	run->context = memory_zero(1, sizeof(*run->context));
	if (context_find(&wishes, run->context, err))
		run->client = client_create(&run->context->target, err);
	return run->client;
}

void command_disconnect(struct command_run *run)
{
	client_destroy(&run->client);
	if (run->context != NULL)
		context_free(run->context);
	free(run->context);
	run->context = NULL;
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

json_t *command_call_all(struct command_run *run, const char *path)
{
	BUFFER_AUTO struct buffer all = {0};
	struct error err;
	struct client *client = command_client(run, &err);
	json_t *reply;

	if (client == NULL) {
		command_refused(run, &err);
		return NULL;
	}
	buffer_printf(&all, "%s?all=true", path);
	reply = client_call(client, "GET", buffer_string(&all), NULL, &err);
	/* What everybody has is not for everybody: then what is one's own. */
	if (reply == NULL && strcmp(err.code, "forbidden") == 0)
		return command_call(run, "GET", path, NULL);
	if (reply == NULL)
		command_refused(run, &err);
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

void command_print_warnings(const json_t *reply, size_t indent)
{
	size_t i;
	json_t *warning;

	json_array_foreach(json_object_get(reply, "warnings"), i, warning)
	{
		const char *text = command_text(warning, "text");

		printf("%*s! ", (int)indent, "");
		screen_text(indent + 2, text != NULL ? text : "?");
	}
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
	screen_unpage();
	fprintf(stderr, "%s [y/N] ", prompt);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	/* Everything else is no, an empty line and a misprint too. */
	return strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0;
}
