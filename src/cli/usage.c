/* postroom usage: who uses what of that which is there for all. */
#include <stdio.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/watch.h"

static void list_person(struct table *table, const json_t *person, int64_t now)
{
	char text[FORMAT_SIZE];

	table_cell(table, command_text(person, "name"));
	table_cell(table, command_text(person, "via"));
	table_cell_number(table,
	    command_integer(person, "requests_now") + command_integer(person, "downloads_now"));
	table_cell_number(table, command_integer(person, "streams_now"));
	table_cell_number(table, command_integer(person, "views"));
	table_cell_number(table, command_integer(person, "open_jobs"));
	table_cell_number(table, command_integer(person, "requests"));
	table_cell_number(table, command_integer(person, "refused"));
	format_bytes(command_integer(person, "bytes"), text);
	table_cell(table, text);
	format_bytes(command_integer(person, "content_bytes"), text);
	table_cell(table, text);
	snprintf(text, sizeof(text), "%.1fs", (double)command_integer(person, "worked_ms") / 1e3);
	table_cell(table, text);
	format_age(command_text(person, "last"), now, text);
	table_cell(table, text);
}

static void print_table(const json_t *reply)
{
	static const struct table_column columns[] = {{"NAME", false, 8, 0}, {"VIA", false, 0, 3},
	    {"NOW", true, 0, 0}, {"STREAMS", true, 0, 2}, {"VIEWS", true, 0, 2},
	    {"JOBS", true, 0, 1}, {"REQUESTS", true, 0, 0}, {"REFUSED", true, 0, 1},
	    {"SENT", true, 0, 2}, {"CONTENT", true, 0, 1}, {"WORK", true, 0, 0},
	    {"LAST", true, 0, 3}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	int64_t now = clock_now();
	size_t i;
	json_t *person;

	json_array_foreach(json_object_get(reply, "people"), i, person)
	    list_person(table, person, now);
	screen_table(table);
	table_destroy(&table);
}

static int print_usage(struct command_run *run)
{
	struct fields fields;
	json_t *reply;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", "/usage", NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted)
		fields_print_list(run, &fields, json_object_get(reply, "people"));
	else
		print_table(reply);
	json_decref(reply);
	return COMMAND_DONE;
}

int command_usage_of_people(struct command_run *run)
{
	if (run->operand_count > 0)
		return command_usage(run, "usage takes no operand");
	return watch_run(run, print_usage);
}
