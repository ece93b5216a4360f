/* One line each: how bad, since when, how much, and the title, which says who and what. */
#include "cli/incident_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/format.h"
#include "cli/screen.h"
#include "cli/table.h"

static const struct table_column columns[] = {
    {"ID", true, 0, 0},
    {"", false, 0, 0, .words = true},
    {"SINCE", false, 0, 2},
    {"MESSAGES", true, 0, 0},
    {"1 H", true, 0, 1},
    {"WHAT", false, 30, 0},
    {"STATE", false, 0, 3},
};
#define STATE_COLUMN 6

static void add_count(struct table *table, const json_t *incident, const char *name, bool sign)
{
	char text[FORMAT_SIZE] = "-";

	if (json_is_integer(json_object_get(incident, name)))
		snprintf(text, sizeof(text), sign ? "%+lld" : "%lld",
		    (long long)command_integer(incident, name));
	table_cell(table, text);
}

/* What people see is whether it needs them: one that was put aside does not, for now. */
static const char *severity_of(const json_t *incident)
{
	return command_text(incident, "snoozed_until") != NULL ? "aside"
							       : command_text(incident, "severity");
}

void incident_rows_print(const json_t *reply, bool ended)
{
	struct table *table = table_create(columns, ended ? STATE_COLUMN + 1 : STATE_COLUMN);
	char since[FORMAT_SIZE];
	size_t i;
	json_t *incident;

	json_array_foreach(json_object_get(reply, "incidents"), i, incident)
	{
		format_time(command_text(incident, "since"), since);
		table_cell(table, command_text(incident, "id"));
		table_cell(table, severity_of(incident));
		table_cell(table, since);
		add_count(table, incident, "messages", false);
		add_count(table, incident, "growth", true);
		table_cell(table, command_text(incident, "title"));
		if (ended)
			table_cell(table, command_text(incident, "state"));
	}
	if (table_rows(table) > 0)
		screen_table(table);
	table_destroy(&table);
}
