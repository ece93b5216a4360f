/* postroom jobs */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/job_report.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/watch.h"
#include "store/job_words.h"

/* `state` of GET /jobs. */
#define JOB_STATES "open planned running grace done cancelled undone"
#define JOBS_DEFAULT 20
#define JOBS_MAX 200

static const struct table_column columns[] = {
    {"JOB", true, 0},
    {"ACTION", false, 0},
    {"STATE", false, 0, .words = true},
    {"CREATED", false, 0},
    {"BY", false, 8, 2},
    {"TOTAL", true, 0},
    {"DONE", true, 0},
    {"HELD", true, 0, 1},
    {"NOT DONE", true, 0},
    {"FILTER", false, 10},
};

static bool parse_id(const char *text, int64_t *id)
{
	uint64_t value;

	if (!slice_to_u64(slice_of(text), &value) || value == 0 || value > INT64_MAX)
		return false;
	*id = (int64_t)value;
	return true;
}

static void add_row(struct table *table, const json_t *job)
{
	json_t *counts = json_object_get(job, "counts");
	int64_t done = command_integer(counts, job_outcome_name(JOB_ITEM_DONE));
	int64_t held = command_integer(counts, job_outcome_name(JOB_ITEM_HELD));
	char text[FORMAT_SIZE];

	table_cell_number(table, command_integer(job, "id"));
	table_cell(table, command_text(job, "action"));
	table_cell(table, command_text(job, "state"));
	format_time(command_text(job, "created"), text);
	table_cell(table, text);
	table_cell(table, command_text(job, "by"));
	table_cell_number(table, command_integer(job, "total"));
	table_cell_number(table, done);
	table_cell_number(table, held);
	table_cell_number(table, command_integer(job, "total") - done - held);
	table_cell(
	    table, command_text(job, "filter") != NULL ? command_text(job, "filter") : "(by ID)");
}

static int list_jobs(struct command_run *run)
{
	BUFFER_AUTO struct buffer path = {0};
	char limit[32];
	struct fields fields;
	uint64_t most;
	json_t *reply;
	struct table *table;
	size_t i;
	json_t *job;

	if (!fields_take(run, &fields) ||
	    !command_number(run, OPTION_LIMIT, JOBS_DEFAULT, JOBS_MAX, &most) ||
	    (command_given(run, OPTION_STATE) &&
		!command_one_of(run, "state", run->values[OPTION_STATE], JOB_STATES)))
		return COMMAND_USAGE;
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)(most == 0 ? JOBS_MAX : most));
	buffer_append_string(&path, "/jobs");
	client_query(&path, "limit", limit);
	client_query(&path, "state", run->values[OPTION_STATE]);
	reply = command_call(run, "GET", buffer_string(&path), NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_list(run, &fields, json_object_get(reply, "jobs"));
	} else {
		table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
		json_array_foreach(json_object_get(reply, "jobs"), i, job) add_row(table, job);
		screen_table(table);
		table_destroy(&table);
	}
	json_decref(reply);
	return COMMAND_DONE;
}

static int show_job(struct command_run *run)
{
	struct fields fields;
	char path[64];
	int64_t id;
	json_t *job;

	/* Wrong usage is said before anything is asked. */
	if (!parse_id(run->operands[0], &id) || !fields_take(run, &fields))
		return COMMAND_USAGE;
	snprintf(path, sizeof(path), "/jobs/%lld", (long long)id);
	job = command_call(run, "GET", path, NULL);
	if (job == NULL)
		return COMMAND_NOT_DONE;
	/* Looking is done even where the job did not go well. */
	job_report_print(run, job);
	json_decref(job);
	return COMMAND_DONE;
}

/* A delete in its grace time is undone by itself; what a hold or release did, by its opposite. NULL
 * for the first. */
static const char *opposite(const json_t *job)
{
	const char *text = command_text(job, "action");
	enum job_action action;

	if (text == NULL || !job_action_parse(slice_of(text), &action))
		return NULL;
	return action == JOB_HOLD      ? job_action_name(JOB_RELEASE)
	       : action == JOB_RELEASE ? job_action_name(JOB_HOLD)
				       : NULL;
}

/* A job under way goes on to where it can stop, so the end is waited for. */
static int end_job(struct command_run *run, const char *verb, int64_t id)
{
	char path[64];
	json_t *job;
	int status;

	snprintf(path, sizeof(path), "/jobs/%lld/%s", (long long)id, verb);
	job = command_call(run, "POST", path, NULL);
	if (job == NULL)
		return COMMAND_NOT_DONE;
	if (!command_given(run, OPTION_NO_WAIT)) {
		json_decref(job);
		job = job_report_wait(run, id, strcmp(verb, "undo") == 0);
	}
	if (job == NULL)
		return COMMAND_NOT_DONE;
	status = job_report_print(run, job);
	json_decref(job);
	/* A cancelled job has messages that were not done: that is what was asked for. */
	return strcmp(verb, "cancel") == 0 ? COMMAND_DONE : status;
}

static int undo_job(struct command_run *run, int64_t id)
{
	char path[64];
	const char *action;
	json_t *job;
	int status;

	snprintf(path, sizeof(path), "/jobs/%lld", (long long)id);
	job = command_call(run, "GET", path, NULL);
	if (job == NULL)
		return COMMAND_NOT_DONE;
	action = opposite(job);
	if (action == NULL)
		status = end_job(run, "undo", id);
	else if (command_integer(json_object_get(job, "counts"), job_outcome_name(JOB_ITEM_DONE)) ==
		 0)
		status = command_failed(
		    run, "job %lld did nothing that could be taken back", (long long)id);
	/* An undo by the opposite action is a job of its own, and asked about like any other. */
	else if (!command_may_act(run))
		status = COMMAND_USAGE;
	else
		status = command_act_on(run, action, json_pack("{sI}", "undoes", (json_int_t)id));
	json_decref(job);
	return status;
}

/* By what stands there: nothing, a number, or a verb with a number. */
int command_jobs(struct command_run *run)
{
	int64_t id;

	if (run->operand_count == 0)
		return watch_run(run, list_jobs);
	if (run->operand_count == 1 && parse_id(run->operands[0], &id))
		return watch_run(run, show_job);
	if (run->operand_count == 2 && parse_id(run->operands[1], &id)) {
		if (strcmp(run->operands[0], "cancel") == 0)
			return end_job(run, "cancel", id);
		if (strcmp(run->operands[0], "undo") == 0)
			return undo_job(run, id);
	}
	return command_usage(run, "expected a job's number, `cancel NUMBER` or `undo NUMBER`");
}
