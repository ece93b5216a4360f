/* The table of commands that root runs for the server, and the check of every word that goes into
 * one. The server asks by a verb; what is not in the table cannot be asked for. No shell is
 * involved: the words are handed to exec as they are. */
#include "helper/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/memory.h"
#include "helper/qmgr.h"
#include "postfix/queue_id.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define SECONDS ((int64_t)1000)

/* A postsuper run of 1,000 IDs with a million queued took 4 to 60 s on a cold disk; its output is
 * at most 60 bytes an ID. */
#define POSTSUPER_DEADLINE (300 * SECONDS)
#define POSTSUPER_OUTPUT (256 * KIB)

#define POSTSUPER_IN(queue, option, restricted)                                                    \
	{                                                                                          \
		"postsuper", {option}, 1, "-", COMMAND_IDS_STDIN, HELPER_RUN_IDS_MAX, restricted,  \
		    queue, false, POSTSUPER_DEADLINE, POSTSUPER_OUTPUT                             \
	}
#define POSTSUPER(option, restricted) POSTSUPER_IN(NULL, option, restricted)

/* One row for each verb. The IDs go to standard input for postsuper: there `ALL` is an ordinary
 * name, as an argument it would mean the whole queue (docs/POSTFIX.md, "postsuper"). */
static const struct command table[HELPER_VERBS] = {
    [HELPER_VERB_HOLD] = POSTSUPER("-h", false),
    [HELPER_VERB_RELEASE] = POSTSUPER("-H", false),
    [HELPER_VERB_DELETE] = POSTSUPER("-d", true),
    [HELPER_VERB_REQUEUE] = POSTSUPER("-r", true),
    [HELPER_VERB_EXPIRE] = POSTSUPER("-e", false),
    /* Mostly no process at all: flush(8) is asked over its socket (helper/retry.h). */
    [HELPER_VERB_RETRY] = {"postqueue", {"-i"}, 1, NULL, COMMAND_IDS_FLUSH, HELPER_RUN_IDS_MAX,
	false, NULL, false, 120 * SECONDS, 256 * KIB},
    [HELPER_VERB_FLUSH] = {"postqueue", {"-f"}, 1, NULL, COMMAND_NOTHING, 0, false, NULL, false,
	60 * SECONDS, 64 * KIB},
    [HELPER_VERB_POSTCONF_GET] = {"postconf", {NULL, "-x", "-d", "-n"}, 5, NULL, COMMAND_NAMES_ARGV,
	0, false, NULL, false, 30 * SECONDS, MIB},
    [HELPER_VERB_POSTCONF_SET] = {"postconf", {"-e"}, 1, NULL, COMMAND_SETTINGS_ARGV, 0, false,
	NULL, true, 30 * SECONDS, 64 * KIB},
    [HELPER_VERB_POSTCONF_UNSET] = {"postconf", {"-X"}, 1, NULL, COMMAND_UNSET_ARGV, 0, false, NULL,
	true, 30 * SECONDS, 64 * KIB},
    /* `postsuper active` runs first, synchronously, and looks at every file there. */
    [HELPER_VERB_RELOAD] = {"postfix", {"reload"}, 1, NULL, COMMAND_NOTHING, 0, false, NULL, false,
	120 * SECONDS, 256 * KIB},
    [HELPER_VERB_VERSION] = {"postconf", {"-h"}, 1, "mail_version", COMMAND_NOTHING, 0, false, NULL,
	false, 30 * SECONDS, 64 * KIB},
    [HELPER_VERB_POSTCAT] = {"postcat", {"-e", "-h", "-b", "-bh"}, 4, "-q", COMMAND_IDS_ARGV,
	HELPER_POSTCAT_IDS_MAX, false, NULL, false, 120 * SECONDS, 8 * MIB},
    /* Restricted to `deferred`: what is held from there can be released later without a reload
     * (docs/POSTFIX.md, "When a release is safe"). */
    [HELPER_VERB_HOLD_DEFERRED] = POSTSUPER_IN("deferred", "-h", false),
};

const struct command *command_find(unsigned verb)
{
	return verb < HELPER_VERBS && table[verb].program != NULL ? &table[verb] : NULL;
}

/* ---- words ---- */

static void add_slice(struct command_words *words, struct slice word)
{
	words->items = memory_resize(words->items, words->count + 2, sizeof(char *));
	words->items[words->count++] = memory_strndup(word.data, word.len);
	words->items[words->count] = NULL;
}

void command_words_add(struct command_words *words, const char *word)
{
	add_slice(words, slice_of(word));
}

void command_words_split(struct command_words *words, const char *text)
{
	while (*text != '\0') {
		size_t blanks = strspn(text, " \t"), len = strcspn(text + blanks, " \t");

		if (len > 0)
			add_slice(words, slice_make(text + blanks, len));
		text += blanks + len;
	}
}

void command_words_free(struct command_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct command_words){0};
}

/* ---- settings ---- */

/* Six settings, all of them times. None of them names a file, a command or a host, so that even a
 * server that is taken over cannot make Postfix run anything. */
static const char *const writable[] = {"queue_run_delay", "minimal_backoff_time",
    "maximal_backoff_time", "maximal_queue_lifetime", "bounce_queue_lifetime",
    "delay_warning_time"};

bool command_setting_writable(struct slice name)
{
	for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
		if (slice_is(name, writable[i]))
			return true;
	return false;
}

bool command_setting_value_valid(struct slice value)
{
	size_t digits = 0;

	/* One setting may follow another, as $queue_run_delay; nothing else is expanded. */
	if (slice_starts_with(value, "$"))
		return command_setting_writable(slice_from(value, 1));
	while (digits < value.len && value.data[digits] >= '0' && value.data[digits] <= '9')
		digits++;
	/* Nine digits and one unit: Postfix ignores what is behind the unit, and a line end there
	 * would write a second setting (docs/POSTFIX.md, "Settings and reload"). */
	if (digits == 0 || digits > 9 || value.len - digits > 1)
		return false;
	return value.len == digits || duration_unit(value.data[digits]) != 0;
}

/* The facts, the settings, and nothing that could hold a password. */
static bool readable(struct slice name)
{
	const char *fact;

	for (size_t i = 0; (fact = role_config_fact_name(i)) != NULL; i++)
		if (slice_is(name, fact))
			return true;
	return command_setting_writable(name);
}

/* ---- building ---- */

bool command_begin(struct command_words *words, const struct role_config *config,
    const char *program, struct error *err)
{
	const char *directory = role_config_get(config, "postfix.config_directory");
	const char *prefix = config->prefix != NULL ? config->prefix : "";
	BUFFER_AUTO struct buffer path = {0};

	command_words_split(words, prefix);
	/* Behind a prefix the command is found by that side's own PATH. Here it is found by its
	 * full path, as postconf gave it when the service started. */
	if (words->count > 0) {
		command_words_add(words, program);
	} else {
		const char *commands = role_config_fact(config, "command_directory");

		if (commands[0] != '/')
			return error_set(err, "postfix_missing",
			    "Postfix's commands were not found: %s",
			    config->facts.error != NULL ? config->facts.error
							: "postconf did not answer");
		buffer_printf(&path, "%s/%s", commands, program);
		command_words_add(words, buffer_string(&path));
	}
	/* On the other side of a prefix the default is that side's own. */
	if (directory[0] == '/' && (prefix[0] == '\0' || strcmp(directory, "/etc/postfix") != 0)) {
		command_words_add(words, "-c");
		command_words_add(words, directory);
	}
	return true;
}

static bool check_ids(
    const struct helper_run *run, const struct command *command, struct error *err)
{
	bool wants = command->ids_max > 0;

	/* Nothing to do is never the bare command. */
	if (wants != (run->ids.count > 0))
		return error_set(
		    err, "bad_request", wants ? "no queue IDs" : "this takes no queue IDs");
	if (run->ids.count > command->ids_max)
		return error_set(err, "bad_request", "more than %u queue IDs", command->ids_max);
	for (size_t i = 0; i < run->ids.count; i++)
		/* Checked here once more, whoever checked before: this is the side with the rights.
		 */
		if (!queue_id_valid(run->ids.items[i]))
			return error_set(err, "bad_id", "number %zu is no queue ID", i + 1);
	return true;
}

static bool check_settings(
    const struct helper_run *run, enum command_input input, struct error *err)
{
	bool wants = input == COMMAND_SETTINGS_ARGV || input == COMMAND_UNSET_ARGV ||
		     (input == COMMAND_NAMES_ARGV && run->form != HELPER_POSTCONF_SERVICES);

	/* postconf without a name would print everything, also what may hold a password. */
	if (wants != (run->setting_count > 0))
		return error_set(
		    err, "bad_request", wants ? "no settings" : "this takes no settings");
	for (size_t i = 0; i < run->setting_count; i++) {
		const struct helper_setting *s = &run->settings[i];

		if (input == COMMAND_NAMES_ARGV ? !readable(s->name)
						: !command_setting_writable(s->name))
			return error_set(err, "bad_value",
			    "%.*s is not a setting that this may use",
			    s->name.len < 64 ? (int)s->name.len : 64, s->name.data);
		if (input == COMMAND_SETTINGS_ARGV && !command_setting_value_valid(s->value))
			return error_set(err, "bad_value",
			    "%.*s: expected digits and one of s m h d w, such as 300s",
			    SLICE_ARGS(s->name));
	}
	return true;
}

static bool check(const struct helper_run *run, const struct command *command,
    const struct role_config *config, struct error *err)
{
	if (command == NULL)
		return error_set(err, "bad_request", "no such verb");
	if (run->form >= command->forms)
		return error_set(err, "bad_request", "no such form");
	if (run->hold_only && !command->hold_only)
		return error_set(err, "bad_request", "this cannot be restricted to a queue");
	if (command->writes_settings &&
	    strcmp(role_config_get(config, "settings.write"), "no") == 0)
		return error_set(err, "not_allowed", "settings.write = no in postroom.conf");
	return check_ids(run, command, err) && check_settings(run, command->input, err);
}

static void add_settings(
    struct command_words *words, const struct helper_run *run, enum command_input input)
{
	for (size_t i = 0; i < run->setting_count; i++) {
		BUFFER_AUTO struct buffer word = {0};

		buffer_append_slice(&word, run->settings[i].name);
		if (input == COMMAND_SETTINGS_ARGV) {
			buffer_append_char(&word, '=');
			buffer_append_slice(&word, run->settings[i].value);
		}
		command_words_add(words, buffer_string(&word));
	}
}

static const char *option(const struct helper_run *run, const struct command *command)
{
	if (run->verb == HELPER_VERB_POSTCONF_GET && run->form == HELPER_POSTCONF_SERVICES)
		return "-P";
	return command->options[run->form];
}

bool command_build(const struct helper_run *run, const struct role_config *config,
    struct command_words *words, struct buffer *input, struct error *err)
{
	const struct command *command = command_find(run->verb);

	if (!check(run, command, config, err))
		return false;
	/* It would end well, having reached nobody: what waits for it would be taken for safe. */
	if (run->verb == HELPER_VERB_RELOAD && qmgr_is_elsewhere(config))
		return error_set(err, "postfix_failed", "%s", QMGR_ELSEWHERE);
	if (command->input == COMMAND_IDS_FLUSH)
		return true;
	if (!command_begin(words, config, command->program, err))
		return false;
	if (option(run, command) != NULL)
		command_words_add(words, option(run, command));
	/* The order is Postfix's: options first, then `-` for standard input, then the queue that
	 * restricts the search. */
	if (command->last != NULL)
		command_words_add(words, command->last);
	if (run->hold_only)
		command_words_add(words, "hold");
	if (command->queue != NULL)
		command_words_add(words, command->queue);
	for (size_t i = 0; i < run->ids.count; i++) {
		if (command->input == COMMAND_IDS_ARGV) {
			add_slice(words, run->ids.items[i]);
			continue;
		}
		buffer_append_slice(input, run->ids.items[i]);
		buffer_append_char(input, '\n');
	}
	add_settings(words, run, command->input);
	return true;
}
