/* Values are made safe for a terminal like everything that is printed: a script that wants them as
 * they are takes --json. */
#include "cli/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/members.h"
#include "cli/safe_text.h"

static bool refuse(struct command_run *run, struct slice name, const struct members *members)
{
	char best[60];

	if (suggest_among(name, members->known, best, sizeof(best)))
		return command_usage(run, "--fields %.*s: there is no such field; did you mean %s?",
			   SLICE_ARGS(name), best) == COMMAND_DONE;
	return command_usage(run, "--fields %.*s: expected some of %s", SLICE_ARGS(name),
		   members->known) == COMMAND_DONE;
}

static bool take_names(struct command_run *run, const struct members *members, struct slice rest,
    char separator, struct fields *fields)
{
	struct slice one;

	while (slice_split(&rest, separator, &one)) {
		one = slice_trim(one);
		if (!members_has(members, one))
			return refuse(run, one, members);
		/* The same field a hundred times is a slip. */
		if (fields->count == FIELDS_MAX)
			return command_usage(run, "--fields: at most %d", FIELDS_MAX) ==
			       COMMAND_DONE;
		fields->names[fields->count++] = one;
	}
	return fields->count > 0 || command_usage(run, "--fields: which?") == COMMAND_DONE;
}

/* --by and --what of `history` give objects of their own. */
static const struct members *members_of_run(const struct command_run *run)
{
	const char *verb = run->operand_count > 0 ? run->operands[0] : "";

	if (command_given(run, OPTION_BY) || command_given(run, OPTION_WHAT))
		verb = MEMBERS_SERIES;
	return members_of(run->command->name, verb);
}

bool fields_take(struct command_run *run, struct fields *fields)
{
	const char *given = run->values[OPTION_FIELDS];
	const struct members *members = members_of_run(run);

	*fields = (struct fields){.csv = command_given(run, OPTION_CSV)};
	fields->wanted = fields->csv || given != NULL || command_given(run, OPTION_JSON);
	/* A row for each command that has these options; fields_test.c proves it. */
	if (members == NULL || (given == NULL && !fields->csv))
		return true;
	return given != NULL ? take_names(run, members, slice_of(given), ',', fields)
			     : take_names(run, members, slice_of(members->csv), ' ', fields);
}

void fields_print_head(const struct command_run *run, const struct fields *fields)
{
	if (!fields->csv || command_given(run, OPTION_NO_HEADER))
		return;
	for (size_t i = 0; i < fields->count; i++)
		printf("%s%.*s", i > 0 ? "," : "", SLICE_ARGS(fields->names[i]));
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
		/* A number with a sign is no formula. */
		if (json_is_real(value))
			fputs(text, stdout);
		else
			print_quoted(slice_of(text));
		free(text);
	}
}

/* ---- Members of members ---- */

/* The member that the first part names: of an object its own; of a list, by number, one entry. NULL
 * where there is none. */
static json_t *step(const json_t *value, struct slice part)
{
	uint64_t number;

	if (json_is_array(value) && slice_to_u64(part, &number))
		return json_array_get(value, number);
	return json_object_getn(value, part.data, part.len);
}

/* What a name with dots leads to, as a new reference. Through a list it is the list of what each
 * entry has; what is not there is null. */
static json_t *follow(const json_t *value, struct slice name)
{
	struct slice part, whole = name;
	uint64_t number;
	json_t *all, *entry;
	size_t i;

	if (name.len == 0)
		return json_incref((json_t *)(uintptr_t)value);
	slice_split(&name, '.', &part);
	if (!json_is_array(value) || slice_to_u64(part, &number)) {
		const json_t *next = step(value, part);

		return next != NULL ? follow(next, name) : json_null();
	}
	all = json_array();
	json_array_foreach(value, i, entry) json_array_append_new(all, follow(entry, whole));
	return all;
}

static void print_csv(const struct fields *fields, const json_t *object)
{
	for (size_t i = 0; i < fields->count; i++) {
		json_t *value = follow(object, fields->names[i]);

		if (i > 0)
			putchar(',');
		print_cell(value);
		json_decref(value);
	}
	fputs("\r\n", stdout);
}

void fields_print(const struct fields *fields, const json_t *object)
{
	json_t *some;

	if (fields->csv) {
		print_csv(fields, object);
		return;
	}
	if (fields->count == 0) {
		command_print_json(object);
		return;
	}
	/* Flat, with the names as they were given: what a script asked for is what it looks up. */
	some = json_object();
	for (size_t i = 0; i < fields->count; i++)
		json_object_setn_new(some, fields->names[i].data, fields->names[i].len,
		    follow(object, fields->names[i]));
	command_print_json(some);
	json_decref(some);
}

void fields_print_list(
    const struct command_run *run, const struct fields *fields, const json_t *list)
{
	size_t i;
	json_t *object;

	fields_print_head(run, fields);
	json_array_foreach(list, i, object) fields_print(fields, object);
}
