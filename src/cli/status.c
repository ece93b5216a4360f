/* postroom status: the first lines of the page. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/incident_rows.h"
#include "cli/safe_text.h"
#include "cli/watch.h"

/* Of the last hour, so that the incidents stay in sight. */
#define LINES_SHOWN 8

/* Which way it went in the last hour, and by how much it usually does. */
static void print_growth(const json_t *summary)
{
	const json_t *growth = json_object_get(summary, "deferred_growth"),
		     *usual = json_object_get(summary, "deferred_usual");

	if (!json_is_integer(growth))
		return;
	printf("  %+lld in 1 h", (long long)json_integer_value(growth));
	if (json_is_integer(usual))
		printf(" (usually ±%lld)", (long long)json_integer_value(usual));
}

static void print_rate(const json_t *summary, const char *what, const char *member)
{
	const json_t *rate = json_object_get(summary, member);

	if (json_is_number(rate))
		printf("   %s %.3g/min", what, json_number_value(rate));
	else
		printf("   %s ?", what);
}

static void print_postfix(const json_t *summary)
{
	const json_t *running = json_object_get(summary, "postfix_running");
	char age[FORMAT_SIZE];

	if (json_is_false(running)) {
		printf("   Postfix is stopped");
	} else if (json_is_true(running)) {
		format_age(command_text(summary, "postfix_since"), clock_now(), age);
		printf("   Postfix up %s", age);
	}
}

static void print_summary(const json_t *summary)
{
	const json_t *deferred = json_object_get(summary, "deferred");

	if (json_is_integer(deferred))
		printf("Deferred %lld", (long long)json_integer_value(deferred));
	else
		printf("Deferred ?");
	print_growth(summary);
	print_rate(summary, "received", "received_per_minute");
	print_rate(summary, "delivered", "delivered_per_minute");
	print_rate(summary, "returned", "returned_per_minute");
	print_postfix(summary);
	putchar('\n');
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
		command_print_text(line, "text");
		putchar('\n');
	}
}

static int print_status(struct command_run *run)
{
	json_t *reply = command_call(run, "GET", "/incidents", NULL);

	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON)) {
		command_print_json(reply);
	} else {
		print_summary(json_object_get(reply, "summary"));
		command_print_text(reply, "sentence");
		putchar('\n');
		if (json_is_false(json_object_get(reply, "kept")))
			puts("The database is away: incidents are lost with a restart of the "
			     "service.");
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
