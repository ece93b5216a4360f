/* Headers come decoded as JSON; body, parts and source as bytes, which are passed on as they come.
 */
#include "cli/show_content.h"

#include <stdio.h>
#include <string.h>

#include "cli/safe_text.h"
#include "cli/screen.h"

/* A line that is longer is cut into several on a terminal. */
#define LINE_MAX_BYTES ((size_t)64 << 10)
#define PART_MAX 9999

static const enum command_option wishes[] = {OPTION_HEADERS, OPTION_BODY, OPTION_RAW, OPTION_PART};
#define WISHES (sizeof(wishes) / sizeof(wishes[0]))

bool show_content_wanted(const struct command_run *run)
{
	for (size_t i = 0; i < WISHES; i++)
		if (command_given(run, wishes[i]))
			return true;
	return false;
}

/* ---- Bytes ---- */

/* For a terminal: line by line, so that no character is cut in two. */
static void print_safe_line(struct slice line)
{
	BUFFER_AUTO struct buffer safe = {0};
	struct slice part;

	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	/* A tab is the one control character that only moves on. */
	for (size_t i = 0; slice_split(&line, '\t', &part); i++) {
		if (i > 0)
			buffer_append_string(&safe, "        ");
		safe_text_append(&safe, part);
	}
	buffer_append_char(&safe, '\n');
	fwrite(safe.data, 1, safe.len, stdout);
}

static bool take_for_terminal(void *context, struct slice bytes)
{
	struct buffer *waiting = context;
	ptrdiff_t end;

	buffer_append_slice(waiting, bytes);
	while ((end = slice_find_char(buffer_slice(waiting), '\n')) >= 0 ||
	       waiting->len > LINE_MAX_BYTES) {
		size_t len = end >= 0 ? (size_t)end : LINE_MAX_BYTES;

		print_safe_line(slice_first(buffer_slice(waiting), len));
		buffer_consume(waiting, len + (end >= 0));
	}
	return true;
}

static bool take_for_pipe(void *context, struct slice bytes)
{
	(void)context;
	return fwrite(bytes.data, 1, bytes.len, stdout) == bytes.len;
}

/* The path below /messages/ID, as text for a terminal, else as it is. */
static int print_bytes(struct command_run *run, const char *id, const char *below, bool text)
{
	BUFFER_AUTO struct buffer path = {0}, waiting = {0};
	bool terminal = screen_is_terminal(), done;
	struct error err;
	struct client *client = command_client(run, &err);

	if (client == NULL)
		return command_refused(run, &err);
	buffer_printf(&path, "/messages/%s/%s", id, below);
	client_query(&path, "as", terminal || text ? "text" : "download");
	done = client_fetch(client, buffer_string(&path),
	    terminal ? take_for_terminal : take_for_pipe, &waiting, &err);
	if (waiting.len > 0)
		print_safe_line(buffer_slice(&waiting));
	/* A full disk is said at the end, as for every command. */
	if (done || ferror(stdout))
		return COMMAND_DONE;
	return command_refused(run, &err);
}

/* ---- What the service has decoded ---- */

static json_t *get_content(struct command_run *run, const char *id)
{
	BUFFER_AUTO struct buffer path = {0};

	buffer_printf(&path, "/messages/%s/content", id);
	return command_call(run, "GET", buffer_string(&path), NULL);
}

static void print_notes(const json_t *content)
{
	size_t i;
	json_t *note;

	json_array_foreach(json_object_get(content, "notes"), i, note)
	{
		const char *text = command_text(note, "text");

		fputs("! ", stdout);
		screen_text(2, text != NULL ? text : "?");
	}
}

static void print_headers(const json_t *content)
{
	size_t i;
	json_t *header;

	json_array_foreach(json_object_get(content, "headers"), i, header)
	{
		const char *value = command_text(header, "value");
		BUFFER_AUTO struct buffer name = {0};

		safe_text_append(&name,
		    slice_of(
			command_text(header, "name") != NULL ? command_text(header, "name") : "?"));
		screen_marked(MARK_TITLE, buffer_string(&name));
		fputs(": ", stdout);
		screen_text(safe_text_width(buffer_slice(&name)) + 2, value != NULL ? value : "");
	}
	print_notes(content);
}

static int show_headers(struct command_run *run, const char *id)
{
	json_t *content = get_content(run, id);

	if (content == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON))
		command_print_json(content);
	else
		print_headers(content);
	json_decref(content);
	return COMMAND_DONE;
}

static bool is(const json_t *object, const char *member, const char *word)
{
	const char *text = command_text(object, member);

	return text != NULL && strcmp(text, word) == 0;
}

/* The first part of this kind that is no attachment; -1: there is none. */
static int64_t find_part(const json_t *content, const char *kind)
{
	size_t i;
	json_t *part;

	json_array_foreach(json_object_get(content, "parts"), i, part)
	{
		if (is(part, "kind", kind) && is(part, "disposition", "inline"))
			return command_integer(part, "n");
	}
	return -1;
}

static int show_body(struct command_run *run, const char *id)
{
	json_t *content = get_content(run, id);
	char below[40];
	int64_t number;

	if (content == NULL)
		return COMMAND_NOT_DONE;
	number = find_part(content, "text");
	if (number < 0) {
		number = find_part(content, "html");
		if (number >= 0)
			fprintf(stderr, "postroom show: it has no plain text; this is the source "
					"of its HTML\n");
	}
	json_decref(content);
	if (number < 0)
		return command_failed(run, "it has no text; --headers --json lists its parts");
	snprintf(below, sizeof(below), "parts/%lld", (long long)number);
	return print_bytes(run, id, below, true);
}

int show_content(struct command_run *run, const char *id)
{
	uint64_t part;
	size_t given = 0;
	char below[40];

	for (size_t i = 0; i < WISHES; i++)
		given += command_given(run, wishes[i]);
	if (given > 1)
		return command_usage(run, "--headers, --body, --raw and --part exclude each other");
	if (command_given(run, OPTION_CSV) || command_given(run, OPTION_FIELDS) ||
	    (command_given(run, OPTION_JSON) && !command_given(run, OPTION_HEADERS)))
		return command_usage(run, "of these, only --headers goes with --json");
	if (!command_number(run, OPTION_PART, 0, PART_MAX, &part))
		return COMMAND_USAGE;
	if (command_given(run, OPTION_HEADERS))
		return show_headers(run, id);
	if (command_given(run, OPTION_BODY))
		return show_body(run, id);
	if (command_given(run, OPTION_RAW))
		return print_bytes(run, id, "raw", false);
	snprintf(below, sizeof(below), "parts/%llu", (unsigned long long)part);
	return print_bytes(run, id, below, false);
}
