/* Words about pauses, and which of them somebody means. */
#include "cli/pause_words.h"

#include <string.h>

void pause_words_setup(const struct command_run *run, const char *state, struct buffer *out)
{
	const char *where = command_where(run);

	if (strcmp(state, "none") == 0)
		buffer_printf(out,
		    "Postfix is not set up for pauses yet: `postroom pause setup%s` shows what "
		    "that writes, and asks.",
		    where);
	else if (strcmp(state, "changed") == 0)
		buffer_printf(out,
		    "Somebody has changed the lines of main.cf that pauses need: `postroom pause "
		    "setup%s` shows them.",
		    where);
	else
		buffer_printf(out,
		    "Pauses cannot be set up from here: `postroom pause setup%s` says why, and how "
		    "by hand.",
		    where);
}

bool pause_words_holds(const char *kind)
{
	return kind != NULL && (strcmp(kind, "sender") == 0 || strcmp(kind, "login") == 0);
}

static bool is_meant(const json_t *pause, const char *text)
{
	uint64_t id;
	const char *key = command_text(pause, "key");

	if (slice_to_u64(slice_of(text), &id))
		return command_integer(pause, "id") == (int64_t)id;
	return key != NULL && slice_equal_nocase(slice_of(key), slice_of(text));
}

json_t *pause_words_find(struct command_run *run, const char *text)
{
	json_t *reply = command_call(run, "GET", "/pauses", NULL), *found = NULL, *pause;
	size_t i, count = 0;

	if (reply == NULL)
		return NULL;
	json_array_foreach(json_object_get(reply, "pauses"), i, pause)
	{
		if (!is_meant(pause, text))
			continue;
		count++;
		if (found == NULL)
			found = json_incref(pause);
	}
	json_decref(reply);
	if (count == 1)
		return found;
	json_decref(found);
	if (count == 0)
		command_failed(run, "there is no pause %s; `postroom pauses%s` lists them", text,
		    command_where(run));
	else
		command_usage(run, "%zu pauses are of %s: say which by its number", count, text);
	return NULL;
}
