/* postroom audit: lists, and exports. What is proved on this host is in audit_prove.c. */
#include "cli/audit.h"

#include <stdio.h>
#include <string.h>

#include "cli/fields.h"
#include "cli/format.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/times.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000

/* ---- Which records ---- */

/* Operands from `first` on: who=NAME, action=WORD, message=ID, job=NUMBER. */
static bool add_filters(struct command_run *run, size_t first, struct buffer *path)
{
	static const char *const names[] = {"who", "action", "message", "job"};

	for (size_t i = first; i < run->operand_count; i++) {
		struct slice value = slice_of(run->operands[i]), name;
		bool known = false;

		slice_split(&value, '=', &name);
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (value.data != NULL && slice_is(name, names[k])) {
				client_query(path, names[k], value.data);
				known = true;
			}
		if (!known) {
			command_usage(run,
			    "%s: expected who=NAME, action=WORD, message=ID or job=NUMBER",
			    run->operands[i]);
			return false;
		}
	}
	return times_query(run, path, OPTION_FROM, "from") &&
	       times_query(run, path, OPTION_TO, "to");
}

/* ---- List ---- */

/* Of a token its number and its owner as well: its name is any, as that of a link. */
static const char *who_text(const json_t *record, char text[200])
{
	const char *who = command_text(record, "who"), *owner = command_text(record, "owner");
	int64_t token = command_integer(record, "token");

	if (token <= 0 && owner == NULL)
		return who;
	if (token <= 0)
		snprintf(text, 200, "%.80s (session of %.80s)", who != NULL ? who : "", owner);
	else
		snprintf(text, 200, "%.80s (token %lld%s%.80s)", who != NULL ? who : "",
		    (long long)token, owner != NULL ? " of " : "", owner != NULL ? owner : "");
	return text;
}

static void add_row(struct table *table, const json_t *record)
{
	const char *object = command_text(json_object_get(record, "object"), "id");
	char text[FORMAT_SIZE], who[200];

	format_time(command_text(record, "at"), text);
	table_cell(table, text);
	table_cell(table, command_text(record, "action"));
	table_cell(table, who_text(record, who));
	table_cell(table, command_text(record, "from"));
	table_cell(table, object);
	table_cell(table, command_text(record, "outcome"));
	table_cell(table, command_text(record, "text"));
}

static void print_records(const json_t *list)
{
	static const struct table_column columns[] = {{"AT", false, 0}, {"ACTION", false, 0},
	    {"WHO", false, 8}, {"FROM", false, 0, 2}, {"OBJECT", false, 12},
	    {"", false, 0, 1, .words = true}, {"WHAT", false, 16}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	json_t *record;
	size_t i;

	json_array_foreach(list, i, record) add_row(table, record);
	if (table_rows(table) > 0)
		screen_table(table);
	else
		puts("No such record.");
	table_destroy(&table);
}

static int list_records(struct command_run *run, size_t first)
{
	BUFFER_AUTO struct buffer path = {0};
	struct fields fields;
	char limit[32];
	uint64_t count;
	json_t *reply, *list;

	if (!fields_take(run, &fields) ||
	    !command_number(run, OPTION_LIMIT, LIMIT_DEFAULT, LIMIT_MAX, &count))
		return COMMAND_USAGE;
	buffer_append_string(&path, "/audit");
	snprintf(
	    limit, sizeof(limit), "%llu", (unsigned long long)(count == 0 ? LIMIT_MAX : count));
	client_query(&path, "limit", limit);
	if (!add_filters(run, first, &path))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", buffer_string(&path), NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	list = json_object_get(reply, "records");
	if (fields.wanted)
		fields_print_list(run, &fields, list);
	else
		print_records(list);
	json_decref(reply);
	return COMMAND_DONE;
}

/* ---- Export ---- */

static bool take(void *context, struct slice bytes)
{
	(void)context;
	return fwrite(bytes.data, 1, bytes.len, stdout) == bytes.len;
}

static int export_records(struct command_run *run)
{
	BUFFER_AUTO struct buffer path = {0};
	struct error err = {0};
	struct client *client = command_client(run, &err);

	if (client == NULL)
		return command_refused(run, &err);
	buffer_append_string(&path, "/audit/export");
	client_query(&path, "format", command_given(run, OPTION_CSV) ? "csv" : "jsonl");
	if (!add_filters(run, 1, &path))
		return COMMAND_USAGE;
	if (!client_fetch(client, buffer_string(&path), take, NULL, &err))
		return command_refused(run, &err);
	return COMMAND_DONE;
}

int command_audit(struct command_run *run)
{
	const char *what = run->operand_count > 0 ? run->operands[0] : "list";
	const char *second = run->operand_count > 1 ? run->operands[1] : NULL;

	if (strchr(what, '=') != NULL)
		return list_records(run, 0);
	if (strcmp(what, "list") == 0)
		return list_records(run, 1);
	if (strcmp(what, "export") == 0)
		return export_records(run);
	if (strcmp(what, "verify") == 0 && run->operand_count <= 3)
		return audit_prove(run, second, run->operand_count > 2 ? run->operands[2] : NULL);
	if (strcmp(what, "key") == 0 &&
	    (second == NULL || (strcmp(second, "new") == 0 && run->operand_count == 2)))
		return audit_show_key(run, second != NULL);
	return command_usage(run, "expected list, export, verify or key; see --help");
}
