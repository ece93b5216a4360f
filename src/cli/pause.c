/* postroom pause: what it would mean is shown first, then asked. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/pause_words.h"
#include "cli/screen.h"

/* It takes some seconds until the table is written and Postfix was asked whether it holds. */
#define FOLLOW_MS 250
#define FOLLOW_MOST 240
/* Own entries and domains that people get to see. */
#define SHOWN 5

/* ---- What is asked for ---- */

/* "2h", or RFC 3339. */
static bool add_until(struct command_run *run, json_t *target)
{
	const char *time = run->values[OPTION_UNTIL];
	char until[CLOCK_RFC3339_SIZE];
	int64_t seconds;

	if (time == NULL)
		return command_usage(run, "until when? --until 2h, or a time (RFC 3339)") ==
		       COMMAND_DONE;
	if (format_parse_duration(time, &seconds))
		seconds += clock_now();
	else if (!clock_parse_rfc3339(slice_of(time), &seconds))
		return command_usage(run,
			   "--until %s: expected for how long (2h) or until when "
			   "(2026-11-22T08:00:00Z)",
			   time) == COMMAND_DONE;
	clock_rfc3339(seconds, until);
	json_object_set_new(target, "until", json_string(until));
	if (command_given(run, OPTION_LONG))
		json_object_set_new(target, "long", json_true());
	return true;
}

static bool add_throttle(struct command_run *run, json_t *target)
{
	const char *text = run->values[OPTION_THROTTLE];
	int64_t seconds;

	if (text == NULL)
		return true;
	if (!format_parse_duration(text, &seconds))
		return command_usage(run, "--throttle %s: expected a time such as 10s", text) ==
		       COMMAND_DONE;
	json_object_set_new(target, "throttle", json_integer(seconds));
	return true;
}

/* PauseTarget in api/openapi.yaml; NULL after saying what is wrong. */
static json_t *make_target(struct command_run *run)
{
	json_t *target = json_pack("{ss, s:s}", "kind", run->operands[0], "key", run->operands[1]);

	if (target == NULL) {
		command_usage(run, "%s is not UTF-8", run->operands[1]);
		return NULL;
	}
	if (command_given(run, OPTION_SUBDOMAINS))
		json_object_set_new(target, "subdomains", json_true());
	if (command_given(run, OPTION_RELEASE))
		json_object_set_new(target, "release", json_true());
	if (add_until(run, target) && add_throttle(run, target))
		return target;
	json_decref(target);
	return NULL;
}

/* The same with its reason. */
static json_t *make_request(struct command_run *run, const json_t *target)
{
	json_t *request = json_deep_copy(target);

	if (json_object_set_new(request, "reason", json_string(run->values[OPTION_REASON])) < 0) {
		command_usage(run, "the reason is not UTF-8");
		json_decref(request);
		return NULL;
	}
	if (command_given(run, OPTION_CONFIRM))
		json_object_set_new(request, "confirm", json_string(run->values[OPTION_CONFIRM]));
	return request;
}

/* ---- The preview ---- */

static void print_number(const json_t *preview, const char *member, const char *what)
{
	long long count = (long long)command_integer(preview, member);

	printf("  %-20s%lld message%s\n", what, count, count == 1 ? "" : "s");
}

static void print_some(const json_t *list, const char *title, const char *member)
{
	size_t i;
	json_t *one;

	BUFFER_AUTO struct buffer line = {0};

	if (json_array_size(list) == 0)
		return;
	json_array_foreach(list, i, one)
	{
		const char *text =
		    member != NULL ? command_text(one, member) : json_string_value(one);
		if (i == SHOWN)
			break;
		buffer_printf(&line, "%s%s", i > 0 ? ", " : "", text != NULL ? text : "?");
	}
	printf("  %-20s", title);
	screen_say(22, "%s%s", buffer_string(&line), json_array_size(list) > SHOWN ? ", ..." : "");
}

static void print_list(const json_t *list, const char *before, const char *member)
{
	size_t i;
	json_t *one;

	json_array_foreach(list, i, one)
	{
		const char *text =
		    member != NULL ? command_text(one, member) : json_string_value(one);
		printf("  %s", before);
		screen_text(2 + strlen(before), text != NULL ? text : "?");
	}
}

static void print_preview(const struct command_run *run, const json_t *preview)
{
	const json_t *pause = json_object_get(preview, "pause");
	bool held = pause_words_holds(command_text(pause, "kind"));

	screen_say(
	    0, "%s", command_text(preview, "text") != NULL ? command_text(preview, "text") : "?");
	print_number(preview, "waiting", held ? "not touched" : "wait");
	if (!held)
		print_number(preview, "in_delivery", "in delivery, go on");
	print_some(json_object_get(preview, "domains"), "domains", NULL);
	print_some(json_object_get(preview, "own_entries"), "not held back", "address");
	print_list(json_object_get(preview, "warnings"), "! ", "text");
	if (command_integer(preview, "would_expire") > 0) {
		printf("  postroom hold '");
		command_print_text(preview, "expire_filter");
		printf("'%s keeps these from that.\n", command_where(run));
	}
	print_list(json_object_get(preview, "commands"), "$ ", NULL);
}

/* ---- Doing it ---- */

static void print_pause(const json_t *pause)
{
	char until[FORMAT_SIZE];

	format_time(command_text(pause, "until"), until);
	printf("Pause %lld of ", (long long)command_integer(pause, "id"));
	command_print_text(pause, "key");
	printf(" until %s: ", until);
	command_print_text(pause, "state");
	putchar('\n');
	if (command_text(pause, "trouble") != NULL) {
		printf("! ");
		command_print_text(pause, "trouble");
		putchar('\n');
	}
}

/* The same one as it is now; NULL where it is no more, or the service does not say. */
static json_t *again(struct command_run *run, int64_t id)
{
	json_t *reply = command_call(run, "GET", "/pauses?ended=true", NULL), *found = NULL, *pause;
	size_t i;

	json_array_foreach(json_object_get(reply, "pauses"), i, pause)
	{
		if (command_integer(pause, "id") == id && found == NULL)
			found = json_incref(pause);
	}
	json_decref(reply);
	return found;
}

/* Until Postfix was asked whether it holds. */
static int follow(struct command_run *run, json_t *pause)
{
	const char *state;
	int status;

	for (int i = 0;
	     i < FOLLOW_MOST && pause != NULL && !command_given(run, OPTION_NO_WAIT) &&
	     (state = command_text(pause, "state")) != NULL && strcmp(state, "setting") == 0;
	     i++) {
		int64_t id = command_integer(pause, "id");
		json_decref(pause);
		poll(NULL, 0, FOLLOW_MS);
		pause = again(run, id);
	}
	if (pause == NULL)
		return COMMAND_NOT_DONE;
	state = command_text(pause, "state");
	status = state != NULL && strcmp(state, "failed") != 0 ? COMMAND_DONE : COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON))
		command_print_json(pause);
	else
		print_pause(pause);
	json_decref(pause);
	return status;
}

static bool may_go_on(struct command_run *run, const char *prompt)
{
	return command_given(run, OPTION_YES) || command_confirm(prompt) ||
	       command_failed(run, "nothing was done") == COMMAND_DONE;
}

/* True: it is set up. */
static bool is_set_up(struct command_run *run, const json_t *preview, int *status)
{
	const char *setup = command_text(preview, "setup");
	BUFFER_AUTO struct buffer words = {0};
	struct error err;

	if (setup == NULL || strcmp(setup, "done") == 0)
		return true;
	pause_words_setup(run, setup, &words);
	error_set(&err, "pause_setup_missing", "%s", buffer_string(&words));
	*status = command_refused(run, &err);
	return false;
}

static int show_and_do(struct command_run *run, const json_t *target, json_t *request)
{
	json_t *preview = command_call(
	    run, "POST", "/previews", json_pack("{sO}", "pause", (json_t *)(uintptr_t)target));
	bool dry = command_given(run, OPTION_DRY_RUN), json = command_given(run, OPTION_JSON);
	int status = COMMAND_DONE;

	if (preview == NULL) {
		json_decref(request);
		return COMMAND_NOT_DONE;
	}
	if (!json)
		print_preview(run, preview);
	else if (dry)
		command_print_json(preview);
	if (!dry && is_set_up(run, preview, &status) && may_go_on(run, "Hold this mail back?"))
		status = follow(run, command_call(run, "POST", "/pauses", json_incref(request)));
	else if (!dry && status == COMMAND_DONE)
		status = COMMAND_NOT_DONE;
	json_decref(request);
	json_decref(preview);
	return status;
}

static int set_pause(struct command_run *run)
{
	json_t *target, *request;
	int status;

	if (!command_given(run, OPTION_REASON) && !command_given(run, OPTION_DRY_RUN))
		return command_usage(
		    run, "why? --reason TEXT: whoever finds mail waiting wants to know");
	if (!command_may_act(run))
		return COMMAND_USAGE;
	target = make_target(run);
	if (target == NULL)
		return COMMAND_USAGE;
	request = command_given(run, OPTION_REASON) ? make_request(run, target) : json_object();
	status = request == NULL ? COMMAND_USAGE : show_and_do(run, target, request);
	json_decref(target);
	return status;
}

/* Another end. */
static int change_pause(struct command_run *run)
{
	json_t *body = json_object(), *pause, *reply;
	char path[64];

	if (!add_until(run, body)) {
		json_decref(body);
		return COMMAND_USAGE;
	}
	pause = pause_words_find(run, run->operands[1]);
	if (pause == NULL) {
		json_decref(body);
		return COMMAND_NOT_DONE;
	}
	snprintf(path, sizeof(path), "/pauses/%lld", (long long)command_integer(pause, "id"));
	json_decref(pause);
	reply = command_call(run, "PUT", path, body);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON))
		command_print_json(reply);
	else
		print_pause(reply);
	json_decref(reply);
	return COMMAND_DONE;
}

/* ---- The set-up ---- */

/* What stands there, and what would; of a set-up that is done, what there is to take out. */
/* Whole, however long: it can be copied into main.cf. */
static void print_setting(char sign, const json_t *line, const char *member)
{
	printf("%c ", sign);
	command_print_text(line, "name");
	fputs(" = ", stdout);
	command_print_text(line, member);
	putchar('\n');
}

static void print_setup(const json_t *setup, bool undo)
{
	bool done = strcmp(command_text(setup, "state") != NULL ? command_text(setup, "state") : "",
			"done") == 0;
	size_t i;
	json_t *line;

	json_array_foreach(json_object_get(setup, "lines"), i, line)
	{
		if (!done && command_text(line, "before") != NULL) {
			print_setting('-', line, "before");
		}
		if (command_text(line, "after") != NULL) {
			print_setting(undo ? '-' : done ? ' ' : '+', line, "after");
		}
	}
	for (i = 0; i < 4; i++) {
		static const char *const members[] = {"why", "pattern_why", "warning", "by_hand"};
		if (command_text(setup, members[i]) == NULL)
			continue;
		printf("! ");
		screen_text(2, command_text(setup, members[i]));
	}
}

static int end_setup(struct command_run *run, json_t *setup, const char *wanted)
{
	const char *state = setup != NULL ? command_text(setup, "state") : NULL;
	int status = state != NULL && strcmp(state, wanted) == 0 ? COMMAND_DONE : COMMAND_NOT_DONE;

	if (setup != NULL && command_given(run, OPTION_JSON))
		command_print_json(setup);
	else if (setup != NULL)
		printf("Set-up for pauses: %s\n", state != NULL ? state : "?");
	json_decref(setup);
	return status;
}

static int undo_setup(struct command_run *run, const json_t *setup)
{
	BUFFER_AUTO struct buffer path = {0};
	const char *state = command_text(setup, "state");

	/* Whoever removes Postroom asks for this in any case. */
	if (state != NULL && strcmp(state, "none") == 0)
		return COMMAND_DONE;
	if (!may_go_on(run,
		"Take these lines out of main.cf and reload Postfix? What is paused then "
		"waits no longer."))
		return COMMAND_NOT_DONE;
	buffer_append_string(&path, "/pauses/setup");
	client_query(&path, "seen", command_text(setup, "seen"));
	return end_setup(run, command_call(run, "DELETE", buffer_string(&path), NULL), "none");
}

static int make_setup(struct command_run *run, const json_t *setup)
{
	const char *state = command_text(setup, "state");

	if (state == NULL || strcmp(state, "impossible") == 0)
		return COMMAND_REFUSED;
	if (strcmp(state, "done") == 0)
		return COMMAND_DONE;
	if (!may_go_on(run, "Write these lines to main.cf and reload Postfix?"))
		return COMMAND_NOT_DONE;
	return end_setup(run,
	    command_call(run, "POST", "/pauses/setup",
		json_pack("{sO}", "seen", json_object_get(setup, "seen"))),
	    "done");
}

static int set_up(struct command_run *run)
{
	json_t *setup;
	int status;

	if (!command_may_act(run))
		return COMMAND_USAGE;
	setup = command_call(run, "GET", "/pauses/setup", NULL);
	if (setup == NULL)
		return COMMAND_NOT_DONE;
	if (!command_given(run, OPTION_JSON))
		print_setup(setup, command_given(run, OPTION_UNDO_SETUP));
	else if (command_given(run, OPTION_DRY_RUN))
		command_print_json(setup);
	if (command_given(run, OPTION_DRY_RUN))
		status = COMMAND_DONE;
	else
		status = command_given(run, OPTION_UNDO_SETUP) ? undo_setup(run, setup)
							       : make_setup(run, setup);
	json_decref(setup);
	return status;
}

int command_pause(struct command_run *run)
{
	const char *first = run->operand_count > 0 ? run->operands[0] : "";

	if (run->operand_count == 1 && strcmp(first, "setup") == 0)
		return set_up(run);
	if (run->operand_count == 2 && strcmp(first, "change") == 0)
		return change_pause(run);
	if (run->operand_count == 2)
		return set_pause(run);
	return command_usage(run,
	    "expected domain, provider, sender or login and its name; change and a pause; or "
	    "setup");
}
