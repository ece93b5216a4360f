/* Reads what postsuper(1) says on stderr, line by line. Its exit status is 0 for messages that it
 * did not find, so these lines are what proves an action (docs/POSTFIX.md, "postsuper"). What is
 * not known exactly counts as nothing done. */
#include "postfix/postsuper_output.h"

#include <string.h>

/* Both texts of each verb as Postfix 3.4 and later print them. "Deleted" is the summary of
 * "removed". */
static const struct {
	enum postsuper_output_verb verb;
	const char *each;
	const char *summary;
} VERBS[] = {
    {POSTSUPER_OUTPUT_REMOVED, "removed", "Deleted: "},
    {POSTSUPER_OUTPUT_REQUEUED, "requeued", "Requeued: "},
    {POSTSUPER_OUTPUT_HELD, "placed on hold", "Placed on hold: "},
    {POSTSUPER_OUTPUT_RELEASED, "released from hold", "Released from hold: "},
    {POSTSUPER_OUTPUT_EXPIRED, "expired", "Force-expired: "},
};
#define VERB_COUNT (sizeof(VERBS) / sizeof(VERBS[0]))

static bool take_prefix(struct slice *text, const char *prefix)
{
	if (!slice_starts_with(*text, prefix))
		return false;
	*text = slice_from(*text, strlen(prefix));
	return true;
}

/* "ID: verb" */
static bool parse_message(struct slice text, struct postsuper_output_line *out)
{
	ptrdiff_t colon = slice_find(text, SLICE(": "));
	struct slice id, verb;

	if (colon < 0)
		return false;
	id = slice_first(text, (size_t)colon);
	verb = slice_from(text, (size_t)colon + 2);
	/* Whatever else stands in front of a colon must not prove an action. */
	if (!queue_id_valid(id))
		return false;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (!slice_is(verb, VERBS[i].each))
			continue;
		out->kind = POSTSUPER_OUTPUT_MESSAGE;
		out->verb = VERBS[i].verb;
		out->id = id;
		return true;
	}
	return false;
}

/* "Deleted: 3 messages" */
static bool parse_summary(struct slice text, struct postsuper_output_line *out)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		struct slice rest = text, count;

		if (!take_prefix(&rest, VERBS[i].summary) || !slice_split(&rest, ' ', &count))
			continue;
		if (!slice_to_u64(count, &out->count) ||
		    !(slice_is(rest, "message") || slice_is(rest, "messages")))
			continue;
		out->kind = POSTSUPER_OUTPUT_SUMMARY;
		out->verb = VERBS[i].verb;
		return true;
	}
	return false;
}

/* A warning or an error, `text` behind its severity. */
static void parse_complaint(struct slice text, struct postsuper_output_line *out)
{
	out->kind = POSTSUPER_OUTPUT_WARNING;
	out->id = text;
	if (take_prefix(&out->id, "invalid mail queue id: "))
		out->kind = POSTSUPER_OUTPUT_INVALID_ID;
}

void postsuper_output_parse(struct slice line, struct postsuper_output_line *out)
{
	struct slice text = line;

	*out = (struct postsuper_output_line){.kind = POSTSUPER_OUTPUT_OTHER, .text = line};
	if (!take_prefix(&text, "postsuper: "))
		return;
	if (take_prefix(&text, "fatal: ") || take_prefix(&text, "panic: "))
		out->kind = POSTSUPER_OUTPUT_FATAL;
	else if (take_prefix(&text, "warning: ") || take_prefix(&text, "error: "))
		parse_complaint(text, out);
	else if (!parse_message(text, out))
		parse_summary(text, out);
	out->text = text;
}

static void end_line(struct postsuper_output_reader *r, postsuper_output_fn fn, void *context)
{
	struct postsuper_output_line line;

	postsuper_output_parse(buffer_slice(&r->pending), &line);
	/* The rest of a line that was cut must not be taken for one of its own. */
	if (r->overlong) {
		line.kind = POSTSUPER_OUTPUT_OTHER;
		line.text = buffer_slice(&r->pending);
	}
	if (r->pending.len > 0)
		fn(context, &line);
	buffer_clear(&r->pending);
}

void postsuper_output_feed(
    struct postsuper_output_reader *r, struct slice chunk, postsuper_output_fn fn, void *context)
{
	while (chunk.len > 0) {
		ptrdiff_t newline = slice_find_char(chunk, '\n');
		size_t len = newline < 0 ? chunk.len : (size_t)newline;
		size_t room = POSTSUPER_OUTPUT_LINE_MAX - r->pending.len;

		/* Given at once and not at its end: memory stays bounded whatever a command prints.
		 */
		if (len > room) {
			buffer_append(&r->pending, chunk.data, room);
			chunk = slice_from(chunk, room);
			r->overlong = true;
			end_line(r, fn, context);
			continue;
		}
		buffer_append(&r->pending, chunk.data, len);
		chunk = slice_from(chunk, len);
		if (newline < 0)
			return;
		chunk = slice_from(chunk, 1);
		end_line(r, fn, context);
		r->overlong = false;
	}
}

void postsuper_output_finish(
    struct postsuper_output_reader *r, postsuper_output_fn fn, void *context)
{
	end_line(r, fn, context);
	r->overlong = false;
}
