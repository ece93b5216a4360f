/* What looks like a queue ID. The service checks it again, and exactly: here it is only told from
 * the words of a filter. */
#include "cli/ids.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/slice.h"

#define ID_LEAST 6
#define ID_MOST 64
/* As the service allows (api/openapi.yaml, Selection). */
#define IDS_MAX 100000
/* That many IDs, each with a line end. */
#define IDS_BYTES_MAX ((size_t)IDS_MAX * (ID_MOST + 1))

static bool is_alphanumeric(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!isalnum((unsigned char)text.data[i]))
			return false;
	return text.len > 0;
}

/* Short IDs are upper-case hexadecimal, long ones have a z after ten characters (POSTFIX queue
 * IDs); words that only might be one ("deadbeef") are a filter. */
static bool looks_like_id(struct slice text)
{
	bool hex = true, digit = false, vowel = false;

	if (text.len < ID_LEAST || text.len > ID_MOST || !is_alphanumeric(text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		hex = hex && strchr("0123456789ABCDEF", text.data[i]) != NULL;
		digit = digit || isdigit((unsigned char)text.data[i]);
		vowel = vowel || strchr("AEIOUaeiou", text.data[i]) != NULL;
	}
	return hex || (text.len >= 12 && slice_find_char(slice_from(text, 10), 'z') >= 0 && digit &&
			  !vowel);
}

/* A bare word, which in a filter would be looked for everywhere; not one that joins terms. */
static bool is_bare_word(struct slice text)
{
	static const char *const joining[] = {"and", "or", "not"};

	for (size_t i = 0; i < sizeof(joining) / sizeof(joining[0]); i++)
		if (slice_equal_nocase(text, slice_of(joining[i])))
			return false;
	for (size_t i = 0; i < text.len; i++)
		/* Each of these makes a term of it, which somebody meant as a filter. */
		if (strchr(" \t\n:=<>()\"", text.data[i]) != NULL)
			return false;
	return true;
}

/* One line that is no ID refuses all: a list with a heading or a cut line is not what was meant. */
static enum ids_given take_lines(struct command_run *run, json_t **ids)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, line;
	struct error err;
	size_t number = 0;

	/* All of it before anything is done: a list that is cut off must not be half done. */
	if (!fd_read_all(STDIN_FILENO, IDS_BYTES_MAX, &text, &err)) {
		command_usage(run, "standard input: %s", err.text);
		return IDS_WRONG;
	}
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line)) {
		number++;
		/* Lists come from other programs, with blanks and carriage returns at the end. */
		line = slice_trim(line);
		if (line.len == 0)
			continue;
		if (!looks_like_id(line)) {
			command_usage(run,
			    "line %zu of standard input, \"%.*s\", is not a queue ID; nothing was "
			    "done, with the others neither",
			    number, SLICE_ARGS(slice_first(line, ID_MOST)));
			return IDS_WRONG;
		}
		json_array_append_new(*ids, json_stringn(line.data, line.len));
	}
	return IDS_SOME;
}

/* All are IDs, or none is: a bare word beside an ID is a mistyped ID, and as a filter would match
 * nothing or something else. */
static enum ids_given take_operands(struct command_run *run, json_t **ids)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < run->operand_count; i++) {
		struct slice operand = slice_of(run->operands[i]);

		if (looks_like_id(operand))
			json_array_append_new(*ids, json_string(run->operands[i]));
		else if (!is_bare_word(operand))
			return IDS_NONE;
		else
			wrong = run->operands[i];
	}
	if (json_array_size(*ids) == 0 || wrong == NULL)
		return json_array_size(*ids) > 0 ? IDS_SOME : IDS_NONE;
	command_usage(run,
	    "\"%s\" is not a queue ID; nothing was done, with the others neither (in a filter an "
	    "ID is id:=%s)",
	    wrong, json_string_value(json_array_get(*ids, 0)));
	return IDS_WRONG;
}

/* A lone dash is standard input: no queue ID looks like it. */
enum ids_given ids_take(struct command_run *run, json_t **ids)
{
	enum ids_given given;

	*ids = json_array();
	if (run->operand_count == 1 && strcmp(run->operands[0], "-") == 0)
		given = take_lines(run, ids);
	else
		given = take_operands(run, ids);
	/* An empty list must never become "everything". */
	if (given == IDS_SOME && json_array_size(*ids) == 0) {
		command_failed(run, "nothing matched: there is no ID on standard input");
		given = IDS_WRONG;
	} else if (given == IDS_SOME && json_array_size(*ids) > IDS_MAX) {
		command_usage(run, "more than %d IDs; use a filter", IDS_MAX);
		given = IDS_WRONG;
	}
	if (given != IDS_SOME) {
		json_decref(*ids);
		*ids = NULL;
	}
	return given;
}

/* `or` of one field is decided at once for all (docs/decisions/filters.md), so hundreds of IDs cost
 * little. */
char *ids_filter(const json_t *ids, size_t from, size_t count)
{
	struct buffer text = {0};

	for (size_t i = from; i < json_array_size(ids) && i - from < count; i++)
		/* Only letters and digits are in them, so they need no quotes. */
		buffer_printf(&text, "%sid:=%s", i > from ? " or " : "",
		    json_string_value(json_array_get(ids, i)));
	buffer_string(&text);
	return text.data;
}

/* For commands that only look; those that act send the IDs themselves. */
char *ids_or_filter(struct command_run *run)
{
	json_t *ids;
	enum ids_given given = ids_take(run, &ids);
	char *filter = NULL;

	if (given == IDS_NONE)
		return command_filter(run);
	if (given == IDS_WRONG)
		return NULL;
	if (json_array_size(ids) > IDS_FILTER_MAX)
		command_usage(run, "more than %d IDs; use a filter", IDS_FILTER_MAX);
	else
		filter = ids_filter(ids, 0, json_array_size(ids));
	json_decref(ids);
	return filter;
}
