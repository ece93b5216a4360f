/* postroom groups */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/table.h"

#define GROUPS_DEFAULT 20
#define GROUPS_MAX 1000

static const struct table_column columns[] = {
    {"MESSAGES", true, 0},
    {"RECIPIENTS", true, 0},
    {"SIZE", true, 0},
    {"OLDEST", true, 0},
    {"GROUP", false, 20},
};

static void add_row(struct table *table, const json_t *group, const char *name)
{
	char text[FORMAT_SIZE];

	table_cell_number(table, command_integer(group, "messages"));
	table_cell_number(table, command_integer(group, "recipients"));
	format_bytes(command_integer(group, "bytes"), text);
	table_cell(table, text);
	format_age(command_text(group, "oldest_arrival"), clock_now(), text);
	table_cell(table, text);
	table_cell(table, name);
}

static void print_groups(const json_t *reply)
{
	struct slice by = slice_of(command_text(reply, "by"));
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *group;

	json_array_foreach(json_object_get(reply, "groups"), i, group)
	{
		/* By age the key is a number of minutes; the filter says from when to when. */
		const char *key = command_text(group, slice_is(by, "age") ? "filter" : "key");
		add_row(table, group, key == NULL ? "(not known)" : key[0] == '\0' ? "<>" : key);
	}
	if (json_is_object(json_object_get(reply, "other")))
		add_row(table, json_object_get(reply, "other"), "(all others)");
	table_print(table, stdout, table_terminal_width(stdout));
	table_destroy(&table);
}

static void print_json(const json_t *reply)
{
	size_t i;
	json_t *group;

	json_array_foreach(json_object_get(reply, "groups"), i, group) command_print_json(group);
}

int command_groups(struct command_run *run)
{
	MEMORY_AUTO char *filter = command_filter(run);
	BUFFER_AUTO struct buffer path = {0};
	char limit[32];
	uint64_t most;
	json_t *reply;
	size_t found;

	if (!command_given(run, OPTION_BY))
		return command_usage(
		    run, "by what? Give --by %s", command_options()[OPTION_BY].values);
	if (!command_number(run, OPTION_LIMIT, GROUPS_DEFAULT, GROUPS_MAX, &most))
		return COMMAND_USAGE;
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)(most == 0 ? GROUPS_MAX : most));
	buffer_append_string(&path, "/groups");
	client_query(&path, "by", run->values[OPTION_BY]);
	client_query(&path, "limit", limit);
	if (filter[0] != '\0')
		client_query(&path, "filter", filter);
	reply = command_call(run, "GET", buffer_string(&path), NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	found = json_array_size(json_object_get(reply, "groups"));
	if (found == 0)
		command_failed(run, "nothing matched");
	else if (command_given(run, OPTION_JSON))
		print_json(reply);
	else
		print_groups(reply);
	json_decref(reply);
	return found > 0 ? COMMAND_DONE : COMMAND_NOT_DONE;
}
