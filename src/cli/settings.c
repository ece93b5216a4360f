/* postroom settings */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/safe_text.h"
#include "cli/screen.h"
#include "cli/table.h"

#define CHANGES_DEFAULT 20
#define CHANGES_MAX 200
/* A change takes some seconds: Postfix is reloaded, and the queue manager watched. */
#define FOLLOW_MS 250
/* Of the retry schedule, what people get to see. */
#define SCHEDULE_SHOWN 8

/* When a message that fails each time would be tried: what the numbers mean in the end. */
static void print_schedule(const json_t *reply)
{
	json_t *schedule = json_object_get(reply, "schedule");
	BUFFER_AUTO struct buffer line = {0};
	char text[FORMAT_SIZE];
	size_t i;
	json_t *attempt;

	if (json_array_size(schedule) == 0)
		return;
	json_array_foreach(schedule, i, attempt)
	{
		if (i == SCHEDULE_SHOWN)
			break;
		format_duration(command_integer(attempt, "earliest"), text);
		buffer_printf(&line, "%s %s", i > 0 ? "," : "", text);
	}
	screen_say(2, "Attempts after%s%s", buffer_string(&line),
	    json_array_size(schedule) > SCHEDULE_SHOWN ? ", ..." : "");
}

static void print_settings(const json_t *reply)
{
	static const struct table_column columns[] = {{"SETTING", false, 0}, {"VALUE", true, 0},
	    {"DEFAULT", true, 0}, {"SET IN", false, 0}, {"NOTE", false, 10}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *setting;

	json_array_foreach(json_object_get(reply, "settings"), i, setting)
	{
		BUFFER_AUTO struct buffer note = {0};
		if (command_text(setting, "drift") != NULL)
			buffer_printf(&note, "was set to %s here, changed since elsewhere",
			    command_text(setting, "drift"));
		else if (command_text(setting, "override") != NULL)
			buffer_printf(&note, "overridden: %s", command_text(setting, "override"));
		table_cell(table, command_text(setting, "name"));
		table_cell(table, command_text(setting, "value"));
		table_cell(table, command_text(setting, "default"));
		table_cell(table, command_text(setting, "set_in"));
		table_cell(table, buffer_string(&note));
	}
	screen_table(table);
	table_destroy(&table);
	print_schedule(reply);
	command_print_warnings(reply, 0);
	if (command_text(reply, "read_only_reason") != NULL) {
		screen_say(2, "Read only: %s", command_text(reply, "read_only_reason"));
	}
}

static int show_settings(struct command_run *run)
{
	struct fields fields;
	json_t *reply;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", "/settings", NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted)
		fields_print_list(run, &fields, json_object_get(reply, "settings"));
	else
		print_settings(reply);
	json_decref(reply);
	return COMMAND_DONE;
}

/* Whether there is a setting of this name: the words of the command (commands.c) that end with
 * "=". False after saying which was meant. */
static bool name_is_known(struct command_run *run, const char *name)
{
	BUFFER_AUTO struct buffer names = {0};
	struct slice rest = slice_of(run->command->words), one;
	char best[40];

	while (slice_split(&rest, ' ', &one)) {
		if (one.len == 0 || one.data[one.len - 1] != '=')
			continue;
		one = slice_first(one, one.len - 1);
		if (slice_is(one, name))
			return true;
		buffer_printf(&names, "%s%.*s", names.len > 0 ? " " : "", SLICE_ARGS(one));
	}
	if (suggest_among(slice_of(name), buffer_string(&names), best, sizeof(best)))
		return command_usage(run, "%s: there is no such setting; did you mean %s?", name,
			   best) == COMMAND_DONE;
	return command_usage(run, "%s: expected one of %s", name, buffer_string(&names)) ==
	       COMMAND_DONE;
}

/* {"values": {NAME: VALUE or null}}; NULL after saying what is wrong. */
static json_t *parse_values(struct command_run *run)
{
	json_t *values = json_object();
	json_t *request;

	for (size_t i = 0; i < run->operand_count; i++) {
		const char *equals = strchr(run->operands[i], '=');
		MEMORY_AUTO char *name = NULL;
		if (equals == NULL || equals == run->operands[i]) {
			command_usage(run, "%s: expected NAME=VALUE, changes, or restore NUMBER",
			    run->operands[i]);
			json_decref(values);
			return NULL;
		}
		name = memory_strndup(run->operands[i], (size_t)(equals - run->operands[i]));
		if (!name_is_known(run, name)) {
			json_decref(values);
			return NULL;
		}
		if (json_object_set_new(values, name,
			equals[1] == '\0' ? json_null() : json_string(equals + 1)) < 0) {
			command_usage(run, "%s is not UTF-8", run->operands[i]);
			json_decref(values);
			return NULL;
		}
	}
	request = json_object();
	json_object_set_new(request, "values", values);
	return request;
}

/* Values may be any text that somebody wrote into main.cf, so they are made safe like mail. */
static void print_change(const json_t *change)
{
	size_t i;
	json_t *one;

	printf("Change %lld: ", (long long)command_integer(change, "id"));
	safe_text_print(
	    stdout, command_text(change, "state") != NULL ? command_text(change, "state") : "?");
	putchar('\n');
	json_array_foreach(json_object_get(change, "changes"), i, one)
	{
		const char *before = command_text(one, "before");
		const char *after = command_text(one, "after");
		printf("  ");
		safe_text_print(stdout, command_text(one, "name"));
		printf(": ");
		safe_text_print(stdout, before != NULL ? before : "(default)");
		printf(" -> ");
		safe_text_print(stdout, after != NULL ? after : "(default)");
		putchar('\n');
	}
	if (command_text(change, "detail") != NULL) {
		printf("  ");
		screen_text(2, command_text(change, "detail"));
	}
}

/* Follows a change until Postfix has proved that it lives with it. */
static int follow_change(struct command_run *run, json_t *change)
{
	char path[64];
	const char *state;
	int status;

	if (change == NULL)
		return COMMAND_NOT_DONE;
	snprintf(
	    path, sizeof(path), "/settings/changes/%lld", (long long)command_integer(change, "id"));
	while ((state = command_text(change, "state")) != NULL && strcmp(state, "applying") == 0) {
		json_decref(change);
		poll(NULL, 0, FOLLOW_MS);
		change = command_call(run, "GET", path, NULL);
		if (change == NULL)
			return COMMAND_NOT_DONE;
	}
	status = state != NULL && strcmp(state, "applied") == 0 ? COMMAND_DONE : COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON))
		command_print_json(change);
	else
		print_change(change);
	json_decref(change);
	return status;
}

static bool may_go_on(struct command_run *run, const char *prompt)
{
	if (command_given(run, OPTION_YES))
		return true;
	if (!command_terminal())
		return command_usage(run, "without a terminal to ask at, give --yes") ==
		       COMMAND_DONE;
	return command_confirm(prompt) || command_failed(run, "nothing was done") == COMMAND_DONE;
}

static int change_settings(struct command_run *run)
{
	json_t *request = parse_values(run);
	json_t *preview;

	if (request == NULL)
		return COMMAND_USAGE;
	/* The service refuses here what it would refuse later, before anybody is asked. */
	preview = command_call(run, "POST", "/settings/preview", json_incref(request));
	if (preview != NULL &&
	    (!command_given(run, OPTION_JSON) || command_given(run, OPTION_DRY_RUN))) {
		if (command_given(run, OPTION_JSON)) {
			command_print_json(preview);
		} else {
			print_schedule(preview);
			command_print_warnings(preview, 0);
		}
	}
	json_decref(preview);
	if (preview == NULL || command_given(run, OPTION_DRY_RUN) ||
	    !may_go_on(run, "Write these settings and reload Postfix?")) {
		json_decref(request);
		return preview != NULL && command_given(run, OPTION_DRY_RUN) ? COMMAND_DONE
									     : COMMAND_NOT_DONE;
	}
	/* Only with the change itself: a preview keeps no record. */
	if (command_given(run, OPTION_NOTE))
		json_object_set_new(request, "note", json_string(run->values[OPTION_NOTE]));
	return follow_change(run, command_call(run, "PUT", "/settings", request));
}

/* Values as one would type them, so that a line can be used again. */
static void list_change(struct table *table, const json_t *change)
{
	BUFFER_AUTO struct buffer text = {0};
	char when[FORMAT_SIZE];
	size_t i;
	json_t *one;

	format_time(command_text(change, "created"), when);
	table_cell_number(table, command_integer(change, "id"));
	table_cell(table, when);
	table_cell(table, command_text(change, "by"));
	table_cell(table, command_text(change, "state"));
	json_array_foreach(json_object_get(change, "changes"), i, one)
	    buffer_printf(&text, "%s%s=%s", i > 0 ? " " : "", command_text(one, "name"),
		command_text(one, "after") != NULL ? command_text(one, "after") : "");
	table_cell(table, buffer_string(&text));
}

static int list_changes(struct command_run *run)
{
	static const struct table_column columns[] = {{"CHANGE", true, 0}, {"WHEN", false, 0},
	    {"BY", false, 8}, {"STATE", false, 0}, {"SET", false, 20}};
	struct fields fields;
	struct table *table;
	char path[64];
	uint64_t limit;
	json_t *reply;
	size_t i;
	json_t *change;

	if (!fields_take(run, &fields) ||
	    !command_number(run, OPTION_LIMIT, CHANGES_DEFAULT, CHANGES_MAX, &limit))
		return COMMAND_USAGE;
	snprintf(path, sizeof(path), "/settings/changes?limit=%llu",
	    (unsigned long long)(limit == 0 ? CHANGES_MAX : limit));
	reply = command_call(run, "GET", path, NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_list(run, &fields, json_object_get(reply, "changes"));
	} else {
		table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
		json_array_foreach(json_object_get(reply, "changes"), i, change)
		    list_change(table, change);
		screen_table(table);
		table_destroy(&table);
	}
	json_decref(reply);
	return COMMAND_DONE;
}

/* By the number of the change, not of the values: what it set together goes back together. */
static int restore_change(struct command_run *run, const char *number)
{
	char path[64];
	uint64_t id;

	if (!slice_to_u64(slice_of(number), &id) || id == 0)
		return command_usage(run, "%s is not the number of a change", number);
	if (!may_go_on(run, "Put back what was set before this change, and reload Postfix?"))
		return COMMAND_NOT_DONE;
	snprintf(path, sizeof(path), "/settings/changes/%llu/restore", (unsigned long long)id);
	return follow_change(run, command_call(run, "POST", path, NULL));
}

int command_settings(struct command_run *run)
{
	if (run->operand_count == 0)
		return show_settings(run);
	if (run->operand_count == 1 && strcmp(run->operands[0], "changes") == 0)
		return list_changes(run);
	if (run->operand_count == 2 && strcmp(run->operands[0], "restore") == 0)
		return restore_change(run, run->operands[1]);
	return change_settings(run);
}
