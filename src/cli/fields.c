/* Values are made safe for a terminal like everything that is printed: a script that wants them as
 * they are takes --json. */
#include "cli/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/safe_text.h"

static bool is_known(struct slice name, const char *known)
{
	struct slice rest = slice_of(known), one;

	while (slice_split(&rest, ' ', &one))
		if (slice_equal(one, name))
			return true;
	return false;
}

static bool refuse(struct command_run *run, struct slice name, const char *known)
{
	char best[40];

	if (suggest_among(name, known, best, sizeof(best)))
		return command_usage(run, "--fields %.*s: there is no such field; did you mean %s?",
			   SLICE_ARGS(name), best) == COMMAND_DONE;
	return command_usage(run, "--fields %.*s: expected some of %s", SLICE_ARGS(name), known) ==
	       COMMAND_DONE;
}

bool fields_take(
    struct command_run *run, const char *usual, const char *known, struct fields *fields)
{
	const char *given = run->values[OPTION_FIELDS];
	struct slice rest = slice_of(given != NULL ? given : usual), one;

	fields->count = 0;
	while (slice_split(&rest, given != NULL ? ',' : ' ', &one)) {
		one = slice_trim(one);
		if (!is_known(one, known))
			return refuse(run, one, known);
		/* The same field a hundred times is a slip. */
		if (fields->count == FIELDS_MAX)
			return command_usage(run, "--fields: at most %d", FIELDS_MAX) ==
			       COMMAND_DONE;
		fields->names[fields->count++] = one;
	}
	return fields->count > 0 || command_usage(run, "--fields: which?") == COMMAND_DONE;
}

void fields_print_head(const struct command_run *run, const struct fields *fields)
{
	for (size_t i = 0; command_given(run, OPTION_CSV) && i < fields->count; i++)
		printf("%s%.*s", i > 0 ? "," : "", SLICE_ARGS(fields->names[i]));
	if (command_given(run, OPTION_CSV))
		fputs("\r\n", stdout);
}

/* A spreadsheet takes such a text for a formula, which may send what stands beside it anywhere; and
 * anybody may call a sender "=...". */
static bool looks_like_formula(struct slice text)
{
	return text.len > 0 && memchr("=+-@", text.data[0], 4) != NULL;
}

static void print_quoted(struct slice text)
{
	BUFFER_AUTO struct buffer safe = {0};
	bool quote;

	if (looks_like_formula(text))
		buffer_append_char(&safe, '\'');
	safe_text_append(&safe, text);
	text = buffer_slice(&safe);
	quote = slice_find_char(text, ',') >= 0 || slice_find_char(text, '"') >= 0 ||
		slice_find_char(text, ';') >= 0;
	if (quote)
		putchar('"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			putchar('"');
		putchar(text.data[i]);
	}
	if (quote)
		putchar('"');
}

static void print_cell(const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		print_quoted(slice_of(json_string_value(value)));
	} else if (json_is_integer(value)) {
		printf("%lld", (long long)json_integer_value(value));
	} else if (value != NULL && !json_is_null(value)) {
		text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
		print_quoted(slice_of(text));
		free(text);
	}
}

static json_t *member(const json_t *object, struct slice name)
{
	return json_object_getn(object, name.data, name.len);
}

void fields_print(const struct command_run *run, const struct fields *fields, const json_t *object)
{
	json_t *some;

	if (command_given(run, OPTION_CSV)) {
		for (size_t i = 0; i < fields->count; i++) {
			if (i > 0)
				putchar(',');
			print_cell(member(object, fields->names[i]));
		}
		fputs("\r\n", stdout);
		return;
	}
	some = json_object();
	for (size_t i = 0; i < fields->count; i++)
		json_object_setn(some, fields->names[i].data, fields->names[i].len,
		    member(object, fields->names[i]));
	command_print_json(some);
	json_decref(some);
}
