/* postroom completion: what bash, zsh and fish need, made from the command table. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

/* Those that are not in the operator's table; their options are few and said by --help. */
static const char *const service_commands[] = {"serve", "demo", "check"};

/* The service's own commands too, though they have no row in the table. */
static void print_names(const struct command *commands, size_t count)
{
	for (size_t i = 0; i < sizeof(service_commands) / sizeof(service_commands[0]); i++)
		printf("%s ", service_commands[i]);
	for (size_t i = 0; i < count; i++)
		printf("%s%s", commands[i].name, i + 1 < count ? " " : "");
}

static void print_options(const struct command *command)
{
	const struct command_option_entry *options = command_options();

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if ((command->options & OPTION_BIT(i)) != 0)
			printf(" --%s", options[i].name);
}

/* The word in front of the cursor decides: behind an option stand its values, else the words of the
 * command. */
static void print_bash(const struct command *commands, size_t count)
{
	const struct command_option_entry *options = command_options();

	printf("_postroom()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} "
	       "prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
	       "\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='");
	print_names(commands, count);
	printf("'\n\telse\n\t\tcase $prev in\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (options[i].values != NULL)
			printf("\t\t--%s) words='%s' ;;\n", options[i].name, options[i].values);
		else if (options[i].argument != NULL && strcmp(options[i].argument, "FILE") == 0)
			printf("\t\t--%s) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n",
			    options[i].name);
		else if (options[i].argument != NULL)
			printf("\t\t--%s) return ;;\n", options[i].name);
	}
	printf("\t\t*)\n\t\t\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < count; i++) {
		printf("\t\t\t%s) words='%s", commands[i].name,
		    commands[i].words != NULL ? commands[i].words : "");
		print_options(&commands[i]);
		printf("' ;;\n");
	}
	printf(
	    "\t\t\tesac ;;\n\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
	    "complete -F _postroom postroom\n");
}

/* zsh reads bash's completions through a layer of its own. */
static void print_zsh(const struct command *commands, size_t count)
{
	printf("#compdef postroom\nautoload -U +X bashcompinit && bashcompinit\n");
	print_bash(commands, count);
}

/* In single quotes fish knows \\ and \' alone; the texts of the table have neither but the quote.
 */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void print_fish_options(const struct command *command)
{
	const struct command_option_entry *options = command_options();

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if ((command->options & OPTION_BIT(i)) == 0)
			continue;
		printf("complete -c postroom -n '__fish_seen_subcommand_from %s' -l %s",
		    command->name, options[i].name);
		if (options[i].values != NULL)
			printf(" -x -a '%s'", options[i].values);
		else if (options[i].argument != NULL)
			printf(strcmp(options[i].argument, "FILE") == 0 ? " -r -F" : " -x");
		printf(" -d ");
		print_quoted(options[i].purpose);
		putchar('\n');
	}
}

/* fish has descriptions for options, so each has a line of its own. */
static void print_fish(const struct command *commands, size_t count)
{
	printf("complete -c postroom -f\ncomplete -c postroom -n __fish_use_subcommand -a '");
	print_names(commands, count);
	printf("'\n");
	for (size_t i = 0; i < count; i++) {
		if (commands[i].words != NULL)
			printf("complete -c postroom -n '__fish_seen_subcommand_from %s' -a '%s'\n",
			    commands[i].name, commands[i].words);
		print_fish_options(&commands[i]);
	}
}

int command_completion(struct command_run *run)
{
	static const struct {
		const char *shell;
		void (*print)(const struct command *commands, size_t count);
	} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

	for (size_t i = 0; run->operand_count == 1 && i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i].shell, run->operands[0]) == 0) {
			shells[i].print(run->commands, run->command_count);
			return COMMAND_DONE;
		}
	return command_usage(run, "for which shell? bash, zsh or fish");
}
