/* Asks for the job again and again until it rests, with a line of progress on a terminal. Then
 * prints counts, what went wrong, and how to undo. */
#include "cli/job_report.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/message_row.h"
#include "cli/safe_text.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "store/job_words.h"

/* The first look comes soon, for the many jobs that are small; later ones less often. */
#define WAIT_LEAST_MS 50
#define WAIT_MOST_MS 1000
/* Messages that people get to see; --json gives all. */
#define TROUBLE_MAX 20
#define CHOSEN_DEFAULT 100

/* In the order in which people want to hear of them. */
static const enum job_outcome outcomes[] = {JOB_ITEM_DONE, JOB_ITEM_HELD, JOB_ITEM_GONE,
    JOB_ITEM_CHANGED, JOB_ITEM_REFUSED, JOB_ITEM_UNKNOWN, JOB_ITEM_CANCELLED, JOB_ITEM_UNDONE,
    JOB_ITEM_STOPPED, JOB_ITEM_PLANNED, JOB_ITEM_SENT};
_Static_assert(sizeof(outcomes) / sizeof(outcomes[0]) == JOB_OUTCOMES, "each has its place");

/* A delete in its grace time has done what could be done now; only an undo is waited for beyond it.
 */
static bool has_ended(const json_t *job, bool past_grace)
{
	const char *state = command_text(job, "state");

	return state != NULL && strcmp(state, "planned") != 0 && strcmp(state, "running") != 0 &&
	       (!past_grace || strcmp(state, "grace") != 0);
}

static int64_t count_of(const json_t *job, enum job_outcome outcome)
{
	return command_integer(json_object_get(job, "counts"), job_outcome_name(outcome));
}

static void show_progress(const json_t *job)
{
	int64_t left = count_of(job, JOB_ITEM_PLANNED) + count_of(job, JOB_ITEM_SENT);
	int64_t total = command_integer(job, "total");
	double speed = json_number_value(json_object_get(job, "speed"));
	char text[FORMAT_SIZE], rest[FORMAT_SIZE + 40] = "";

	/* Lines that write over themselves are of no use in a file. */
	if (!isatty(STDERR_FILENO))
		return;
	if (json_is_integer(json_object_get(job, "seconds_left")) && speed > 0) {
		format_duration(command_integer(job, "seconds_left"), text);
		snprintf(rest, sizeof(rest), ", %.0f a second, %s left", speed, text);
	}
	fprintf(
	    stderr, "\r%lld of %lld%s\033[K", (long long)(total - left), (long long)total, rest);
}

/* poll(2) without descriptors is only the pause between two questions. */
json_t *job_report_wait(struct command_run *run, int64_t id, bool past_grace)
{
	char path[64];
	int wait = WAIT_LEAST_MS;
	bool shown = false;

	snprintf(path, sizeof(path), "/jobs/%lld", (long long)id);
	for (;;) {
		json_t *job = command_call(run, "GET", path, NULL);
		if (job == NULL || has_ended(job, past_grace)) {
			if (shown && isatty(STDERR_FILENO))
				fputs("\r\033[K", stderr);
			return job;
		}
		/* Most jobs end sooner, and a progress that flashes up only disturbs. */
		if (wait >= WAIT_MOST_MS / 4) {
			show_progress(job);
			shown = true;
		}
		json_decref(job);
		poll(NULL, 0, wait);
		/* Less and less often: a job of an hour must not be asked for twenty times a
		 * second. */
		wait = wait * 2 < WAIT_MOST_MS ? wait * 2 : WAIT_MOST_MS;
	}
}

/* "held" is what a delete with a grace time wants for now. */
static bool went_well(enum job_outcome outcome)
{
	return outcome == JOB_ITEM_DONE || outcome == JOB_ITEM_HELD || outcome == JOB_ITEM_UNDONE;
}

/* Calls `take` for each item (of one outcome and result, where given) until it says false. */
static bool each_item(struct command_run *run, int64_t id, const char *outcome, const char *result,
    bool (*take)(void *, const json_t *), void *context)
{
	MEMORY_AUTO char *after = NULL;
	bool more = true;

	do {
		BUFFER_AUTO struct buffer path = {0};
		json_t *page;
		json_t *item;
		const char *next;
		size_t i;
		buffer_printf(&path, "/jobs/%lld/items?limit=1000", (long long)id);
		client_query(&path, "outcome", outcome);
		client_query(&path, "result", result);
		client_query(&path, "after", after);
		page = command_call(run, "GET", buffer_string(&path), NULL);
		if (page == NULL)
			return false;
		json_array_foreach(json_object_get(page, "items"), i, item) more =
		    more && take(context, item);
		next = command_text(page, "next");
		free(after);
		after = next != NULL ? memory_strdup(next) : NULL;
		json_decref(page);
	} while (after != NULL && more);
	return true;
}

static bool print_item(void *context, const json_t *item)
{
	fields_print(context, item);
	return true;
}

static bool add_trouble(void *context, const json_t *item)
{
	struct table *table = context;

	table_cell(table, command_text(item, "id"));
	table_cell(table, command_text(item, "outcome"));
	table_cell(table, message_row_sender(item));
	table_cell(table, command_text(item, "detail"));
	return table_rows(table) < TROUBLE_MAX;
}

/* Outcomes of no message are left out: a line of zeros hides the number that counts. */
static void print_counts(const json_t *job)
{
	const char *separator = "";

	printf("Job %lld, ", (long long)command_integer(job, "id"));
	command_print_text(job, "action");
	printf(", ");
	command_print_text(job, "state");
	printf(": ");
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		int64_t count = count_of(job, outcomes[i]);

		if (count == 0)
			continue;
		printf("%s%lld ", separator, (long long)count);
		screen_marked(
		    colour_of_word(job_outcome_name(outcomes[i])), job_outcome_name(outcomes[i]));
		separator = ", ";
	}
	printf("%s\n", separator[0] == '\0' ? "no messages" : "");
}

/* What the mail log has told until now of what was tried. */
static void print_results(const json_t *job)
{
	static const char *const names[][2] = {{"delivered", "delivered"},
	    {"deferred", "deferred again"}, {"bounced", "bounced"}, {"unknown", "not known (yet)"}};
	const json_t *results = json_object_get(job, "results");
	BUFFER_AUTO struct buffer text = {0};

	if (!json_is_object(results) || count_of(job, JOB_ITEM_DONE) == 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int64_t count = command_integer(results, names[i][0]);
		if (count == 0)
			continue;
		buffer_printf(
		    &text, "%s%lld %s", text.len > 0 ? ", " : "", (long long)count, names[i][1]);
	}
	screen_say(2, "What became of them, by the mail log: %s", buffer_string(&text));
}

static void print_stops(const json_t *job)
{
	json_t *stop;
	size_t i;

	/* The reply is a stranger's text. */
	json_array_foreach(json_object_get(job, "stopped_destinations"), i, stop)
	{
		const char *destination = command_text(stop, "destination");
		const char *reply = command_text(stop, "reply");

		screen_say(2, "%s gave the same refusal again, %lld left untried: %s",
		    destination != NULL ? destination : "?",
		    (long long)command_integer(stop, "untried"), reply != NULL ? reply : "?");
	}
}

static void print_trouble(struct command_run *run, const json_t *job)
{
	static const struct table_column columns[] = {{"ID", false, 0},
	    {"OUTCOME", false, 0, .words = true}, {"SENDER", false, 12}, {"WHY", false, 20}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (!went_well(outcomes[i]) && count_of(job, outcomes[i]) > 0 &&
		    table_rows(table) < TROUBLE_MAX)
			each_item(run, command_integer(job, "id"), job_outcome_name(outcomes[i]),
			    NULL, add_trouble, table);
	if (table_rows(table) > 0)
		screen_table(table);
	table_destroy(&table);
}

struct chosen {
	struct table *table;
	uint64_t most;
	bool more;
};

/* The one behind the last only says that there are more. */
static bool add_chosen(void *context, const json_t *item)
{
	struct chosen *chosen = context;
	const char *result = command_text(item, "result"), *why = command_text(item, "detail");

	if (table_rows(chosen->table) == chosen->most) {
		chosen->more = true;
		return false;
	}
	table_cell(chosen->table, command_text(item, "id"));
	table_cell(chosen->table, command_text(item, "outcome"));
	table_cell(chosen->table, result != NULL ? result : "-");
	table_cell(chosen->table, message_row_sender(item));
	table_cell(chosen->table, why != NULL ? why : command_text(item, "reply"));
	return true;
}

/* The messages of one outcome or result, for people. */
static int print_chosen(struct command_run *run, int64_t id)
{
	static const struct table_column columns[] = {{"ID", false, 0},
	    {"OUTCOME", false, 0, .words = true}, {"RESULT", false, 0, .words = true},
	    {"SENDER", false, 12}, {"WHY", false, 20}};
	struct chosen chosen = {0};
	int status = COMMAND_DONE;

	if (!command_number(run, OPTION_LIMIT, CHOSEN_DEFAULT, SIZE_MAX, &chosen.most))
		return COMMAND_USAGE;
	if (chosen.most == 0)
		chosen.most = SIZE_MAX;
	chosen.table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	if (!each_item(run, id, run->values[OPTION_OUTCOME], run->values[OPTION_RESULT], add_chosen,
		&chosen))
		status = COMMAND_NOT_DONE;
	if (table_rows(chosen.table) > 0)
		screen_table(chosen.table);
	if (chosen.more)
		fprintf(stderr, "These are the first %llu; --limit 0 shows all.\n",
		    (unsigned long long)chosen.most);
	table_destroy(&chosen.table);
	return status;
}

/* How to take it back, where that can be done. */
static void print_undo(const struct command_run *run, const json_t *job)
{
	long long id = (long long)command_integer(job, "id");
	const char *action = command_text(job, "action");
	bool hold = action != NULL && strcmp(action, "hold") == 0;
	char until[FORMAT_SIZE];

	if (command_text(job, "undo_until") != NULL) {
		format_time(command_text(job, "undo_until"), until);
		screen_say(0,
		    "Held, and removed after %s. To bring all back: postroom jobs undo %lld%s",
		    until, id, command_where(run));
	} else if ((hold || (action != NULL && strcmp(action, "release") == 0)) &&
		   has_ended(job, true) && count_of(job, JOB_ITEM_DONE) > 0) {
		screen_say(0, "To %s: postroom jobs undo %lld%s",
		    hold ? "release them again" : "put them on hold again", id, command_where(run));
	}
}

/* A reload disturbs the queue for a moment (docs/POSTFIX.md, "When a release is safe"), so it is
 * told. */
static void print_reloads(const json_t *job)
{
	int64_t count = command_integer(job, "reloads");

	if (count > 0)
		screen_say(0,
		    "Postfix was reloaded %s: some were being delivered when they were held, and "
		    "it would have removed them.",
		    count == 1 ? "once" : "more than once");
}

/* The status is good only when every message ended as was asked. */
int job_report_print(struct command_run *run, const json_t *job)
{
	bool well = command_text(job, "problem") == NULL;
	struct fields fields;

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		well = well && (went_well(outcomes[i]) || count_of(job, outcomes[i]) == 0);
	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	if (fields.wanted) {
		fields_print_head(run, &fields);
		if (!each_item(run, command_integer(job, "id"), run->values[OPTION_OUTCOME],
			run->values[OPTION_RESULT], print_item, &fields))
			return COMMAND_NOT_DONE;
	} else if (command_given(run, OPTION_OUTCOME) || command_given(run, OPTION_RESULT)) {
		int status = print_chosen(run, command_integer(job, "id"));

		if (status != COMMAND_DONE)
			return status;
	} else {
		print_counts(job);
		print_results(job);
		print_stops(job);
		print_reloads(job);
		print_trouble(run, job);
		print_undo(run, job);
	}
	if (command_text(job, "problem") != NULL)
		command_failed(run, "%s", command_text(job, "problem"));
	return well ? COMMAND_DONE : COMMAND_NOT_DONE;
}
