/* postroom sessions: who is signed in, and the end of that. */
#include <stdio.h>
#include <string.h>

#include "access/accounts.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/screen.h"
#include "cli/table.h"

static void add_row(struct table *table, const json_t *session)
{
	char text[FORMAT_SIZE];

	table_cell_number(table, command_integer(session, "id"));
	table_cell(table, command_text(session, "name"));
	table_cell(table, command_text(session, "how"));
	table_cell(table, command_text(session, "used_from"));
	format_time(command_text(session, "created"), text);
	table_cell(table, text);
	format_time(command_text(session, "used"), text);
	table_cell(table, text);
	table_cell(table, command_text(session, "agent"));
}

static int list_sessions(struct command_run *run)
{
	static const struct table_column columns[] = {{"SESSION", true, 0}, {"NAME", false, 8},
	    {"BY", false, 0}, {"FROM", false, 0}, {"SINCE", false, 0, 1}, {"USED", false, 0},
	    {"BROWSER", false, 0, 1}};
	struct fields fields;
	struct table *table;
	json_t *reply, *session;
	size_t i;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call_all(run, "/sessions");
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_list(run, &fields, json_object_get(reply, "sessions"));
	} else {
		table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
		json_array_foreach(json_object_get(reply, "sessions"), i, session)
		    add_row(table, session);
		screen_table(table);
		table_destroy(&table);
	}
	json_decref(reply);
	return COMMAND_DONE;
}

static int end(struct command_run *run, const char *path)
{
	json_t *reply = command_call(run, "DELETE", path, NULL);

	if (reply == NULL)
		return COMMAND_NOT_DONE;
	json_decref(reply);
	return COMMAND_DONE;
}

static int end_one(struct command_run *run, const char *number)
{
	char path[64];
	uint64_t id;

	if (!slice_to_u64(slice_of(number), &id) || id == 0)
		return command_usage(run, "%s is not the number of a session", number);
	snprintf(path, sizeof(path), "/sessions/%llu", (unsigned long long)id);
	return end(run, path);
}

static int end_all(struct command_run *run, const char *name)
{
	char path[ACCOUNTS_NAME_MAX + 32];
	struct error err;

	/* It becomes part of an address: of what a name may have, only @ would need to be encoded,
	 * and means itself in a query. */
	if (!accounts_check_name(slice_of(name), &err))
		return command_usage(run, "%s", err.text);
	snprintf(path, sizeof(path), "/sessions?user=%s", name);
	return end(run, path);
}

int command_sessions(struct command_run *run)
{
	const char *verb = run->operand_count > 0 ? run->operands[0] : "";

	if (run->operand_count == 0)
		return list_sessions(run);
	if (strcmp(verb, "end") == 0 && run->operand_count == 2)
		return end_one(run, run->operands[1]);
	if (strcmp(verb, "end-all") == 0 && run->operand_count == 2)
		return end_all(run, run->operands[1]);
	return command_usage(run, "expected nothing, end NUMBER, or end-all NAME");
}
