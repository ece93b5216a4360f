/* postroom probe: begins a test of a destination or of our own address, and shows its steps as they
 * are done. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/fields.h"
#include "cli/safe_text.h"
#include "cli/screen.h"

/* Between two looks: most steps take longer. */
#define LOOK_MS 200
/* Columns of an outcome. */
#define OUTCOME ((size_t)8)

/* A reply of several lines, each behind a mark: it is what the other side said. */
static void print_answer(const char *answer)
{
	struct slice rest = slice_of(answer), line;

	while (slice_split(&rest, '\n', &line)) {
		printf("%*s | ", (int)OUTCOME, "");
		screen_say(OUTCOME + 3, "%.*s", SLICE_ARGS(line));
	}
}

static void print_step(const json_t *step)
{
	const char *outcome = command_text(step, "outcome"), *text = command_text(step, "text");
	BUFFER_AUTO struct buffer safe = {0};

	safe_text_append(&safe, slice_of(outcome != NULL ? outcome : "?"));
	screen_marked(colour_of_word(outcome), buffer_string(&safe));
	printf("%*s ", safe.len < OUTCOME ? (int)(OUTCOME - safe.len) : 0, "");
	command_print_text(step, "name");
	if (command_text(step, "host") != NULL) {
		putchar(' ');
		command_print_text(step, "host");
	}
	if (command_integer(step, "took_ms") > 0)
		printf(" (%lld ms)", (long long)command_integer(step, "took_ms"));
	printf("\n%*s ", (int)OUTCOME, "");
	screen_text(OUTCOME + 1, text != NULL ? text : "?");
	if (command_text(step, "answer") != NULL)
		print_answer(command_text(step, "answer"));
	/* Each when it is done, also into a pipe. */
	fflush(stdout);
}

static bool is(const json_t *object, const char *member, const char *word)
{
	const char *text = command_text(object, member);

	return text != NULL && strcmp(text, word) == 0;
}

/* Steps are only ever added. */
static void print_new_steps(const json_t *probe, size_t *shown)
{
	const json_t *steps = json_object_get(probe, "steps");

	while (*shown < json_array_size(steps))
		print_step(json_array_get(steps, (*shown)++));
}

/* To its end. NULL after saying why not. */
static json_t *follow(struct command_run *run, json_t *probe, bool steps)
{
	char path[64];
	size_t shown = 0;

	snprintf(path, sizeof(path), "/probes/%lld", (long long)command_integer(probe, "id"));
	for (;;) {
		if (steps)
			print_new_steps(probe, &shown);
		if (!is(probe, "state", "running"))
			return probe;
		json_decref(probe);
		poll(NULL, 0, LOOK_MS);
		probe = command_call(run, "GET", path, NULL);
		if (probe == NULL)
			return NULL;
	}
}

static bool has_bad_step(const json_t *probe)
{
	size_t i;
	json_t *step;

	json_array_foreach(json_object_get(probe, "steps"), i, step)
	{
		if (is(step, "outcome", "bad"))
			return true;
	}
	return false;
}

/* What is asked for; NULL after saying what is wrong. */
static json_t *question(struct command_run *run)
{
	bool own = command_given(run, OPTION_OWN);
	json_t *body;

	if (run->operand_count > 1 || (!own && run->operand_count == 0)) {
		command_usage(run, "expected a domain, or --own and perhaps our address");
		return NULL;
	}
	body = json_pack("{ss}", "kind", own ? "own_address" : "destination");
	if (run->operand_count == 1)
		json_object_set_new(
		    body, own ? "address" : "domain", json_string(run->operands[0]));
	return body;
}

int command_probe(struct command_run *run)
{
	struct fields fields;
	json_t *body, *probe;
	int status;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	body = question(run);
	if (body == NULL)
		return COMMAND_USAGE;
	/* Each step is looked at when it is done. */
	screen_unpage();
	probe = command_call(run, "POST", "/probes", body);
	if (probe != NULL)
		probe = follow(run, probe, !fields.wanted);
	if (probe == NULL)
		return COMMAND_NOT_DONE;
	status =
	    is(probe, "state", "done") && !has_bad_step(probe) ? COMMAND_DONE : COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_head(run, &fields);
		fields_print(&fields, probe);
	} else {
		putchar('\n');
		screen_say(0, "%s",
		    command_text(probe, "summary") != NULL ? command_text(probe, "summary") : "?");
	}
	json_decref(probe);
	return status;
}
