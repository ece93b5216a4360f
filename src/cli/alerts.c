/* postroom alerts: what was sent and how it went, channels and their tests, silences. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/watch.h"

#define ALERT_STATES "waiting sending sent failed given_up silenced"

/* ---- Lists ---- */

/* A list of the API: `print` for people; else --json, --csv and --fields. */
static int print_list(struct command_run *run, const char *path, const char *member,
    void (*print)(const json_t *list))
{
	struct fields fields;
	json_t *reply, *list;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call(run, "GET", path, NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	list = json_object_get(reply, member);
	if (fields.wanted)
		fields_print_list(run, &fields, list);
	else
		print(list);
	json_decref(reply);
	return COMMAND_DONE;
}

static void cell_time(struct table *table, const json_t *item, const char *member)
{
	char when[FORMAT_SIZE] = "";
	const char *text = command_text(item, member);

	if (text != NULL)
		format_time(text, when);
	table_cell(table, when);
}

static void print_table(struct table *table, const char *none)
{
	if (table_rows(table) > 0)
		screen_table(table);
	else
		puts(none);
	table_destroy(&table);
}

static void print_alerts(const json_t *list)
{
	static const struct table_column columns[] = {{"ID", true, 0, 3}, {"AT", false, 0, 0},
	    {"CHANNEL", false, 0, 0}, {"", false, 0, 0, .words = true}, {"TRIES", true, 0, 2},
	    {"WHAT", false, 30, 0}, {"ANSWER", false, 20, 1}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *alert;

	json_array_foreach(list, i, alert)
	{
		table_cell_number(table, command_integer(alert, "id"));
		cell_time(table, alert, "at");
		table_cell(table, command_text(alert, "channel"));
		table_cell(table, command_text(alert, "state"));
		table_cell_number(table, command_integer(alert, "attempts"));
		table_cell(table, command_text(alert, "title"));
		table_cell(table, command_text(alert, "answer"));
	}
	print_table(table, "Nothing was sent.");
}

/* Where it goes, as far as it may be shown. */
static const char *goes_to(const json_t *channel)
{
	static const char *const members[] = {"url", "command", "relay"};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (command_text(channel, members[i]) != NULL)
			return command_text(channel, members[i]);
	return "";
}

static const char *state_of(const json_t *channel)
{
	return json_is_false(json_object_get(channel, "enabled")) ? "off"
	       : command_text(channel, "failing_since") != NULL	  ? "failing"
								  : "on";
}

static void print_channels(const json_t *list)
{
	static const struct table_column columns[] = {{"ID", false, 0, 0}, {"KIND", false, 0, 0},
	    {"", false, 0, 0, .words = true}, {"FAILING SINCE", false, 0, 1},
	    {"GOES TO", false, 20, 0}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *channel;

	json_array_foreach(list, i, channel)
	{
		table_cell(table, command_text(channel, "id"));
		table_cell(table, command_text(channel, "kind"));
		table_cell(table, state_of(channel));
		cell_time(table, channel, "failing_since");
		table_cell(table, goes_to(channel));
	}
	print_table(table, "There are no channels: nobody is told of anything.");
}

static void print_silences(const json_t *list)
{
	static const struct table_column columns[] = {{"ID", true, 0, 0}, {"UNTIL", false, 0, 0},
	    {"KIND", false, 0, 0}, {"SEVERITY", false, 0, 1}, {"KEY", false, 10, 0},
	    {"BY", false, 0, 2}, {"REASON", false, 20, 0}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;
	json_t *silence;

	json_array_foreach(list, i, silence)
	{
		const char *key = command_text(silence, "key");
		const char *kind = command_text(silence, "kind");
		const char *severity = command_text(silence, "severity");

		table_cell_number(table, command_integer(silence, "id"));
		cell_time(table, silence, "until");
		table_cell(table, kind != NULL ? kind : "any");
		table_cell(table, severity != NULL ? severity : "any");
		table_cell(table, key != NULL ? key : "any");
		table_cell(table, command_text(silence, "by"));
		table_cell(table, command_text(silence, "reason"));
	}
	print_table(table, "Nothing is silenced.");
}

static int list_alerts(struct command_run *run)
{
	BUFFER_AUTO struct buffer path = {0};
	uint64_t limit;
	char number[24];

	/* What the API gives at once; there is more than anybody reads. */
	if (!command_number(run, OPTION_LIMIT, 50, 200, &limit) ||
	    (command_given(run, OPTION_STATE) &&
		!command_one_of(run, "state", run->values[OPTION_STATE], ALERT_STATES)))
		return COMMAND_USAGE;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)(limit > 0 ? limit : 200));
	buffer_append_string(&path, "/alerts");
	client_query(&path, "limit", number);
	client_query(&path, "state", run->values[OPTION_STATE]);
	return print_list(run, buffer_string(&path), "alerts", print_alerts);
}

/* ---- What people do ---- */

static int test_channel(struct command_run *run)
{
	BUFFER_AUTO struct buffer path = {0};
	json_t *reply;
	bool ok;

	if (run->operand_count != 2 || strpbrk(run->operands[1], "/?#%") != NULL)
		return command_usage(run, "test CHANNEL: which channel?");
	buffer_printf(&path, "/alerts/channels/%s/test", run->operands[1]);
	reply = command_call(run, "POST", buffer_string(&path), json_object());
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	ok = json_is_true(json_object_get(reply, "ok"));
	if (command_given(run, OPTION_JSON)) {
		command_print_json(reply);
	} else {
		command_print_text(reply, "text");
		putchar('\n');
		if (command_text(reply, "answer") != NULL &&
		    *command_text(reply, "answer") != '\0') {
			command_print_text(reply, "answer");
			putchar('\n');
		}
	}
	json_decref(reply);
	return ok ? COMMAND_DONE : COMMAND_NOT_DONE;
}

/* False after saying what is wrong. */
static bool read_until(struct command_run *run, char until[CLOCK_RFC3339_SIZE])
{
	const char *time = run->values[OPTION_UNTIL];
	int64_t seconds;

	if (time != NULL && format_parse_duration(time, &seconds))
		clock_rfc3339(clock_now() + seconds, until);
	else if (time != NULL && clock_parse_rfc3339(slice_of(time), &seconds))
		clock_rfc3339(seconds, until);
	else
		return command_usage(run, "silence needs --until: for how long (2h), or until when "
					  "(2026-11-22T08:00:00Z)") == COMMAND_DONE;
	return true;
}

static int silence(struct command_run *run)
{
	static const struct {
		enum command_option option;
		const char *member;
	} members[] = {{OPTION_KIND, "kind"}, {OPTION_KEY, "key"}, {OPTION_SEVERITY, "severity"},
	    {OPTION_REASON, "reason"}};
	char until[CLOCK_RFC3339_SIZE];
	json_t *body, *reply;

	if (run->operand_count != 1 || !command_given(run, OPTION_REASON))
		return command_usage(run, "silence needs --until TIME and --reason TEXT");
	if (!read_until(run, until))
		return COMMAND_USAGE;
	body = json_pack("{ss}", "until", until);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = run->values[members[i].option];

		if (text != NULL &&
		    json_object_set_new(body, members[i].member, json_string(text)) < 0) {
			json_decref(body);
			return command_usage(run, "%s is not UTF-8", members[i].member);
		}
	}
	reply = command_call(run, "POST", "/alerts/silences", body);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON))
		command_print_json(reply);
	else
		printf("Silence %lld.\n", (long long)command_integer(reply, "id"));
	json_decref(reply);
	return COMMAND_DONE;
}

static int unsilence(struct command_run *run)
{
	char path[64];
	uint64_t id;
	json_t *reply;

	if (run->operand_count != 2 || !slice_to_u64(slice_of(run->operands[1]), &id))
		return command_usage(run,
		    "unsilence ID: which? `postroom alerts silences%s` lists them",
		    command_where(run));
	snprintf(path, sizeof(path), "/alerts/silences/%llu", (unsigned long long)id);
	reply = command_call(run, "DELETE", path, NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	json_decref(reply);
	return COMMAND_DONE;
}

int command_alerts(struct command_run *run)
{
	const char *first = run->operand_count > 0 ? run->operands[0] : "";

	if (run->operand_count == 0)
		return watch_run(run, list_alerts);
	if (strcmp(first, "channels") == 0 && run->operand_count == 1)
		return print_list(run, "/alerts/channels", "channels", print_channels);
	if (strcmp(first, "silences") == 0 && run->operand_count == 1)
		return print_list(run, "/alerts/silences", "silences", print_silences);
	if (strcmp(first, "test") == 0)
		return test_channel(run);
	if (strcmp(first, "silence") == 0)
		return silence(run);
	if (strcmp(first, "unsilence") == 0)
		return unsilence(run);
	return command_usage(
	    run, "expected nothing, channels, test CHANNEL, silence, silences, or unsilence ID");
}
