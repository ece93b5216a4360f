/* postroom history: how deep the queue was, as rows of times; with --by or --what what came and
 * went, as rows of keys. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/queue.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/times.h"
#include "cli/watch.h"

#define POINTS_DEFAULT 24
#define POINTS_LEAST 2
#define POINTS_MAX 4000
/* Lines of a series: as many as are kept. */
#define LINES_MAX 20
#define SERIES_POINTS_DEFAULT 288 /* five minutes of a day */

/* In the order of queue_order, as everywhere. */
static void print_samples(const json_t *reply)
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
	screen_table(table);
	table_destroy(&table);
}

/* ---- by key ---- */

/* The API's name for a key as filters and groups call it; NULL: none. */
static const char *by_of(const char *name)
{
	static const char *const names[][2] = {{"queue", "queue"}, {"total", "total"},
	    {"diagnosis", "diagnosis"}, {"cause", "diagnosis"},
	    {"recipient_domain", "recipient_domain"}, {"domain", "recipient_domain"},
	    {"remote_host", "remote_host"}, {"host", "remote_host"}, {"login", "login"},
	    {"client", "client"}, {"sender", "sender"}, {"from", "sender"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], name) == 0)
			return names[i][1];
	return NULL;
}

/* One line of values in a few numbers. */
struct summary {
	json_int_t sum, most, last;
	size_t most_at;
	bool known, last_known;
};

static struct summary summarize(const json_t *values)
{
	struct summary s = {.known = false};
	size_t i;
	json_t *value;

	json_array_foreach(values, i, value)
	{
		json_int_t n = json_integer_value(value);

		s.last_known = json_is_integer(value);
		if (!s.last_known)
			continue;
		if (!s.known || n > s.most) {
			s.most = n;
			s.most_at = i;
		}
		s.known = true;
		s.sum += n;
		s.last = n;
	}
	return s;
}

static void print_line(
    struct table *table, const json_t *reply, const char *key, const json_t *values)
{
	struct summary s = summarize(values);
	char at[CLOCK_RFC3339_SIZE], when[FORMAT_SIZE];
	const char *from = command_text(reply, "from"), *unit = command_text(reply, "unit");
	int64_t start = 0;

	table_cell(table, key);
	/* A depth is not to be added up. */
	if (s.known && unit != NULL && strcmp(unit, "recipients") == 0)
		table_cell_number(table, s.sum);
	else
		table_cell(table, "-");
	if (!s.known || from == NULL || !clock_parse_rfc3339(slice_of(from), &start)) {
		table_cell(table, "-");
		table_cell(table, "-");
	} else {
		clock_rfc3339(start + (int64_t)s.most_at * command_integer(reply, "step"), at);
		format_time(at, when);
		table_cell_number(table, s.most);
		table_cell(table, when);
	}
	if (s.last_known)
		table_cell_number(table, s.last);
	else
		table_cell(table, "-");
}

static void print_lines(const json_t *reply)
{
	static const struct table_column columns[] = {{"KEY", false, 20, 0}, {"TOTAL", true, 0, 0},
	    {"MOST", true, 0, 0}, {"AT", false, 0, 0}, {"LAST", true, 0, 0}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *line;

	json_array_foreach(json_object_get(reply, "series"), i, line)
	{
		const char *key = command_text(line, "key");

		print_line(table, reply, key == NULL || key[0] == '\0' ? "(all)" : key,
		    json_object_get(line, "values"));
	}
	if (summarize(json_object_get(reply, "other")).most > 0)
		print_line(table, reply, "(others)", json_object_get(reply, "other"));
	screen_table(table);
	table_destroy(&table);
}

/* One object for each line, which says by itself when its values begin. */
static void print_fields(
    const struct command_run *run, const struct fields *fields, const json_t *reply, bool series)
{
	const json_t *rows = json_object_get(reply, series ? "series" : "samples");
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		if (!series)
			break;
		json_object_set(row, "from", json_object_get(reply, "from"));
		json_object_set(row, "step", json_object_get(reply, "step"));
	}
	fields_print_list(run, fields, rows);
}

static bool add_question(struct command_run *run, struct buffer *path, bool *series)
{
	const char *by = run->values[OPTION_BY], *what = run->values[OPTION_WHAT];
	char limit[32];
	uint64_t lines;

	*series = by != NULL || what != NULL;
	if (by != NULL && by_of(by) == NULL) {
		command_usage(run,
		    "--by %s: expected queue, total, cause, domain, host, login, client or sender",
		    by);
		return false;
	}
	if (!*series && command_given(run, OPTION_LIMIT)) {
		command_usage(run, "--limit is of keys: give --by or --what too");
		return false;
	}
	if (!command_number(run, OPTION_LIMIT, LINES_MAX, LINES_MAX, &lines))
		return false;
	buffer_append_string(path, *series ? "/series" : "/history");
	if (!*series)
		return true;
	snprintf(
	    limit, sizeof(limit), "%llu", (unsigned long long)(lines == 0 ? LINES_MAX : lines));
	client_query(path, "limit", limit);
	client_query(path, "by",
	    by != NULL					 ? by_of(by)
	    : what == NULL || strcmp(what, "depth") == 0 ? "queue"
							 : "total");
	client_query(path, "what", what != NULL ? what : "depth");
	return true;
}

static int print_history(struct command_run *run)
{
	BUFFER_AUTO struct buffer path = {0};
	char points[32];
	struct fields fields;
	uint64_t count;
	json_t *reply;
	bool series;

	if (run->operand_count > 0)
		return command_usage(run, "history takes no operands; see --help");
	if (!fields_take(run, &fields) || !add_question(run, &path, &series) ||
	    !command_number(run, OPTION_POINTS, series ? SERIES_POINTS_DEFAULT : POINTS_DEFAULT,
		POINTS_MAX, &count))
		return COMMAND_USAGE;
	snprintf(points, sizeof(points), "%llu",
	    (unsigned long long)(count < POINTS_LEAST ? POINTS_LEAST : count));
	client_query(&path, "points", points);
	if (!times_query(run, &path, OPTION_FROM, "from") ||
	    !times_query(run, &path, OPTION_TO, "to"))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", buffer_string(&path), NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted)
		print_fields(run, &fields, reply, series);
	else if (!series)
		print_samples(reply);
	else
		print_lines(reply);
	json_decref(reply);
	return COMMAND_DONE;
}

int command_history(struct command_run *run)
{
	return watch_run(run, print_history);
}
