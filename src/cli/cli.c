#include "cli/cli.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"

static const struct command *find_command(const char *name)
{
	size_t count;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

bool cli_is_command(const char *name)
{
	return find_command(name) != NULL;
}

void cli_print_commands(FILE *out)
{
	size_t count;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].purpose);
}

static void print_help(const struct command *command, FILE *out)
{
	const struct command_option_entry *options = command_options();

	fprintf(out, "usage: postroom %s%s%s [OPTION]...\n\n%s.\n%s\n", command->name,
	    command->operands[0] != '\0' ? " " : "", command->operands, command->purpose,
	    command->detail);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char left[40];
		if ((command->options & OPTION_BIT(i)) == 0)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
		    options[i].argument != NULL ? " " : "",
		    options[i].argument != NULL ? options[i].argument : "");
		fprintf(out, "  %-20s %s\n", left, options[i].purpose);
	}
}

static int find_option(const struct command *command, const char *name, size_t len)
{
	const struct command_option_entry *options = command_options();

	for (int i = 0; i < OPTION_COUNT; i++)
		if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0 &&
		    (command->options & OPTION_BIT(i)) != 0)
			return i;
	return -1;
}

/* Later --set and the like wait here until the file has been read. */
struct parse {
	struct command_run *run;
	const char **sets;
	size_t set_count;
};

/* One option at argv[*at]; moves *at over its argument. False after saying what is wrong. */
static bool take_option(struct parse *parse, char **argv, int argc, int *at)
{
	const struct command_option_entry *options = command_options();
	const char *name = argv[*at] + 2;
	const char *equals = strchr(name, '=');
	int option = find_option(
	    parse->run->command, name, equals != NULL ? (size_t)(equals - name) : strlen(name));
	const char *value = equals != NULL ? equals + 1 : NULL;

	if (option < 0)
		return command_usage(parse->run, "%s is not an option here; see --help",
			   argv[*at]) == COMMAND_DONE;
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
	if (option == OPTION_SET)
		parse->sets[parse->set_count++] = value;
	parse->run->values[option] = value;
	return true;
}

/* Only two dashes make an option: one dash is "not" in a filter (-queue:hold). */
static bool parse_arguments(struct parse *parse, int argc, char **argv)
{
	bool only_operands = false;

	for (int i = 2; i < argc; i++) {
		if (!only_operands && strcmp(argv[i], "--") == 0)
			only_operands = true;
		else if (!only_operands && strncmp(argv[i], "--", 2) == 0) {
			if (!take_option(parse, argv, argc, &i))
				return false;
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

int cli_main(int argc, char **argv)
{
	struct command_run run = {.command = find_command(argv[1])};
	struct parse parse = {&run, memory_zero((size_t)argc, sizeof(char *)), 0};
	int status = COMMAND_USAGE;

	/* For the widths of characters; the texts themselves are English and UTF-8. */
	setlocale(LC_CTYPE, "C.UTF-8");
	run.operands = memory_zero((size_t)argc, sizeof(char *));
	if (!parse_arguments(&parse, argc, argv)) {
		status = COMMAND_USAGE;
	} else if (command_given(&run, OPTION_HELP)) {
		print_help(run.command, stdout);
		status = COMMAND_DONE;
	} else if (load_config(&parse)) {
		status = run.command->run(&run);
	}
	client_destroy(&run.client);
	config_destroy(&run.config);
	free(run.operands);
	free(parse.sets);
	if (fflush(stdout) != 0 || ferror(stdout))
		return COMMAND_NOT_DONE;
	return status;
}
