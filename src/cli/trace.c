/* postroom trace: a line for each recipient, of those asked for, of each message that the mail log
 * knows of. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/times.h"
#include "cli/watch.h"

/* Messages without --limit, and of one request at most (the service's own limit). */
#define LIMIT_DEFAULT 50
#define PAGE_MAX 200

/* How the answer is shown. */
struct output {
	struct command_run *run;
	struct table *table; /* for people */
	/* With names, a line is a recipient with the message that it is of; else a message. */
	struct fields fields;
};

static const struct table_column columns[] = {
    {"AT", false, 0, 0},
    {"ID", false, 0, 2},
    {"FROM", false, 16, 1},
    {"TO", false, 16, 0},
    {"RESULT", false, 0, 0, .words = true},
    {"RELAY", false, 12, 3},
    {"REPLY", false, 20, 0},
};

/* The null sender as Postfix writes it; "-" for one that is not known. */
static const char *sender_of(const json_t *message)
{
	const char *sender = command_text(message, "sender");

	return sender == NULL ? "-" : sender[0] == '\0' ? "<>" : sender;
}

/* What was asked names this recipient: its address, its domain, or the ID that its server gave. */
static bool is_asked(const json_t *recipient, const char *asked)
{
	const char *addresses[] = {
	    command_text(recipient, "address"), command_text(recipient, "original")};
	const char *remote_id = command_text(recipient, "remote_id");

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const char *at = addresses[i] != NULL ? strrchr(addresses[i], '@') : NULL;

		if (addresses[i] != NULL && strcasecmp(addresses[i], asked) == 0)
			return true;
		if (at != NULL && strcasecmp(at + 1, asked) == 0)
			return true;
	}
	return remote_id != NULL && strcmp(remote_id, asked) == 0;
}

/* `more`: how many of the message's recipients are left out. */
static void add_row(
    struct table *table, const json_t *message, const json_t *recipient, size_t more)
{
	char when[FORMAT_SIZE];
	const char *by = command_text(recipient, "by"), *reply = command_text(recipient, "reply");
	BUFFER_AUTO struct buffer words = {0};
	BUFFER_AUTO struct buffer who = {0};

	buffer_append_string(&who,
	    command_text(recipient, "address") != NULL ? command_text(recipient, "address") : "?");
	if (more > 0)
		buffer_printf(&who, " +%zu", more);
	format_time(command_text(recipient, "at"), when);
	table_cell(table, when);
	table_cell(table, command_text(message, "id"));
	table_cell(table, sender_of(message));
	table_cell(table, buffer_string(&who));
	table_cell(table, command_text(recipient, "result"));
	table_cell(table, command_text(recipient, "relay"));
	/* Who ended it is what one wants to know then; the last reply is older. */
	if (by != NULL)
		buffer_printf(&words, "by %s", by);
	table_cell(table, by != NULL ? buffer_string(&words) : reply);
}

/* Of a letter to many only those that were asked for, and how many there are beside them; all of
 * them where the message was asked for by its own ID, its sender or its login. */
static void add_recipients(struct table *table, const json_t *message, const char *asked)
{
	const json_t *recipients = json_object_get(message, "recipients");
	size_t i, wanted = 0, left_out = 0;
	json_t *recipient;

	json_array_foreach(recipients, i, recipient) wanted += is_asked(recipient, asked);
	if (wanted > 0)
		left_out = json_array_size(recipients) - wanted;
	json_array_foreach(recipients, i, recipient)
	{
		if (wanted > 0 && !is_asked(recipient, asked))
			continue;
		add_row(table, message, recipient, left_out);
		left_out = 0;
	}
}

/* Postfix names recipients only when an attempt has ended. */
static void add_message(struct table *table, const json_t *message, const char *asked)
{
	char when[FORMAT_SIZE];

	if (json_array_size(json_object_get(message, "recipients")) > 0) {
		add_recipients(table, message, asked);
		return;
	}
	format_time(command_text(message, "last"), when);
	table_cell(table, when);
	table_cell(table, command_text(message, "id"));
	table_cell(table, sender_of(message));
	for (int empty = 0; empty < 4; empty++)
		table_cell(table, "-");
}

static json_t *fetch(struct command_run *run, uint64_t limit, const char *after)
{
	BUFFER_AUTO struct buffer path = {0};
	char most[32];

	snprintf(most, sizeof(most), "%llu", (unsigned long long)limit);
	buffer_append_string(&path, "/trace");
	client_query(&path, "text", run->operands[0]);
	client_query(&path, "limit", most);
	client_query(&path, "after", after);
	if (!times_query(run, &path, OPTION_FROM, "from") ||
	    !times_query(run, &path, OPTION_TO, "to"))
		return NULL;
	return command_call(run, "GET", buffer_string(&path), NULL);
}

/* The recipient's members beside the message's. One that has no recipient yet is a line, too. */
static void print_rows(const struct output *out, const json_t *message)
{
	const json_t *recipients = json_object_get(message, "recipients");
	size_t count = json_array_size(recipients);

	for (size_t i = 0; i < count || i == 0; i++) {
		json_t *row = json_copy((json_t *)message);

		if (i < count)
			json_object_update(row, json_array_get(recipients, i));
		fields_print(&out->fields, row);
		json_decref(row);
	}
}

static void show(const struct output *out, const json_t *reply)
{
	size_t i;
	json_t *message;

	json_array_foreach(json_object_get(reply, "messages"), i, message)
	{
		if (out->table != NULL)
			add_message(out->table, message, out->run->operands[0]);
		else if (out->fields.count == 0)
			command_print_json(message);
		else
			print_rows(out, message);
	}
}

/* What is missing is said beside what was found. */
static void say_what_is_missing(struct command_run *run, const json_t *reply, uint64_t found)
{
	const json_t *log = json_object_get(reply, "log");
	char from[FORMAT_SIZE];

	if (command_text(log, "text") != NULL)
		command_failed(run, "%s", command_text(log, "text"));
	format_time(command_text(log, "from"), from);
	if (found == 0)
		command_failed(run, "the mail log, which reaches back to %s, has nothing of %s",
		    from, run->operands[0]);
}

/* Page by page. The last reply, or NULL after saying why there is none. */
static json_t *show_all(const struct output *out, uint64_t limit, uint64_t *found)
{
	json_t *reply = NULL;
	bool more = true;

	*found = 0;
	while (more) {
		uint64_t left = limit == 0 ? PAGE_MAX : limit - *found;
		json_t *before = reply;

		reply = fetch(out->run, left < PAGE_MAX ? left : PAGE_MAX,
		    before != NULL ? command_text(before, "next") : NULL);
		json_decref(before);
		if (reply == NULL)
			return NULL;
		show(out, reply);
		*found += json_array_size(json_object_get(reply, "messages"));
		more = command_text(reply, "next") != NULL && (limit == 0 || *found < limit);
	}
	return reply;
}

static int trace(struct command_run *run)
{
	struct output out = {.run = run};
	uint64_t limit, found;
	json_t *reply;

	if (!command_number(run, OPTION_LIMIT, LIMIT_DEFAULT, INT64_MAX, &limit) ||
	    !fields_take(run, &out.fields))
		return COMMAND_USAGE;
	fields_print_head(run, &out.fields);
	if (!out.fields.wanted)
		out.table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	reply = show_all(&out, limit, &found);
	if (reply != NULL && found > 0 && out.table != NULL)
		screen_table(out.table);
	table_destroy(&out.table);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	say_what_is_missing(run, reply, found);
	json_decref(reply);
	/* Whoever watches waits for what is not there yet. */
	return found > 0 || command_given(run, OPTION_WATCH) ? COMMAND_DONE : COMMAND_NOT_DONE;
}

int command_trace(struct command_run *run)
{
	if (run->operand_count != 1)
		return command_usage(run, "trace what? Give one address, domain or ID");
	return watch_run(run, trace);
}
