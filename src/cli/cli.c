/* Reads the command line by the tables of commands and options, says what is wrong with it, and
 * calls the command. */
#include "cli/cli.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/slice.h"
#include "cli/command.h"
#include "cli/complete.h"
#include "cli/fold.h"
#include "cli/safe_text.h"
#include "cli/screen.h"

/* See cli/complete.h. */
#define COMPLETE "complete"

bool cli_is_command(const char *name)
{
	const struct command *command = command_find(name);

	/* Scripts of shells ask it; it is for nobody to type. */
	if (strcmp(name, COMPLETE) == 0)
		return true;
	return command != NULL && command->run != NULL;
}

/* For the main program: a mistyped command may be one of its own or one of these. */
void cli_suggest(struct suggest *suggest)
{
	size_t count;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		suggest_offer(suggest, commands[i].name);
}

/* Texts of --help fit the width that every terminal has. */
#define HELP_WIDTH 79
/* Where the purposes of options begin. */
#define HELP_LEFT 23
/* And those of commands. */
#define COMMANDS_LEFT 14

static void print_folded(FILE *out, size_t indent, const char *text, const char *behind)
{
	BUFFER_AUTO struct buffer folded = {0};

	fold_append(&folded, slice_of(text), indent, HELP_WIDTH);
	fprintf(out, "%s%s", buffer_string(&folded), behind);
}

void cli_print_commands(FILE *out)
{
	size_t count;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++) {
		fprintf(out, "  %-11s ", commands[i].name);
		print_folded(out, COMMANDS_LEFT, commands[i].purpose, "\n");
	}
	fputs("\nExit status:", out);
	for (int status = 0; status < COMMAND_STATUSES; status++)
		fprintf(out, "\n  %d  %s", status, exit_status_meaning(status));
	fputc('\n', out);
}

static void print_usage(const struct command *command, FILE *out)
{
	BUFFER_AUTO struct buffer text = {0};

	buffer_printf(&text, "usage: postroom %s%s%s [OPTION]...", command->name,
	    command->operands[0] != '\0' ? " " : "", command->operands);
	print_folded(out, 0, buffer_string(&text), "\n\n");
}

/* Paragraphs of the table, one a line. */
static void print_detail(const struct command *command, FILE *out)
{
	struct slice rest = slice_of(command->detail), line;

	while (slice_split(&rest, '\n', &line)) {
		BUFFER_AUTO struct buffer text = {0};

		buffer_append_slice(&text, line);
		if (line.len > 0)
			print_folded(out, 0, buffer_string(&text), "\n");
	}
}

/* Everything in it comes from the tables, so help and parser cannot disagree. */
static void print_help(const struct command *command, FILE *out)
{
	const struct command_option_entry *options = command_options();

	print_usage(command, out);
	print_folded(out, 0, command->purpose, ".\n");
	print_detail(command, out);
	fputc('\n', out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char left[40];

		if ((command->options & OPTION_BIT(i)) == 0)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
		    options[i].argument != NULL ? " " : "",
		    options[i].argument != NULL ? options[i].argument : "");
		fprintf(out, "  %-20s ", left);
		print_folded(out, HELP_LEFT, options[i].purpose, "\n");
	}
}

bool cli_print_help(const char *name)
{
	const struct command *command = command_find(name);

	if (command != NULL)
		print_help(command, stdout);
	return command != NULL;
}

/* Only options of this command: a --yes that a command does not know must not be swallowed. */
static int find_option(const struct command *command, const char *name, size_t len)
{
	const struct command_option_entry *options = command_options();

	for (int i = 0; i < OPTION_COUNT; i++)
		if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0 &&
		    (command->options & OPTION_BIT(i)) != 0)
			return i;
	return -1;
}

/* "; did you mean --yes?" for a word that is no option of this command, or nothing. */
static void append_option_hint(
    struct buffer *text, const struct command *command, struct slice name)
{
	const struct command_option_entry *options = command_options();
	struct suggest suggest = suggest_begin(name);
	size_t begins = 0;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if ((command->options & OPTION_BIT(i)) != 0)
			suggest_offer(&suggest, options[i].name);
	/* As in -y of other programs, where that can only be one of these. */
	for (size_t i = 0; i < OPTION_COUNT && name.len == 1; i++)
		if ((command->options & OPTION_BIT(i)) != 0 && name.data[0] == options[i].name[0]) {
			begins++;
			suggest.best = begins == 1 ? options[i].name : NULL;
		}
	if (suggest.best != NULL)
		buffer_printf(text, "; did you mean --%s?", suggest.best);
}

/* Later --set and the like wait here until the file has been read. */
struct parse {
	struct command_run *run;
	const char **sets;
	size_t set_count;
};

/* False, after saying that `word` (with its dashes) is no option, and what may have been meant. */
static bool refuse_option(struct command_run *run, const char *word)
{
	BUFFER_AUTO struct buffer hint = {0};
	const char *name = word + strspn(word, "-");

	append_option_hint(&hint, run->command, slice_first(slice_of(name), strcspn(name, "=")));
	return command_usage(run, "%s is not an option here%s See postroom %s --help", word,
		   hint.len > 0 ? buffer_string(&hint) : ".", run->command->name) == COMMAND_DONE;
}

/* Whether the option takes this value; false after saying which there are. */
static bool value_is_known(
    struct command_run *run, const struct command_option_entry *option, const char *value)
{
	return option->values == NULL || option->open ||
	       command_one_of(run, option->name, value, option->values);
}

/* One option at argv[*at]; moves *at over its argument. False after saying what is wrong. */
static bool take_option(struct parse *parse, char **argv, int argc, int *at)
{
	const struct command_option_entry *options = command_options();
	const char *name = argv[*at] + 2;
	/* Both `--name value` and `--name=value`, as people type both. */
	const char *equals = strchr(name, '=');
	int option = find_option(
	    parse->run->command, name, equals != NULL ? (size_t)(equals - name) : strlen(name));
	const char *value = equals != NULL ? equals + 1 : NULL;

	if (option < 0)
		return refuse_option(parse->run, argv[*at]);
	if (options[option].argument == NULL) {
		if (value != NULL)
			return command_usage(parse->run, "--%s takes no value",
				   options[option].name) == COMMAND_DONE;
		value = "";
	} else if (value == NULL) {
		if (*at + 1 >= argc)
			return command_usage(parse->run, "--%s needs %s", options[option].name,
				   options[option].argument) == COMMAND_DONE;
		value = argv[++*at];
	}
	/* Here, before anything is asked: the service would say the same, but only after the first
	 * request. */
	if (!value_is_known(parse->run, &options[option], value))
		return false;
	if (option == OPTION_SET)
		parse->sets[parse->set_count++] = value;
	parse->run->values[option] = value;
	return true;
}

/* Only two dashes make an option: one dash is "not" in a filter. Where a command acts, only a term
 * with a field (-queue:hold) or parentheses is taken for that: `delete -q x` must not delete all
 * that has no q in it. A lone dash is standard input. */
static bool is_stray_dash(const struct command *command, const char *word)
{
	size_t name;

	if (word[0] != '-' || word[1] == '\0' || command->filter == COMMAND_FILTER_LOOKS)
		return false;
	if (command->filter == COMMAND_NO_FILTER)
		return true;
	name = strspn(word + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return !(word[1] == '(' ||
		 (name > 0 && strchr(":=<>", word[1 + name]) != NULL && word[1 + name] != '\0'));
}

/* Says how to leave something out, since that is most likely what was meant. */
static bool refuse_dash(struct command_run *run, const char *word)
{
	BUFFER_AUTO struct buffer hint = {0};

	if (run->command->filter == COMMAND_NO_FILTER)
		return refuse_option(run, word);
	append_option_hint(&hint, run->command, slice_of(word + 1));
	return command_usage(run,
		   "%s is not an option%s To leave out what has \"%s\" say: not %s, or "
		   "-field:%s",
		   word, hint.len > 0 ? buffer_string(&hint) : ".", word + 1, word + 1,
		   word + 1) == COMMAND_DONE;
}

/* Options may stand anywhere among the operands, as with GNU tools. */
static bool parse_arguments(struct parse *parse, int argc, char **argv)
{
	bool only_operands = false;

	for (int i = 2; i < argc; i++) {
		/* Behind "--" a word may begin with dashes and still be part of a filter. */
		if (!only_operands && strcmp(argv[i], "--") == 0)
			only_operands = true;
		else if (!only_operands && strncmp(argv[i], "--", 2) == 0) {
			if (!take_option(parse, argv, argc, &i))
				return false;
		} else if (!only_operands && is_stray_dash(parse->run->command, argv[i])) {
			return refuse_dash(parse->run, argv[i]);
		} else {
			parse->run->operands[parse->run->operand_count++] = argv[i];
		}
	}
	return true;
}

/* Without --config a missing file is nothing to speak of: the defaults hold. One that this user may
 * not read is not either: what the command line needs of it, the socket, has a default. */
static bool load_config(const struct parse *parse)
{
	struct command_run *run = parse->run;
	const char *path = run->values[OPTION_CONFIG];
	struct error err;

	run->config = config_create();
	if (!config_load(run->config, path != NULL ? path : CONFIG_DEFAULT_PATH, &err) &&
	    (path != NULL || strcmp(err.code, "bad_config") == 0)) {
		command_failed(run, "%s", err.text);
		return false;
	}
	for (size_t i = 0; i < parse->set_count; i++)
		if (!config_set(run->config, parse->sets[i], &err)) {
			command_usage(run, "%s", err.text);
			return false;
		}
	return true;
}

/* In single quotes where a shell would do something with it. */
static void append_quoted(struct buffer *out, const char *word)
{
	BUFFER_AUTO struct buffer safe = {0};

	safe_text_append(&safe, slice_of(word));
	word = buffer_string(&safe);
	if (word[0] != '\0' &&
	    word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			      "-_./:@%+,=")] == '\0') {
		buffer_append_string(out, word);
		return;
	}
	buffer_append_char(out, '\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			buffer_append_string(out, "'\\''");
		else
			buffer_append_char(out, *word);
	buffer_append_char(out, '\'');
}

/* What hints repeat (command_where). */
static char *say_where(const struct command_run *run)
{
	static const enum command_option naming[] = {
	    OPTION_CONFIG, OPTION_HOST, OPTION_SOCKET, OPTION_URL, OPTION_TOKEN_FILE};
	struct buffer text = {0};

	for (size_t i = 0; i < sizeof(naming) / sizeof(naming[0]); i++) {
		if (!command_given(run, naming[i]))
			continue;
		buffer_printf(&text, " --%s ", command_options()[naming[i]].name);
		append_quoted(&text, run->values[naming[i]]);
	}
	buffer_string(&text);
	return text.data;
}

/* Only what looks is paged; --watch draws by itself, and probes show their steps as they come. */
static void open_screen(const struct command_run *run)
{
	struct screen_wishes wishes = {
	    .wide = command_given(run, OPTION_WIDE),
	    .no_titles = command_given(run, OPTION_NO_HEADER),
	    .paged = (run->command->options & OPTION_BIT(OPTION_NO_PAGER)) != 0 &&
		     !command_given(run, OPTION_NO_PAGER) && !command_given(run, OPTION_WATCH),
	};

	screen_open(&wishes);
}

int cli_main(int argc, char **argv)
{
	struct command_run run = {.command = command_find(argv[1])};
	struct parse parse = {&run, NULL, 0};
	int status = COMMAND_USAGE;

	if (strcmp(argv[1], COMPLETE) == 0)
		return complete_main(argc, argv);
	parse.sets = memory_zero((size_t)argc, sizeof(char *));
	/* For the widths of characters; the texts themselves are English and UTF-8. */
	setlocale(LC_CTYPE, "C.UTF-8");
	/* No more operands than words: no list has to grow. */
	run.operands = memory_zero((size_t)argc, sizeof(char *));
	if (!parse_arguments(&parse, argc, argv)) {
		status = COMMAND_USAGE;
	} else if (command_given(&run, OPTION_HELP)) {
		print_help(run.command, stdout);
		status = COMMAND_DONE;
	} else if (load_config(&parse)) {
		run.where = say_where(&run);
		open_screen(&run);
		status = run.command->run(&run);
		/* What did not get done for a worse reason has its status. */
		if (status == COMMAND_NOT_DONE && run.worst > status)
			status = run.worst;
	}
	command_disconnect(&run);
	config_destroy(&run.config);
	free(run.operands);
	free(run.where);
	free(parse.sets);
	/* A full disk or a closed pipe: what was printed is not whole, so the status must not be 0.
	 */
	return screen_close() ? status : COMMAND_NOT_DONE;
}
