/* postroom incidents */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/incident_rows.h"
#include "cli/safe_text.h"
#include "cli/screen.h"
#include "cli/watch.h"

static void print_text(const json_t *incident, const char *member)
{
	const char *text = command_text(incident, member);

	screen_text(0, text != NULL ? text : "?");
}

/* ---- The list ---- */

static int print_list(struct command_run *run)
{
	bool all = command_given(run, OPTION_ALL);
	struct fields fields;
	json_t *reply;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", all ? "/incidents?state=all" : "/incidents", NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_list(run, &fields, json_object_get(reply, "incidents"));
	} else {
		print_text(reply, "sentence");
		if (json_is_false(json_object_get(reply, "kept")))
			screen_text(0, "The database is away: incidents are lost with a restart of "
				       "the service.");
		incident_rows_print(reply, all);
	}
	json_decref(reply);
	return COMMAND_DONE;
}

/* ---- One of them ---- */

/* Columns of a name with the blank behind it. */
#define LABEL 11

static void print_line(const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	printf("%-10s ", name);
	screen_text(LABEL, text);
}

/* The words of the API that say how bad it is. */
static void print_marked(const char *name, const char *word)
{
	BUFFER_AUTO struct buffer safe = {0};

	safe_text_append(&safe, slice_of(word != NULL ? word : "?"));
	printf("%-10s ", name);
	screen_marked(colour_of_word(word), buffer_string(&safe));
	putchar('\n');
}

static void print_time(const char *name, const char *rfc3339)
{
	char when[FORMAT_SIZE];

	format_time(rfc3339, when);
	print_line(name, rfc3339 != NULL ? when : NULL);
}

static void print_count(const json_t *incident)
{
	char text[FORMAT_SIZE];
	int len;

	if (!json_is_integer(json_object_get(incident, "messages")))
		return;
	len =
	    snprintf(text, sizeof(text), "%lld", (long long)command_integer(incident, "messages"));
	if (json_is_integer(json_object_get(incident, "growth")))
		snprintf(text + len, sizeof(text) - (size_t)len, ", %+lld in the last hour",
		    (long long)command_integer(incident, "growth"));
	print_line("Messages", text);
}

/* A number or a list of numbers of other incidents. */
static void print_others(const json_t *incident)
{
	BUFFER_AUTO struct buffer text = {0};
	size_t i;
	json_t *id;

	print_line("Caused by", command_text(incident, "caused_by"));
	json_array_foreach(json_object_get(incident, "cause_of"), i, id) buffer_printf(&text,
	    "%s%s", i > 0 ? " " : "", json_string_value(id) != NULL ? json_string_value(id) : "?");
	print_line("Causes", buffer_string(&text));
}

static void print_evidence(const json_t *incident)
{
	size_t i;
	json_t *line;

	json_array_foreach(json_object_get(incident, "evidence"), i, line)
	{
		print_line(i == 0 ? "Because" : "", command_text(line, "text"));
		if (command_text(line, "quote") == NULL)
			continue;
		printf("%*s| ", LABEL, "");
		screen_text(LABEL + 2, command_text(line, "quote"));
	}
}

static void print_timeline(const json_t *incident)
{
	char when[FORMAT_SIZE];
	size_t i;
	json_t *moment;

	puts("");
	json_array_foreach(json_object_get(incident, "timeline"), i, moment)
	{
		format_time(command_text(moment, "at"), when);
		printf("%s  ", when);
		screen_text(strlen(when) + 2,
		    command_text(moment, "text") != NULL ? command_text(moment, "text") : "?");
	}
}

static void print_incident(const json_t *incident)
{
	print_text(incident, "title");
	print_text(incident, "text");
	puts("");
	print_marked("Severity", command_text(incident, "severity"));
	print_line("State", command_text(incident, "state"));
	print_time("Since", command_text(incident, "since"));
	print_time("Until", command_text(incident, "until"));
	print_count(incident);
	print_line("Usual", command_text(incident, "baseline"));
	print_line("Filter", command_text(incident, "filter"));
	print_others(incident);
	print_time("Aside till", command_text(incident, "snoozed_until"));
	print_line("Runbook", command_text(incident, "runbook"));
	print_evidence(incident);
	print_timeline(incident);
}

/* The path of one, and of something beneath it. False after saying that it is no number. */
static bool path_of(struct command_run *run, const char *id, const char *beneath, char out[64])
{
	uint64_t number;

	if (!slice_to_u64(slice_of(id), &number) || number == 0)
		return command_usage(run, "%s is not the number of an incident", id) ==
		       COMMAND_DONE;
	snprintf(out, 64, "/incidents/%llu%s", (unsigned long long)number, beneath);
	return true;
}

static int show(struct command_run *run)
{
	struct fields fields;
	json_t *incident;
	char path[64];

	if (!path_of(run, run->operands[0], "", path) || !fields_take(run, &fields))
		return COMMAND_USAGE;
	incident = command_call(run, "GET", path, NULL);
	if (incident == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_head(run, &fields);
		fields_print(&fields, incident);
	} else {
		print_incident(incident);
	}
	json_decref(incident);
	return COMMAND_DONE;
}

/* ---- What people do ---- */

static int send(struct command_run *run, const char *path, json_t *body)
{
	json_t *reply = command_call(run, "POST", path, body);

	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON))
		command_print_json(reply);
	json_decref(reply);
	return COMMAND_DONE;
}

/* The words behind the number, as if they had been quoted together. */
static int add_note(struct command_run *run)
{
	BUFFER_AUTO struct buffer text = {0};
	char path[64];
	json_t *words;

	if (run->operand_count < 3)
		return command_usage(run, "note ID TEXT: which incident, and what about it?");
	if (!path_of(run, run->operands[1], "/notes", path))
		return COMMAND_USAGE;
	for (size_t i = 2; i < run->operand_count; i++)
		buffer_printf(&text, "%s%s", i > 2 ? " " : "", run->operands[i]);
	words = json_string(buffer_string(&text));
	if (words == NULL)
		return command_usage(run, "the note is not UTF-8");
	return send(run, path, json_pack("{so}", "text", words));
}

static int snooze(struct command_run *run)
{
	char path[64], until[CLOCK_RFC3339_SIZE];
	int64_t seconds;
	const char *time;

	if (run->operand_count != 3)
		return command_usage(
		    run, "snooze ID TIME: for how long (2h), until when (RFC 3339), or off");
	if (!path_of(run, run->operands[1], "/snooze", path))
		return COMMAND_USAGE;
	time = run->operands[2];
	if (strcmp(time, "off") == 0)
		return send(run, path, json_pack("{sn}", "until"));
	if (format_parse_duration(time, &seconds))
		clock_rfc3339(clock_now() + seconds, until);
	else if (clock_parse_rfc3339(slice_of(time), &seconds))
		clock_rfc3339(seconds, until);
	else
		return command_usage(run,
		    "%s: expected for how long (2h), until when (2026-11-22T08:00:00Z), or off",
		    time);
	return send(run, path, json_pack("{ss}", "until", until));
}

int command_incidents(struct command_run *run)
{
	const char *first = run->operand_count > 0 ? run->operands[0] : "";

	if (run->operand_count == 0)
		return watch_run(run, print_list);
	if (strcmp(first, "note") == 0)
		return add_note(run);
	if (strcmp(first, "snooze") == 0)
		return snooze(run);
	if (run->operand_count == 1)
		return watch_run(run, show);
	return command_usage(run, "expected nothing, ID, note ID TEXT, or snooze ID TIME");
}
