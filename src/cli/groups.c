/* postroom groups: one field as a list, two as a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/ids.h"
#include "cli/safe_text.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/watch.h"

#define GROUPS_DEFAULT 20
#define GROUPS_MAX 1000

static const struct table_column columns[] = {
    {"MESSAGES", true, 0, 0},
    {"RECIPIENTS", true, 0, 0},
    {"SIZE", true, 0, 3},
    {"OLDEST", true, 0, 2},
    {"GROUP", false, 20, 0},
    {"CAUSE", false, 20, 1},
};
#define CAUSE_COLUMN 5

/* Room for a name in both of its forms. */
#define GROUP_NAME_MAX 1024

/* A cause is called by its title, not by its key; an internationalised domain by its name, with its
 * form in ASCII (in `both`) behind it: it may look like another. */
static const char *name_of(const json_t *group, struct slice by, char both[GROUP_NAME_MAX])
{
	const char *key = command_text(group, "key");
	const char *title = slice_is(by, "diagnosis") || slice_is(by, "cause")
				? command_text(json_object_get(group, "diagnosis"), "title")
				: NULL;

	if (title != NULL)
		return title;
	if (command_text(group, "readable") != NULL) {
		snprintf(both, GROUP_NAME_MAX, "%s (%s)", command_text(group, "readable"), key);
		return both;
	}
	return key == NULL ? "(not known)" : key[0] == '\0' ? "<>" : key;
}

/* What they are by; "" where the service does not say. */
static const char *by_of(const json_t *reply)
{
	const char *by = command_text(reply, "by");

	return by != NULL ? by : "";
}

/* One of the one or two fields that `by` has. */
static struct slice field_of(const json_t *reply, size_t number)
{
	struct slice rest = slice_of(by_of(reply)), field = {0};

	for (size_t i = 0; i <= number; i++)
		slice_split(&rest, ',', &field);
	return field;
}

static void add_row(struct table *table, const json_t *group, const char *name, bool causes)
{
	char text[FORMAT_SIZE];

	table_cell_number(table, command_integer(group, "messages"));
	table_cell_number(table, command_integer(group, "recipients"));
	format_bytes(command_integer(group, "bytes"), text);
	table_cell(table, text);
	format_age(command_text(group, "oldest_arrival"), clock_now(), text);
	table_cell(table, text);
	table_cell(table, name);
	if (causes)
		table_cell(table, command_text(json_object_get(group, "diagnosis"), "title"));
}

static void print_groups(const json_t *reply)
{
	struct slice by = field_of(reply, 0);
	/* Replies say what they mean; what other fields have is their name. */
	bool causes = slice_is(by, "reason");
	struct table *table = table_create(columns, causes ? CAUSE_COLUMN + 1 : CAUSE_COLUMN);
	char both[GROUP_NAME_MAX];
	size_t i;
	json_t *group;

	json_array_foreach(json_object_get(reply, "groups"), i, group)
	{
		/* By age the key is a number of minutes; the filter says from when to when. */
		add_row(table, group,
		    slice_is(by, "age") ? command_text(group, "filter") : name_of(group, by, both),
		    causes);
	}
	if (json_is_object(json_object_get(reply, "other")))
		add_row(table, json_object_get(reply, "other"), "(all others)", causes);
	screen_table(table);
	table_destroy(&table);
}

/* ---- Two fields ---- */

/* With the name and the sum, as many as a table has room for; ten ages fit. */
#define SHOWN_COLUMNS (TABLE_COLUMNS_MAX - 2)
/* What columns of names and of numbers may be cut to on a narrow terminal. */
#define NAME_LEAST 20
#define NUMBER_LEAST 8

/* As qshape does: recipients, where a field is about them; else messages. */
static const char *counted(const json_t *reply)
{
	const char *by = by_of(reply);

	return strstr(by, "recipient_domain") || strstr(by, "reason") || strstr(by, "diagnosis") ||
		       strstr(by, "cause") || strstr(by, "remote_")
		   ? "recipients"
		   : "messages";
}

/* One line of the table. `cells` are a row's, or the columns themselves for the sums. */
static void add_line(struct table *table, const json_t *reply, const char *name, const json_t *row,
    const json_t *cells)
{
	const char *what = counted(reply);
	const json_t *rest = json_object_get(row, "other_columns");
	size_t i;
	json_t *cell;

	table_cell(table, name);
	table_cell_number(table, command_integer(row, what));
	json_array_foreach(cells, i, cell) table_cell_number(table, command_integer(cell, what));
	if (json_is_object(rest))
		table_cell_number(table, command_integer(rest, what));
}

/* The sums, as qshape puts them first. What is counted here adds up. */
static void add_total(struct table *table, const json_t *reply)
{
	json_t *row = json_deep_copy(json_object_get(reply, "total")), *line;
	json_t *rest = json_object_get(json_object_get(reply, "other"), "other_columns");
	const char *what = counted(reply);
	json_int_t beyond = command_integer(rest, what);
	bool some = json_is_object(rest);
	size_t i;

	json_array_foreach(json_object_get(reply, "groups"), i, line)
	{
		rest = json_object_get(line, "other_columns");
		beyond += command_integer(rest, what);
		some |= json_is_object(rest);
	}
	if (some)
		json_object_set_new(row, "other_columns", json_pack("{sI}", what, beyond));
	add_line(table, reply, "TOTAL", row, json_object_get(reply, "columns"));
	json_decref(row);
}

static void print_table(const json_t *reply)
{
	const json_t *keys = json_object_get(reply, "columns"),
		     *rows = json_object_get(reply, "groups"),
		     *other = json_object_get(reply, "other");
	struct table_column titles[TABLE_COLUMNS_MAX] = {
	    {counted(reply), false, NAME_LEAST, 0}, {"total", true, 0, 0}};
	struct buffer names[TABLE_COLUMNS_MAX] = {0};
	char both[GROUP_NAME_MAX];
	size_t count = 2, i;
	struct table *table;
	json_t *item;

	json_array_foreach(keys, i, item)
	{
		/* Titles are printed as they are, and these may be a stranger's. */
		safe_text_append(&names[i], slice_of(name_of(item, field_of(reply, 1), both)));
		titles[count++] =
		    (struct table_column){buffer_string(&names[i]), true, NUMBER_LEAST, 0};
	}
	if (json_is_object(json_object_get(json_array_get(rows, 0), "other_columns")))
		titles[count++] = (struct table_column){"(others)", true, 0, 0};
	table = table_create(titles, count);
	add_total(table, reply);
	json_array_foreach(rows, i, item) add_line(table, reply,
	    name_of(item, field_of(reply, 0), both), item, json_object_get(item, "cells"));
	if (json_is_object(other))
		add_line(table, reply, "(all others)", other, json_object_get(other, "cells"));
	screen_table(table);
	table_destroy(&table);
	for (i = 0; i < TABLE_COLUMNS_MAX; i++)
		buffer_free(&names[i]);
}

/* ---- For programs ---- */

/* Cells say which column they belong to: a line stands for itself. */
static void name_cells(json_t *row, const json_t *keys)
{
	size_t i;
	json_t *cell;

	json_array_foreach(json_object_get(row, "cells"), i, cell)
	    json_object_set(cell, "key", json_object_get(json_array_get(keys, i), "key"));
}

static void print_fields(
    const struct command_run *run, const struct fields *fields, const json_t *reply)
{
	const json_t *groups = json_object_get(reply, "groups");
	size_t i;
	json_t *group;

	json_array_foreach(groups, i, group) name_cells(group, json_object_get(reply, "columns"));
	fields_print_list(run, fields, groups);
}

/* A filter's words for the same things. */
static struct slice field_meant(struct slice field)
{
	static const struct {
		const char *said;
		const char *meant;
	} aliases[] = {{"domain", "recipient_domain"}, {"to", "recipient_domain"},
	    {"from", "sender"}, {"diagnosis", "cause"}, {"reply", "reason"},
	    {"host", "remote_host"}};

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (slice_is(field, aliases[i].said))
			return slice_of(aliases[i].meant);
	return field;
}

/* The fields of --by as the service calls them; false after saying which there are. */
static bool take_fields(struct command_run *run, struct buffer *by)
{
	const char *known = command_options()[OPTION_BY].values;
	struct slice rest = slice_of(run->values[OPTION_BY]), field;
	char best[40];

	while (slice_split(&rest, ',', &field)) {
		struct slice names = slice_of(known), name, meant = field_meant(field);
		bool found = false;

		while (!found && slice_split(&names, ' ', &name))
			found = slice_equal(name, meant);
		if (!found && suggest_among(meant, known, best, sizeof(best)))
			return command_usage(run,
				   "--by %.*s: there is no such field; did you mean %s?",
				   SLICE_ARGS(field), best) == COMMAND_DONE;
		if (!found)
			return command_usage(run, "--by %.*s: expected one or two of %s",
				   SLICE_ARGS(field), known) == COMMAND_DONE;
		buffer_printf(by, "%s%.*s", by->len > 0 ? "," : "", SLICE_ARGS(meant));
	}
	buffer_string(by);
	return true;
}

static json_t *fetch(struct command_run *run, const char *by, const char *filter, uint64_t most)
{
	/* One is left for what is beyond the columns; by age there is no such. */
	int most_columns = strchr(by, ',') != NULL ? SHOWN_COLUMNS - 1 : 1;
	BUFFER_AUTO struct buffer path = {0};
	char limit[32], column_limit[32];
	json_t *body;

	/* An address has room for 4,096 characters of a filter; a body has more. */
	if (command_filter_is_long(filter)) {
		body = json_pack("{s:s?, s:s?, s:I, s:i}", "by", by, "filter", filter, "limit",
		    (json_int_t)most, "columns", most_columns);
		if (body == NULL) {
			command_usage(run, "the filter is not UTF-8");
			return NULL;
		}
		return command_call(run, "POST", "/groups", body);
	}
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)most);
	snprintf(column_limit, sizeof(column_limit), "%d", most_columns);
	buffer_append_string(&path, "/groups");
	client_query(&path, "by", by);
	client_query(&path, "limit", limit);
	client_query(&path, "columns", column_limit);
	if (filter[0] != '\0')
		client_query(&path, "filter", filter);
	return command_call(run, "GET", buffer_string(&path), NULL);
}

/* IDs become a filter, so that groups of chosen messages can be counted, too. */
static int groups(struct command_run *run)
{
	BUFFER_AUTO struct buffer by = {0};
	MEMORY_AUTO char *filter = NULL;
	struct fields fields;
	uint64_t most;
	json_t *reply;
	size_t found;

	if (!command_given(run, OPTION_BY))
		return command_usage(
		    run, "by what? Give --by %s", command_options()[OPTION_BY].values);
	if (!command_number(run, OPTION_LIMIT, GROUPS_DEFAULT, GROUPS_MAX, &most))
		return COMMAND_USAGE;
	if (!take_fields(run, &by) || !fields_take(run, &fields))
		return COMMAND_USAGE;
	filter = ids_or_filter(run);
	if (filter == NULL)
		return COMMAND_NOT_DONE;
	reply = fetch(run, buffer_string(&by), filter, most == 0 ? GROUPS_MAX : most);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	found = json_array_size(json_object_get(reply, "groups"));
	/* By age and by queue there are rows of nothing, too. */
	if (json_object_get(reply, "total") != NULL &&
	    command_integer(json_object_get(reply, "total"), "messages") == 0)
		found = 0;
	if (found == 0 && command_given(run, OPTION_WATCH))
		found = puts("Nothing matches.") > 0;
	else if (found == 0)
		command_failed(run, "nothing matched");
	else if (fields.wanted)
		print_fields(run, &fields, reply);
	else if (json_object_get(reply, "columns") != NULL)
		print_table(reply);
	else
		print_groups(reply);
	json_decref(reply);
	return found > 0 ? COMMAND_DONE : COMMAND_NOT_DONE;
}

int command_groups(struct command_run *run)
{
	return watch_run(run, groups);
}
