/* postroom retry, hold, release, requeue, delete, bounce: the selection, its preview, the prompt,
 * the job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/ids.h"
#include "cli/job_report.h"
#include "cli/message_row.h"
#include "cli/screen.h"
#include "store/job_words.h"

/* Groups of the preview that people get to see. */
#define GROUPS_SHOWN 5
/* Messages a minute to each destination; the service takes no more. */
#define RATE_MAX 60000

/* What people call it while they are asked: before and after "7 messages". */
static const struct {
	const char *before;
	const char *after;
} prompts[] = {
    [JOB_RETRY] = {"Try to deliver", " now"},
    [JOB_HOLD] = {"Put", " on hold"},
    [JOB_RELEASE] = {"Release", " from hold"},
    [JOB_REQUEUE] = {"Put", " into the queue again as new"},
    [JOB_DELETE] = {"Delete", " without telling the sender"},
    [JOB_BOUNCE] = {"Return", " to the sender"},
};

/* The filter frozen into exact messages. */
static json_t *select_view(struct command_run *run)
{
	MEMORY_AUTO char *filter = command_filter(run);
	json_t *body = json_pack("{s:s?}", "filter", filter);
	json_t *view;
	json_t *selection;

	if (body == NULL) {
		command_usage(run, "the filter is not UTF-8");
		return NULL;
	}
	view = command_call(run, "POST", "/views", body);
	if (view == NULL)
		return NULL;
	if (command_integer(view, "matched") == 0) {
		command_failed(run, "nothing matched");
		json_decref(view);
		return NULL;
	}
	selection = json_object();
	json_object_set(selection, "view", json_object_get(view, "id"));
	json_decref(view);
	return selection;
}

static json_t *make_selection(struct command_run *run)
{
	json_t *ids;

	switch (ids_take(run, &ids)) {
	case IDS_SOME:
		return json_pack("{s:o}", "ids", ids);
	case IDS_NONE:
		return select_view(run);
	case IDS_WRONG:
	default:
		return NULL;
	}
}

/* What a preview and a job have in common. False after saying what is wrong. */
static bool add_options(struct command_run *run, json_t *request, bool job)
{
	const char *undo = run->values[OPTION_UNDO];
	const char *rate = run->values[OPTION_RATE];
	int64_t seconds;

	if (undo != NULL) {
		if (!format_parse_duration(undo, &seconds))
			return command_usage(run, "--undo %s: expected a time such as 10m", undo) ==
			       COMMAND_DONE;
		json_object_set_new(request, "undo_seconds", json_integer(seconds));
	}
	if (job && rate != NULL) {
		uint64_t value;

		if (!slice_to_u64(slice_of(rate), &value) || value < 1 || value > RATE_MAX)
			return command_usage(run, "--rate %s: expected messages a minute, 1 to %d",
				   rate, RATE_MAX) == COMMAND_DONE;
		json_object_set_new(request, "rate", json_integer((json_int_t)value));
	}
	if (job && command_given(run, OPTION_NO_RELOAD))
		json_object_set_new(request, "no_reload", json_true());
	if (job && command_given(run, OPTION_NOTE) &&
	    json_object_set_new(request, "note", json_string(run->values[OPTION_NOTE])) < 0)
		return command_usage(run, "the note is not UTF-8") == COMMAND_DONE;
	return true;
}

/* Where the second column of a preview begins. */
#define PREVIEW_LEFT 20

static void print_groups(const json_t *preview, const char *by, const char *title)
{
	json_t *groups = json_object_get(json_object_get(preview, "groups"), by);
	BUFFER_AUTO struct buffer text = {0};
	size_t count = json_array_size(groups), i;
	json_t *group;

	if (count == 0)
		return;
	json_array_foreach(groups, i, group)
	{
		const char *key = command_text(group, "key");

		if (i < GROUPS_SHOWN)
			buffer_printf(&text, "%s%lld %s", i > 0 ? ", " : "",
			    (long long)command_integer(group, "messages"),
			    key == NULL	     ? "(not known)"
			    : key[0] == '\0' ? "<>"
					     : key);
	}
	printf("  %-18s", title);
	screen_say(PREVIEW_LEFT, "%s%s", buffer_string(&text), count > GROUPS_SHOWN ? ", ..." : "");
}

/* Which of the IDs given are not in the queue: a slip of the pen is seen before the answer. */
static void print_missing(const json_t *preview)
{
	const json_t *missing = json_object_get(preview, "not_found");
	BUFFER_AUTO struct buffer text = {0};
	size_t count = json_array_size(missing);

	if (count == 0)
		return;
	for (size_t i = 0; i < count && i < GROUPS_SHOWN; i++) {
		const char *id = json_string_value(json_array_get(missing, i));

		buffer_printf(&text, "%s%s", i > 0 ? ", " : "", id != NULL ? id : "?");
	}
	printf("  %-18s", "not in the queue");
	screen_say(PREVIEW_LEFT, "%s%s", buffer_string(&text), count > GROUPS_SHOWN ? ", ..." : "");
}

/* Which command of Postfix does it: several run one after the other. */
static void print_commands(const json_t *preview)
{
	const json_t *commands = json_object_get(preview, "commands");
	BUFFER_AUTO struct buffer text = {0};
	size_t i;
	json_t *command;

	json_array_foreach(commands, i, command) if (json_is_string(command))
	    buffer_printf(&text, "%s%s", i > 0 ? ", then " : "", json_string_value(command));
	if (i == 0)
		return;
	printf("  %-18s", "runs");
	screen_say(PREVIEW_LEFT, "%s", buffer_string(&text));
}

/* Said before the question: people should know that they can come back from it. */
static void print_grace(const struct command_run *run, const json_t *preview)
{
	int64_t seconds = command_integer(preview, "undo_seconds");
	char grace[FORMAT_SIZE];

	if (seconds <= 0)
		return;
	format_duration(seconds, grace);
	printf("  %-18s", "held now, removed");
	screen_say(PREVIEW_LEFT, "%s later; until then `postroom jobs undo%s` brings all back",
	    grace, command_where(run));
}

/* The order in which people decide: how much, whose, where to, and then what to mind. */
static void print_preview(const struct command_run *run, const json_t *preview)
{
	char size[FORMAT_SIZE];
	int64_t messages = command_integer(preview, "matched");
	int64_t recipients = command_integer(preview, "recipients");

	format_bytes(command_integer(preview, "bytes"), size);
	command_print_text(preview, "action");
	printf(": %lld message%s, %lld recipient%s, %s\n", (long long)messages,
	    messages == 1 ? "" : "s", (long long)recipients, recipients == 1 ? "" : "s", size);
	print_groups(preview, "queue", "queues");
	print_groups(preview, "sender", "senders");
	print_groups(preview, "recipient_domain", "domains");
	print_missing(preview);
	print_commands(preview);
	print_grace(run, preview);
	command_print_warnings(preview, 2);
}

/* The words of the question name the action itself: "Delete 3 messages without telling the sender?"
 * is hard to mistake. */
static bool agreed(const json_t *preview)
{
	const char *text = command_text(preview, "action");
	long long count = (long long)command_integer(preview, "possible");
	enum job_action action;
	char prompt[128];

	if (text == NULL || !job_action_parse(slice_of(text), &action))
		return false;
	snprintf(prompt, sizeof(prompt), "%s %lld message%s%s?", prompts[action].before, count,
	    count == 1 ? "" : "s", prompts[action].after);
	/* The number of those that the action is possible for, not of all that matched. */
	return command_confirm(prompt);
}

/* The job; NULL after saying why there is none. Where somebody said yes to `preview` and much has
 * moved since, nothing is said and *outdated is set. `preview` NULL: nobody was asked. */
static json_t *make_job(
    struct command_run *run, const json_t *selection, const json_t *preview, bool *outdated)
{
	json_t *request = json_deep_copy(selection), *job;
	struct error err;
	struct client *client = command_client(run, &err);

	*outdated = false;
	if (client == NULL || !add_options(run, request, true)) {
		json_decref(request);
		if (client == NULL)
			command_refused(run, &err);
		return NULL;
	}
	/* Whoever gave --yes was not asked, so no answer of his can be outdated. */
	if (preview != NULL)
		json_object_set(request, "seen", json_object_get(preview, "seen"));
	job = client_call(client, "POST", "/jobs", request, &err);
	*outdated = job == NULL && strcmp(err.code, "preview_outdated") == 0;
	if (job == NULL && !*outdated)
		command_refused(run, &err);
	return job;
}

/* Waits for the end unless told otherwise: a script wants to know whether it was done. */
static int report_job(struct command_run *run, json_t *job)
{
	int64_t id = command_integer(job, "id");
	json_t *ended;
	int status = COMMAND_DONE;

	if (!command_given(run, OPTION_NO_WAIT)) {
		ended = job_report_wait(run, id, false);
		status = ended == NULL ? COMMAND_NOT_DONE : job_report_print(run, ended);
		json_decref(ended);
	} else if (command_given(run, OPTION_JSON)) {
		command_print_json(job);
	} else {
		printf("Job %lld\n", (long long)id);
	}
	return status;
}

static json_t *get_preview(struct command_run *run, const json_t *selection)
{
	json_t *request = json_deep_copy(selection);

	if (!add_options(run, request, false)) {
		json_decref(request);
		return NULL;
	}
	return command_call(run, "POST", "/previews", request);
}

/* What was shown, what was asked, and what came of it. *again: much moved while somebody thought
 * about it. */
static int ask_and_run(
    struct command_run *run, const json_t *selection, const json_t *preview, bool *again)
{
	bool ask = !command_given(run, OPTION_YES);
	json_t *job;
	int status;

	/* IDs that are not in the queue may still be somewhere: then the job looks for them. */
	if (ask && command_integer(preview, "possible") == 0 &&
	    json_array_size(json_object_get(preview, "not_found")) == 0)
		return command_failed(run, "nothing to do");
	if (ask && !agreed(preview))
		return command_failed(run, "nothing was done");
	job = make_job(run, selection, ask ? preview : NULL, again);
	status = job == NULL ? COMMAND_NOT_DONE : report_job(run, job);
	json_decref(job);
	return status;
}

static int preview_and_run(struct command_run *run, json_t *selection)
{
	bool json = command_given(run, OPTION_JSON), dry = command_given(run, OPTION_DRY_RUN);
	bool again;
	int status;

	do {
		json_t *preview = get_preview(run, selection);
		if (preview == NULL)
			return COMMAND_NOT_DONE;
		again = false;
		/* With --json the output is for programs: the preview is only printed for
		 * --dry-run. */
		if (!json) {
			command_warn(run);
			print_preview(run, preview);
		} else if (dry)
			command_print_json(preview);
		if (dry)
			status = command_integer(preview, "matched") > 0 ? COMMAND_DONE
									 : COMMAND_NOT_DONE;
		else
			status = ask_and_run(run, selection, preview, &again);
		json_decref(preview);
		if (again)
			fprintf(
			    stderr, "Much has moved in the queue since. This is how it is now:\n");
		/* Asked again with the new numbers: a yes counts for what was shown, and for
		 * nothing else.
		 */
	} while (again);
	return status;
}

/* Wrong usage is said before anything is asked of the service. */
static bool options_are_right(struct command_run *run)
{
	json_t *request = json_object();
	bool right = add_options(run, request, true);

	json_decref(request);
	return right;
}

/* A script that forgot --yes must not hang at a question that nobody sees. */
bool command_may_act(struct command_run *run)
{
	if (command_given(run, OPTION_YES) || command_given(run, OPTION_DRY_RUN) ||
	    command_terminal())
		return true;
	command_usage(run, "without a terminal to ask at, give --yes or --dry-run");
	return false;
}

/* For `jobs undo` too, which acts on what another job did. */
int command_act_on(struct command_run *run, const char *action, json_t *selection)
{
	int status;

	json_object_set_new(selection, "action", json_string(action));
	status = preview_and_run(run, selection);
	json_decref(selection);
	return status;
}

int command_act(struct command_run *run)
{
	json_t *selection;

	/* No filter means everything, and nobody should say that by forgetting something. */
	if (run->operand_count == 0 && !command_given(run, OPTION_ALL))
		return command_usage(run, "which messages? Give a filter or queue IDs, or --all");
	if (run->operand_count > 0 && command_given(run, OPTION_ALL))
		return command_usage(run, "--all and a filter or IDs exclude each other");
	if (!command_may_act(run) || !options_are_right(run))
		return COMMAND_USAGE;
	selection = make_selection(run);
	return selection == NULL ? COMMAND_NOT_DONE
				 : command_act_on(run, run->command->name, selection);
}
