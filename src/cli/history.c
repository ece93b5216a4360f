/* postroom history */
#include <stdio.h>

#include "base/clock.h"
#include "base/queue.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/table.h"

#define POINTS_DEFAULT 24
#define POINTS_LEAST 2
#define POINTS_MAX 4000

/* RFC 3339 as it is; "24h" is that long ago. False after saying what is wrong. */
static bool add_time(
    struct command_run *run, struct buffer *path, enum command_option option, const char *name)
{
	const char *value = run->values[option];
	char when[CLOCK_RFC3339_SIZE];
	int64_t ago;
	int64_t seconds;

	if (value == NULL)
		return true;
	if (clock_parse_rfc3339(slice_of(value), &seconds)) {
		client_query(path, name, value);
		return true;
	}
	if (!format_parse_duration(value, &ago))
		return command_usage(run,
			   "--%s %s: expected 2026-11-22T08:00:00Z, or how long ago such as 24h",
			   name, value) == COMMAND_DONE;
	clock_rfc3339(clock_now() - ago, when);
	client_query(path, name, when);
	return true;
}

/* In the order of queue_order, as everywhere. */
static void print_samples(struct command_run *run, const json_t *reply)
{
	static const struct table_column columns[] = {{"AT", false, 0}, {"INCOMING", true, 0},
	    {"ACTIVE", true, 0}, {"DEFERRED", true, 0}, {"HOLD", true, 0}, {"MAILDROP", true, 0},
	    {"CORRUPT", true, 0}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *sample;

	json_array_foreach(json_object_get(reply, "samples"), i, sample)
	{
		char when[FORMAT_SIZE];
		if (command_given(run, OPTION_JSON)) {
			command_print_json(sample);
			continue;
		}
		format_time(command_text(sample, "at"), when);
		table_cell(table, when);
		for (size_t q = 0; q < QUEUE_COUNT; q++) {
			const char *name = queue_name(queue_order[q]);

			if (json_is_integer(json_object_get(sample, name)))
				table_cell_number(table, command_integer(sample, name));
			else
				/* Not known, which is not the same as none. */
				table_cell(table, "-");
		}
	}
	if (!command_given(run, OPTION_JSON))
		table_print(table, stdout, table_terminal_width(stdout));
	table_destroy(&table);
}

int command_history(struct command_run *run)
{
	BUFFER_AUTO struct buffer path = {0};
	char points[32];
	uint64_t count;
	json_t *reply;

	if (run->operand_count > 0)
		return command_usage(run, "history takes no operands; see --help");
	if (!command_number(run, OPTION_POINTS, POINTS_DEFAULT, POINTS_MAX, &count))
		return COMMAND_USAGE;
	snprintf(points, sizeof(points), "%llu",
	    (unsigned long long)(count < POINTS_LEAST ? POINTS_LEAST : count));
	buffer_append_string(&path, "/history");
	client_query(&path, "points", points);
	if (!add_time(run, &path, OPTION_FROM, "from") || !add_time(run, &path, OPTION_TO, "to"))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", buffer_string(&path), NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	print_samples(run, reply);
	json_decref(reply);
	return COMMAND_DONE;
}
