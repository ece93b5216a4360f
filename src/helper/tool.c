/* Runs one command of Postfix and gathers what it says. */
#include "helper/tool.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "helper/child.h"
#include "helper/qmgr.h"

/* `postfix reload` looks at every active message first. */
#define TOOL_DEADLINE_MS 120000
/* `postmap -s` of a large table; what is longer is cut. */
#define TOOL_OUTPUT_MAX ((size_t)2 << 20)

struct tool {
	struct helper *helper;
	tool_done *done;
	void *context;
	struct buffer streams[3]; /* by stream number */
	struct loop_watch *later; /* it could not be started: said after the call that asked */
};

static void finish(struct tool *tool, const struct tool_said *end)
{
	struct tool_said said = *end;

	said.out = buffer_slice(&tool->streams[1]);
	said.err = buffer_slice(&tool->streams[2]);
	tool->helper->tools--;
	tool->done(tool->context, &said);
	buffer_free(&tool->streams[1]);
	buffer_free(&tool->streams[2]);
	free(tool);
}

static void on_output(void *context, uint8_t stream, struct slice bytes)
{
	struct tool *tool = context;

	buffer_append_slice(&tool->streams[stream], bytes);
}

static void on_done(void *context, const struct helper_exit *end)
{
	bool ended = end->signal == 0 && !end->deadline;

	finish(context, &(struct tool_said){.ok = ended && end->status == 0 && !end->cut,
			    .ended = ended,
			    .status = end->status});
}

static void on_later(void *context, short revents)
{
	struct tool *tool = context;

	loop_remove(&tool->later);
	finish(tool, &(struct tool_said){.status = -1});
}

static struct tool *create(struct helper *helper, tool_done *done, void *context)
{
	struct tool *tool = memory_zero(1, sizeof(*tool));

	*tool = (struct tool){.helper = helper, .done = done, .context = context};
	helper->tools++;
	return tool;
}

/* After the call that asks, as an outcome always comes. */
static void fail_later(struct tool *tool, const char *text)
{
	buffer_append_string(&tool->streams[2], text);
	tool->later = loop_add(tool->helper->loop, -1, 0, on_later, tool);
	loop_deadline(tool->later, clock_monotonic_ms());
}

void tool_run(struct helper *helper, const struct command_words *words, struct slice input,
    tool_done *done, void *context)
{
	static const struct child_events events = {on_output, on_done};
	struct child_plan plan = {.argv = words->items,
	    .input = input,
	    .output_fd = -1,
	    .extra_fd = -1,
	    .deadline_ms = TOOL_DEADLINE_MS,
	    .output_max = TOOL_OUTPUT_MAX};
	struct tool *tool = create(helper, done, context);
	struct error err;

	if (words->count > 0 && child_start(helper->loop, &plan, &events, tool, &err) != NULL)
		return;
	fail_later(tool, words->count > 0 ? err.text : "Postfix's commands were not found");
}

void tool_run_words(struct helper *helper, const char *program, const char *const *words,
    struct slice input, tool_done *done, void *context)
{
	COMMAND_WORDS_AUTO struct command_words all = {0};

	if (strcmp(words[0], "reload") == 0 && qmgr_is_elsewhere(&helper->config)) {
		fail_later(create(helper, done, context), QMGR_ELSEWHERE);
		return;
	}
	if (command_begin(&all, &helper->config, program, NULL))
		for (size_t i = 0; words[i] != NULL; i++)
			command_words_add(&all, words[i]);
	else
		command_words_free(&all);
	tool_run(helper, &all, input, done, context);
}

void tool_explain(
    const struct tool_said *said, const char *what, struct error *err, const char *code)
{
	struct slice rest = said->err, line = SLICE("");

	/* postmap says which table it is about, postconf what it cannot write: the first line is
	 * the cause. */
	while (line.len == 0 && slice_split(&rest, '\n', &line))
		line = slice_trim(line);
	if (line.len > 0)
		error_set(
		    err, code, "%s: %.*s", what, line.len < 300 ? (int)line.len : 300, line.data);
	else if (!said->ended)
		error_set(err, code, "%s took too long, or was ended by a signal", what);
	else
		error_set(err, code, "%s ended with status %d", what, said->status);
}
