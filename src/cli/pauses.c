/* postroom pauses, and resume */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/pause_words.h"
#include "cli/safe_text.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/watch.h"

/* ---- The list ---- */

static void list_pause(struct table *table, const json_t *pause, int64_t now)
{
	char until[FORMAT_SIZE], waiting[24] = "-";
	bool ended = command_text(pause, "ended") != NULL;

	if (ended)
		format_time(command_text(pause, "ended"), until);
	else
		format_until(command_text(pause, "until"), now, until);
	if (json_is_integer(json_object_get(pause, "waiting")))
		snprintf(
		    waiting, sizeof(waiting), "%lld", (long long)command_integer(pause, "waiting"));
	table_cell_number(table, command_integer(pause, "id"));
	table_cell(table, command_text(pause, "kind"));
	table_cell(table, command_text(pause, "key"));
	table_cell(table, waiting);
	table_cell(table, until);
	table_cell(table, command_text(pause, "state"));
	table_cell(table, command_text(pause, "by"));
	table_cell(table, command_text(pause, "reason"));
}

static void print_table(const json_t *reply)
{
	static const struct table_column columns[] = {{"PAUSE", true, 0, 0}, {"OF", false, 0, 0},
	    {"KEY", false, 12, 0}, {"WAITING", true, 0, 0}, {"UNTIL", false, 0, 0},
	    {"STATE", false, 0, 2, .words = true}, {"BY", false, 8, 1}, {"REASON", false, 12, 3}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	int64_t now = clock_now();
	size_t i;
	json_t *pause;

	json_array_foreach(json_object_get(reply, "pauses"), i, pause)
	    list_pause(table, pause, now);
	if (table_rows(table) > 0)
		screen_table(table);
	else
		puts("Nothing is paused.");
	table_destroy(&table);
}

/* What does not hold, and what others have made. */
static void print_rest(const struct command_run *run, const json_t *reply)
{
	const char *setup = command_text(reply, "setup");
	BUFFER_AUTO struct buffer words = {0};
	size_t i;
	json_t *one;

	json_array_foreach(json_object_get(reply, "pauses"), i, one)
	{
		if (command_text(one, "trouble") == NULL)
			continue;
		screen_say(2, "! pause %lld: %s", (long long)command_integer(one, "id"),
		    command_text(one, "trouble"));
	}
	json_array_foreach(json_object_get(reply, "foreign"), i, one)
	{
		if (i == 0)
			puts("Not made here, found in Postfix's files:");
		fputs("  ", stdout);
		screen_text(4, command_text(one, "text") != NULL ? command_text(one, "text") : "?");
	}
	if (setup != NULL && strcmp(setup, "done") != 0) {
		pause_words_setup(run, setup, &words);
		screen_text(0, buffer_string(&words));
	}
}

static int print_pauses(struct command_run *run)
{
	struct fields fields;
	json_t *reply;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call(
	    run, "GET", command_given(run, OPTION_ALL) ? "/pauses?ended=true" : "/pauses", NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_list(run, &fields, json_object_get(reply, "pauses"));
	} else {
		print_table(reply);
		print_rest(run, reply);
	}
	json_decref(reply);
	return COMMAND_DONE;
}

int command_pauses(struct command_run *run)
{
	if (run->operand_count > 0)
		return command_usage(run, "pauses takes no operand; `resume` ends one");
	return watch_run(run, print_pauses);
}

/* ---- The end of one ---- */

/* What comes after the question, in the words of what Postfix does. */
static bool agreed(struct command_run *run, const json_t *pause)
{
	bool held = pause_words_holds(command_text(pause, "kind"));
	long long waiting = (long long)command_integer(pause, "waiting");

	if (!command_given(run, OPTION_JSON)) {
		printf("Pause %lld of ", (long long)command_integer(pause, "id"));
		command_print_text(pause, "key");
		printf(", by ");
		command_print_text(pause, "by");
		printf(": ");
		command_print_text(pause, "reason");
		printf("\n%lld message%s %s\n", waiting, waiting == 1 ? "" : "s",
		    held ? "that it has put on hold stay there, without --release."
			 : "wait; they are tried again at a pace.");
	}
	return command_given(run, OPTION_YES) || command_confirm("End this pause?") ||
	       command_failed(run, "nothing was done") == COMMAND_DONE;
}

static int lift(struct command_run *run, const json_t *pause)
{
	char path[64];
	json_t *reply;

	snprintf(path, sizeof(path), "/pauses/%lld", (long long)command_integer(pause, "id"));
	reply = command_call(run, "DELETE", path, NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON))
		command_print_json(reply);
	else
		puts("It has ended. Postfix notices within 30 s.");
	json_decref(reply);
	return COMMAND_DONE;
}

/* Before the pause goes, by which they are known. */
static int release_held(struct command_run *run, const json_t *pause)
{
	BUFFER_AUTO struct buffer filter = {0};
	json_t *view, *selection;

	buffer_printf(&filter, "%s queue:hold", command_text(pause, "filter"));
	view = command_call(
	    run, "POST", "/views", json_pack("{ss}", "filter", buffer_string(&filter)));
	if (view == NULL)
		return COMMAND_NOT_DONE;
	if (command_integer(view, "matched") == 0) {
		json_decref(view);
		return COMMAND_DONE;
	}
	selection = json_object();
	json_object_set(selection, "view", json_object_get(view, "id"));
	json_decref(view);
	return command_act_on(run, "release", selection);
}

int command_resume(struct command_run *run)
{
	int status = COMMAND_DONE;
	json_t *pause;

	if (run->operand_count != 1)
		return command_usage(run, "which pause? Give its number, or what it is of");
	if (!command_may_act(run))
		return COMMAND_USAGE;
	pause = pause_words_find(run, run->operands[0]);
	if (pause == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_RELEASE) && !pause_words_holds(command_text(pause, "kind")))
		status = command_usage(
		    run, "--release is for what the pause of a sender or login has put on hold");
	else if (!agreed(run, pause))
		status = COMMAND_NOT_DONE;
	else if (command_given(run, OPTION_RELEASE))
		status = release_held(run, pause);
	if (status == COMMAND_DONE)
		status = lift(run, pause);
	json_decref(pause);
	return status;
}
