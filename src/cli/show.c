/* postroom show */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/ids.h"
#include "cli/message_row.h"
#include "cli/safe_text.h"
#include "cli/screen.h"
#include "cli/show_content.h"

/* Columns of a name with the blank behind it. */
#define LABEL 13

/* What is not known has no line at all. */
static void line(const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	printf("%-12s ", name);
	screen_text(LABEL, value);
}

static void time_line(const char *name, const json_t *object, const char *member)
{
	const char *value = command_text(object, member);
	char text[FORMAT_SIZE];

	if (value == NULL)
		return;
	format_time(value, text);
	line(name, text);
}

/* As Postfix writes it in its log, so that it can be searched there. */
static void show_origin(const json_t *origin)
{
	BUFFER_AUTO struct buffer text = {0};
	const char *name = command_text(origin, "client_name");
	const char *address = command_text(origin, "client_address");

	if (!json_is_object(origin))
		return;
	if (name != NULL || address != NULL)
		buffer_printf(
		    &text, "%s[%s]", name != NULL ? name : "", address != NULL ? address : "");
	line("Client", buffer_string(&text));
	line("Login", command_text(origin, "login"));
	line("HELO", command_text(origin, "helo"));
}

/* The longest wait that a reply to one of the recipients asks for. */
static void show_asked_delay(const json_t *message)
{
	char duration[FORMAT_SIZE], text[FORMAT_SIZE + 64];
	int64_t most = 0;
	size_t i;
	json_t *recipient;

	json_array_foreach(json_object_get(message, "recipients"), i, recipient)
	{
		int64_t asked = command_integer(recipient, "asked_delay_seconds");
		most = asked > most ? asked : most;
	}
	/* Nobody asked for one: no line about it. */
	if (most == 0)
		return;
	format_duration(most, duration);
	snprintf(
	    text, sizeof(text), "the other side asks for %s before the next attempt", duration);
	line("", text);
}

/* From when to when: the attempt comes with a queue run, and nobody knows the minute. */
static void show_schedule(const json_t *message, bool stopped)
{
	const json_t *schedule = json_object_get(message, "schedule");
	char earliest[FORMAT_SIZE];
	char latest[FORMAT_SIZE];
	char text[2 * FORMAT_SIZE + 8];

	if (stopped) {
		line("Next retry", "when Postfix runs: it is stopped");
	} else if (command_text(schedule, "next_earliest") != NULL) {
		format_time(command_text(schedule, "next_earliest"), earliest);
		format_time(command_text(schedule, "next_latest"), latest);
		snprintf(text, sizeof(text), "%s to %s", earliest, latest);
		line("Next retry", json_is_true(json_object_get(schedule, "due"))
				       ? "due, with the next queue run"
				       : text);
	}
	if (json_is_true(json_object_get(schedule, "beyond_backoff")))
		line("", "further ahead than the backoff allows: the clock was wrong when it was "
			 "deferred, or the backoff was longer; retry it");
	show_asked_delay(message);
	time_line("Expires", schedule, "expires");
}

static void show_recipients(const json_t *message, const char *title, const char *member)
{
	const json_t *list = json_object_get(message, member);
	size_t i;
	json_t *recipient;

	if (json_array_size(list) > 0)
		printf("\n%s\n", title);
	json_array_foreach(list, i, recipient)
	{
		const char *reason = command_text(recipient, "reason");
		printf("  ");
		safe_text_print(stdout, command_text(recipient, "address") != NULL
					    ? command_text(recipient, "address")
					    : "?");
		if (command_text(recipient, "dsn") != NULL) {
			printf("  ");
			safe_text_print(stdout, command_text(recipient, "dsn"));
		}
		putchar('\n');
		if (reason != NULL) {
			printf("    ");
			screen_text(4, reason);
		}
	}
}

/* What to do stands last: that is what is read. */
static void show_diagnoses(const json_t *message)
{
	size_t i;
	json_t *diagnosis;

	json_array_foreach(json_object_get(message, "diagnoses"), i, diagnosis)
	{
		putchar('\n');
		line("Cause", command_text(diagnosis, "title"));
		line("  Why", command_text(diagnosis, "cause"));
		line("  What to do", command_text(diagnosis, "advice"));
		line("  Runbook", command_text(diagnosis, "runbook"));
	}
}

static void show_attempts(const json_t *message)
{
	size_t i;
	json_t *attempt;

	if (json_array_size(json_object_get(message, "attempts")) > 0)
		printf("\nAttempts\n");
	json_array_foreach(json_object_get(message, "attempts"), i, attempt)
	{
		char when[FORMAT_SIZE];
		format_time(command_text(attempt, "at"), when);
		printf("  %s  %-9s ", when,
		    command_text(attempt, "status") != NULL ? command_text(attempt, "status") : "");
		safe_text_print(stdout, command_text(attempt, "recipient") != NULL
					    ? command_text(attempt, "recipient")
					    : "");
		printf("\n    ");
		screen_text(
		    4, command_text(attempt, "text") != NULL ? command_text(attempt, "text") : "");
	}
	line("\nLog", command_text(json_object_get(message, "log"), "problem"));
}

/* A delete has it on hold: by which job, and until when that can be undone. */
static void show_deleting(const struct command_run *run, const json_t *message)
{
	const json_t *deleting = json_object_get(message, "deleting");
	BUFFER_AUTO struct buffer text = {0};
	char when[FORMAT_SIZE] = "soon";
	long long job = (long long)command_integer(deleting, "job");

	if (!json_is_object(deleting))
		return;
	if (command_text(deleting, "until") != NULL)
		format_time(command_text(deleting, "until"), when);
	buffer_printf(&text,
	    "deleting: on hold for job %lld, removed %s; postroom jobs undo %lld%s brings it back",
	    job, when, job, command_where(run));
	line("", buffer_string(&text));
}

/* Who holds it back, until when and why. */
static void show_paused(const json_t *message)
{
	const json_t *pause = json_object_get(message, "paused");
	BUFFER_AUTO struct buffer text = {0};
	char until[FORMAT_SIZE];

	if (!json_is_object(pause))
		return;
	format_time(command_text(pause, "until"), until);
	buffer_printf(&text, "%s %s by %s until %s: %s",
	    command_text(pause, "kind") != NULL ? command_text(pause, "kind") : "",
	    command_text(pause, "key") != NULL ? command_text(pause, "key") : "?",
	    command_text(pause, "by") != NULL ? command_text(pause, "by") : "?", until,
	    command_text(pause, "reason") != NULL ? command_text(pause, "reason") : "");
	line("Paused", buffer_string(&text));
}

static void show_message(const struct command_run *run, const json_t *message, bool stopped)
{
	char size[FORMAT_SIZE];

	format_bytes(command_integer(message, "size"), size);
	line("ID", command_text(message, "id"));
	line("Queue", command_text(message, "queue"));
	show_deleting(run, message);
	show_paused(message);
	if (json_is_true(json_object_get(message, "forced_expire")))
		line("", "marked as expired: returned to its sender when Postfix takes it up next, "
			 "without another attempt");
	if (json_is_true(json_object_get(message, "damaged")))
		line("", "its queue file is damaged: Postfix moves it to corrupt when it comes to "
			 "it, and neither delivers nor returns it");
	time_line("Arrived", message, "arrival");
	line("Size", size);
	line("Sender", message_row_sender(message));
	line("Subject", command_text(message, "subject"));
	show_origin(json_object_get(message, "origin"));
	show_schedule(message, stopped);
	show_recipients(message, "Recipients", "recipients");
	show_recipients(
	    message, "Refused for good, the sender is told when the rest is over", "failed");
	show_diagnoses(message);
	show_attempts(message);
}

static int show_one(
    struct command_run *run, const struct fields *fields, const char *id, bool stopped)
{
	BUFFER_AUTO struct buffer path = {0};
	json_t *message;

	buffer_printf(&path, "/messages/%s", id);
	message = command_call(run, "GET", buffer_string(&path), NULL);
	if (message == NULL)
		return COMMAND_NOT_DONE;
	if (fields->wanted)
		fields_print(fields, message);
	else
		show_message(run, message, stopped);
	json_decref(message);
	return COMMAND_DONE;
}

int command_show(struct command_run *run)
{
	int worst = COMMAND_DONE;
	struct fields fields;
	json_t *ids, *id;
	bool stopped;
	size_t i;

	if (run->operand_count == 0)
		return command_usage(run, "which message? Give its queue ID");
	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	switch (ids_take(run, &ids)) {
	case IDS_SOME:
		break;
	case IDS_NONE:
		return command_usage(
		    run, "%s is not a queue ID; list takes a filter", run->operands[0]);
	case IDS_WRONG:
	default:
		return COMMAND_NOT_DONE;
	}
	if (show_content_wanted(run)) {
		worst = json_array_size(ids) == 1
			    ? show_content(run, json_string_value(json_array_get(ids, 0)))
			    : command_usage(run, "the content of one message at a time");
		json_decref(ids);
		return worst;
	}
	/* Asked once for all messages. */
	stopped = !fields.wanted && command_warn(run);
	fields_print_head(run, &fields);
	json_array_foreach(ids, i, id)
	{
		int status;

		if (i > 0 && !fields.wanted)
			putchar('\n');
		status = show_one(run, &fields, json_string_value(id), stopped);
		/* One that is gone must not keep the others from being shown. */
		if (status > worst)
			worst = status;
	}
	json_decref(ids);
	return worst;
}
