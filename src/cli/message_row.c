/* The columns of that table, and what stands in them. */
#include "cli/message_row.h"

#include <stdio.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "cli/format.h"

/* On 80 columns: which message, whose, and the beginning of its cause; the reply itself comes where
 * there is much room, and in a pipe. */
static const struct table_column columns[] = {
    {"ID", false, 0, 0},
    {"QUEUE", false, 8, 0, .words = true},
    {"AGE", true, 0, 0},
    {"SIZE", true, 0, 2},
    {"SENDER", false, 10, 0},
    {"RECIPIENTS", false, 10, 0},
    {"NEXT", false, 0, 1},
    {"CAUSE", false, 23, 0},
    {"REPLY", false, 40, 3},
};

struct table *message_row_table(void)
{
	return table_create(columns, sizeof(columns) / sizeof(columns[0]));
}

/* "<>" is the null sender; "?" a message of which the sender is not known. */
const char *message_row_sender(const json_t *object)
{
	const char *sender = command_text(object, "sender");

	return sender == NULL ? "?" : sender[0] == '\0' ? "<>" : sender;
}

const char *message_row_state(const json_t *message)
{
	/* It is on hold then, but nobody who looks for held mail means it. */
	return json_is_object(json_object_get(message, "deleting"))
		   ? "deleting"
		   : command_text(message, "queue");
}

/* One address and how many more: a column of all of them would push the rest off the line. */
static void add_recipients(struct table *table, const json_t *message)
{
	BUFFER_AUTO struct buffer text = {0};
	const char *first =
	    command_text(json_array_get(json_object_get(message, "recipients"), 0), "address");
	int64_t count = command_integer(message, "recipient_count");

	buffer_append_string(&text, first != NULL ? first : "-");
	if (count > 1)
		buffer_printf(&text, " +%lld", (long long)count - 1);
	table_cell(table, buffer_string(&text));
}

/* The first that has one: recipients without an attempt yet have none. */
static const char *first_reason(const json_t *message)
{
	size_t i;
	json_t *recipient;

	json_array_foreach(json_object_get(message, "recipients"), i,
	    recipient) if (command_text(recipient, "reason") != NULL) return command_text(recipient,
	    "reason");
	return NULL;
}

/* A reply that nobody knows stands for itself. */
static void add_cause(struct table *table, const json_t *message)
{
	const char *title = command_text(json_object_get(message, "diagnosis"), "title");

	table_cell(table, title != NULL ? title : first_reason(message));
}

void message_row_add(struct table *table, const json_t *message, int64_t now, bool stopped)
{
	char text[FORMAT_SIZE];

	table_cell(table, command_text(message, "id"));
	table_cell(table, message_row_state(message));
	format_age(command_text(message, "arrival"), now, text);
	table_cell(table, text);
	format_bytes(command_integer(message, "size"), text);
	table_cell(table, text);
	table_cell(table, message_row_sender(message));
	add_recipients(table, message);
	format_until(command_text(message, "next_retry"), now, text);
	/* While Postfix is stopped no time of a next attempt is true. */
	table_cell(table, stopped ? "-" : text);
	add_cause(table, message);
	table_cell(table, first_reason(message));
}
