/* postroom status: the first lines of the page. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/incident_rows.h"
#include "cli/screen.h"
#include "cli/watch.h"

/* Of the last hour, so that the incidents stay in sight. */
#define LINES_SHOWN 8

/* Which way it went in the last hour, and by how much it usually does. */
static void append_growth(struct buffer *out, const json_t *summary)
{
	const json_t *growth = json_object_get(summary, "deferred_growth"),
		     *usual = json_object_get(summary, "deferred_usual");

	if (!json_is_integer(growth))
		return;
	buffer_printf(out, " %+lld in 1 h", (long long)json_integer_value(growth));
	if (json_is_integer(usual))
		buffer_printf(out, " (usually ±%lld)", (long long)json_integer_value(usual));
}

static void append_rate(
    struct buffer *out, const json_t *summary, const char *what, const char *member)
{
	const json_t *rate = json_object_get(summary, member);

	if (json_is_number(rate))
		buffer_printf(out, ", %s %.3g/min", what, json_number_value(rate));
	else
		buffer_printf(out, ", %s ?", what);
}

static void append_postfix(struct buffer *out, const json_t *summary)
{
	const json_t *running = json_object_get(summary, "postfix_running");
	char age[FORMAT_SIZE];

	if (json_is_false(running)) {
		buffer_append_string(out, ", Postfix is stopped");
	} else if (json_is_true(running)) {
		format_age(command_text(summary, "postfix_since"), clock_now(), age);
		buffer_printf(out, ", Postfix up %s", age);
	}
}

static void print_summary(const json_t *summary)
{
	const json_t *deferred = json_object_get(summary, "deferred");
	BUFFER_AUTO struct buffer out = {0};

	if (json_is_integer(deferred))
		buffer_printf(&out, "Deferred %lld", (long long)json_integer_value(deferred));
	else
		buffer_append_string(&out, "Deferred ?");
	append_growth(&out, summary);
	append_rate(&out, summary, "received", "received_per_minute");
	append_rate(&out, summary, "delivered", "delivered_per_minute");
	append_rate(&out, summary, "returned", "returned_per_minute");
	append_postfix(&out, summary);
	screen_text(2, buffer_string(&out));
}

static void print_last_hour(const json_t *reply)
{
	const json_t *lines = json_object_get(reply, "last_hour");
	char when[FORMAT_SIZE];
	size_t i;
	json_t *line;

	if (json_array_size(lines) > 0)
		puts("\nLast hour:");
	json_array_foreach(lines, i, line)
	{
		if (i == LINES_SHOWN) {
			printf("  and %zu more\n", json_array_size(lines) - i);
			return;
		}
		format_time(command_text(line, "at"), when);
		printf("  %s  ", when);
		screen_say(strlen(when) + 4, "%s",
		    command_text(line, "text") != NULL ? command_text(line, "text") : "?");
	}
}

static int print_status(struct command_run *run)
{
	struct fields fields;
	json_t *reply;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", "/incidents", NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_head(run, &fields);
		fields_print(&fields, reply);
	} else {
		print_summary(json_object_get(reply, "summary"));
		screen_say(0, "%s",
		    command_text(reply, "sentence") != NULL ? command_text(reply, "sentence")
							    : "?");
		if (json_is_false(json_object_get(reply, "kept")))
			screen_text(0, "The database is away: incidents are lost with a restart of "
				       "the service.");
		incident_rows_print(reply, false);
		print_last_hour(reply);
	}
	json_decref(reply);
	return COMMAND_DONE;
}

int command_status(struct command_run *run)
{
	if (run->operand_count > 0)
		return command_usage(run, "it takes no operands");
	return watch_run(run, print_status);
}
