/* First it reads the line as far as it stands: command, options, operands. Then the place of the
 * cursor says where candidates come from: a table here, or the service (complete_live.c). */
#include "cli/complete.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/complete_live.h"
#include "cli/members.h"

#define FILES ":files"

/* ---- Whatever goes wrong ---- */

static void give_up(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

/* A shell that waits for us shows nothing, and takes no key. */
static void begin_quietly(void)
{
	const struct itimerval deadline = {.it_value = {.tv_usec = 900000}};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	signal(SIGALRM, give_up);
	signal(SIGPIPE, give_up);
	setitimer(ITIMER_REAL, &deadline, NULL);
	if (null >= 0)
		dup2(null, STDERR_FILENO);
}

/* ---- Candidates from tables ---- */

static void add_words(struct completing *c, const char *words)
{
	struct slice rest = slice_of(words != NULL ? words : ""), one;

	while (slice_split(&rest, ' ', &one)) {
		/* "maximal_queue_lifetime=" is only the beginning of an operand. */
		bool whole = one.len > 0 && one.data[one.len - 1] != '=';

		complete_add(c, one, SLICE(""), whole);
	}
}

static void add_commands(struct completing *c)
{
	size_t count;
	const struct command *commands = command_table(&count);

	for (size_t i = 0; i < count; i++)
		complete_add(c, slice_of(commands[i].name), slice_of(commands[i].purpose), true);
}

static void add_options(struct completing *c)
{
	const struct command_option_entry *options = command_options();

	/* Those of the service's own commands stand among their words. */
	if (c->run.command->options == 0)
		add_words(c, c->run.command->words);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char name[40];

		if ((c->run.command->options & OPTION_BIT(i)) == 0)
			continue;
		snprintf(name, sizeof(name), "--%s", options[i].name);
		complete_add(c, slice_of(name), slice_of(options[i].purpose), true);
	}
}

/* The next of names that commas separate: those before it stand in front of each candidate. */
static void add_list(struct completing *c, const char *names)
{
	const char *comma = strrchr(c->word, ',');
	size_t before = comma != NULL ? (size_t)(comma - c->word) + 1 : 0;
	struct slice rest = slice_of(names), one;

	while (slice_split(&rest, ' ', &one)) {
		BUFFER_AUTO struct buffer whole = {0};

		buffer_append(&whole, c->word, before);
		buffer_append_slice(&whole, one);
		/* There may be one more behind a comma. */
		complete_add(c, buffer_slice(&whole), SLICE(""), false);
	}
}

static void add_fields(struct completing *c)
{
	const char *verb = c->run.operand_count > 0 ? c->run.operands[0] : "";
	const struct members *members;

	if (c->run.values[OPTION_BY] != NULL || c->run.values[OPTION_WHAT] != NULL)
		verb = MEMBERS_SERIES;
	members = members_of(c->run.command->name, verb);
	if (members != NULL)
		add_list(c, members->known);
}

static void add_keys(struct completing *c)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		BUFFER_AUTO struct buffer key = {0};

		buffer_printf(&key, "%s=", keys[i].name);
		complete_add(c, buffer_slice(&key), slice_of(keys[i].purpose), false);
	}
}

static void add_hosts(struct completing *c)
{
	struct hosts hosts;
	struct error err;

	if (!context_load_hosts(&hosts, &err))
		return;
	for (size_t i = 0; i < hosts.count; i++)
		complete_add(c, slice_of(hosts.list[i].name),
		    slice_of(hosts.list[i].url != NULL ? hosts.list[i].url : hosts.list[i].socket),
		    true);
	hosts_free(&hosts);
}

/* ---- Where the cursor is ---- */

static void add_values(struct completing *c, size_t option)
{
	const struct command_option_entry *entry = &command_options()[option];

	if (option == OPTION_FIELDS)
		add_fields(c);
	else if (option == OPTION_HOST)
		add_hosts(c);
	else if (option == OPTION_SET)
		add_keys(c);
	else if (option == OPTION_BY)
		add_list(c, entry->values);
	else if (entry->values != NULL)
		add_words(c, entry->values);
	else if (strcmp(entry->argument, "FILE") == 0 || strcmp(entry->argument, "PATH") == 0)
		c->files = true;
}

static void add_operands(struct completing *c)
{
	const char *name = c->run.command->name;

	if (c->run.operand_count == 0)
		add_words(c, c->run.command->words);
	if (strcmp(name, "help") == 0 && c->run.operand_count == 0)
		add_commands(c);
	else if (strcmp(name, "hosts") == 0 && c->run.operand_count > 0)
		add_hosts(c);
	else
		complete_live(c);
}

static int option_of(const struct command *command, struct slice name)
{
	const struct command_option_entry *options = command_options();

	for (int i = 0; i < OPTION_COUNT; i++)
		if ((command->options & OPTION_BIT(i)) != 0 && slice_is(name, options[i].name))
			return i;
	return -1;
}

/* The words between the command and the cursor. An option that still waits for its value, or -1. */
static int read_words(struct completing *c, char **words, size_t count)
{
	int waiting = -1;

	for (size_t i = 0; i < count; i++) {
		struct slice word = slice_of(words[i]), name;

		if (waiting >= 0) {
			c->run.values[waiting] = words[i];
			waiting = -1;
		} else if (slice_starts_with(word, "--") && word.len > 2) {
			word = slice_from(word, 2);
			slice_split(&word, '=', &name);
			waiting = option_of(c->run.command, name);
			if (waiting >= 0 &&
			    (word.data != NULL || command_options()[waiting].argument == NULL)) {
				c->run.values[waiting] = word.data != NULL ? word.data : "";
				waiting = -1;
			}
		} else {
			c->run.operands[c->run.operand_count++] = words[i];
		}
	}
	return waiting;
}

/* --name=VALUE in one word: each candidate has the name in front. */
static void add_joined(struct completing *c, const char *equals)
{
	struct slice name = slice_make(c->word + 2, (size_t)(equals - c->word) - 2);
	int option = option_of(c->run.command, name);

	if (option < 0 || command_options()[option].argument == NULL)
		return;
	c->before = (size_t)(equals - c->word) + 1;
	c->word += c->before;
	add_values(c, (size_t)option);
}

static void complete(struct completing *c, char **words, size_t count)
{
	const char *equals = strchr(c->word, '=');
	int waiting;

	if (count <= 2) {
		add_commands(c);
		return;
	}
	c->run.command = command_find(words[1]);
	if (c->run.command == NULL)
		return;
	waiting = read_words(c, words + 2, count - 3);
	if (waiting >= 0)
		add_values(c, (size_t)waiting);
	else if (strncmp(c->word, "--", 2) == 0 && equals != NULL)
		add_joined(c, equals);
	else if (c->word[0] == '-' && c->word[1] != '(' && equals == NULL)
		add_options(c);
	else
		add_operands(c);
}

/* As the command itself would read it, without a word of what is wrong there. */
static void load_config(struct completing *c)
{
	const char *path = c->run.values[OPTION_CONFIG];
	struct error err;

	(void)config_load(c->run.config, path != NULL ? path : CONFIG_DEFAULT_PATH, &err);
	if (c->run.values[OPTION_SET] != NULL)
		(void)config_set(c->run.config, c->run.values[OPTION_SET], &err);
}

static void run(enum complete_shell shell, struct shell_words *line, char **words, size_t count)
{
	struct completing c = {.shell = shell, .line = line, .load_config = load_config};

	c.full = words[count - 1];
	/* fish gives the word as it stands, with the quote that it begins with. */
	if (shell == COMPLETE_FISH && (c.full[0] == '"' || c.full[0] == '\''))
		c.full++;
	c.word = c.full;
	c.run.operands = memory_zero(count, sizeof(char *));
	c.run.config = config_create();
	complete(&c, words, count);
	if (c.files && !c.any)
		puts(FILES);
	command_disconnect(&c.run);
	config_destroy(&c.run.config);
	free(c.run.operands);
}

int complete_main(int argc, char **argv)
{
	const char *shell = argc > 2 ? argv[2] : "";
	static struct shell_words line;

	begin_quietly();
	setlocale(LC_CTYPE, "C.UTF-8");
	if (strcmp(shell, "bash") == 0 && argc == 5) {
		if (shell_words_split(slice_of(argv[3]), argv[4], &line))
			run(COMPLETE_BASH, &line, line.words, line.count);
		shell_words_free(&line);
	} else if (strcmp(shell, "zsh") == 0 && argc > 3) {
		run(COMPLETE_ZSH, NULL, argv + 3, (size_t)argc - 3);
	} else if (strcmp(shell, "fish") == 0 && argc > 3) {
		run(COMPLETE_FISH, NULL, argv + 3, (size_t)argc - 3);
	}
	fflush(stdout);
	return 0;
}
