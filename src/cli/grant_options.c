/* The options that say what an account or token may do, as words of the API and as bits. */
#include "cli/grant_options.h"

#include <string.h>

#define NONE "none"

bool grant_options_given(const struct command_run *run)
{
	return run->values[OPTION_SCOPE] != NULL || run->values[OPTION_GIVE] != NULL ||
	       run->values[OPTION_TAKE] != NULL;
}

/* "content,audit", or none; NULL: not given. */
static json_t *rights_json(const char *value)
{
	struct slice rest = slice_of(value), word;
	json_t *list = json_array();

	while (strcmp(value, NONE) != 0 && slice_split(&rest, ',', &word))
		json_array_append_new(list, json_stringn(word.data, word.len));
	return list;
}

bool grant_options_body(const struct command_run *run, json_t *body)
{
	const char *scope = run->values[OPTION_SCOPE];
	json_t *text = NULL;

	if (scope != NULL) {
		text = strcmp(scope, NONE) == 0 ? json_null() : json_string(scope);
		if (text == NULL)
			return false;
		json_object_set_new(body, "scope", text);
	}
	if (run->values[OPTION_GIVE] != NULL)
		json_object_set_new(body, "given", rights_json(run->values[OPTION_GIVE]));
	if (run->values[OPTION_TAKE] != NULL)
		json_object_set_new(body, "taken", rights_json(run->values[OPTION_TAKE]));
	return true;
}

static bool rights_bits(const char *value, bool *set, uint32_t *rights, struct error *err)
{
	struct slice rest, word;
	enum access_right right;

	*set = value != NULL;
	if (value == NULL || strcmp(value, NONE) == 0)
		return true;
	rest = slice_of(value);
	while (slice_split(&rest, ',', &word)) {
		if (!access_right_parse(word, &right))
			return error_set(err, "bad_right",
			    "%.*s: expected content, pauses, settings or audit", SLICE_ARGS(word));
		*rights |= ACCESS_RIGHT_BIT(right);
	}
	return true;
}

bool grant_options_change(
    const struct command_run *run, struct accounts_change *change, struct error *err)
{
	const char *scope = run->values[OPTION_SCOPE];

	if (scope != NULL && strcmp(scope, NONE) != 0)
		return error_set(err, "bad_request",
		    "only the service knows whether a scope is a filter: start it first, or lock "
		    "the account");
	change->set_scope = scope != NULL;
	return rights_bits(
		   run->values[OPTION_GIVE], &change->set_given, &change->grant.given, err) &&
	       rights_bits(run->values[OPTION_TAKE], &change->set_taken, &change->grant.taken, err);
}
