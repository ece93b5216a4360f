/* Grants as they come in bodies and go out in answers. */
#include "api/grant_json.h"

#include <stdio.h>
#include <string.h>

#include "api/message_json.h"
#include "api/scopes.h"

/* ---- Reading ---- */

static bool read_role(
    struct http_request *rq, const json_t *body, enum http_need need, struct accounts_change *what)
{
	struct slice text = SLICE("");
	char words[ACCESS_ROLE_WORDS_SIZE];

	if (!http_json_string(rq, body, "role", need, 16, &text))
		return false;
	what->set_role = json_object_get(body, "role") != NULL;
	if (!what->set_role || access_role_parse(text, &what->grant.role))
		return true;
	access_role_all(words);
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "role"), SAID_PROBLEM_ROLE,
	    1, said_text("words", slice_of(words)));
	return false;
}

static bool refuse_scope(struct http_request *rq, enum said_code says)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "scope"), says, 1,
	    said_number("most", ACCESS_SCOPE_MAX));
	return false;
}

/* Here and not in the store: only this side of the program knows what a filter is. */
static bool read_scope(struct http_request *rq, const json_t *body, struct accounts_change *what)
{
	const json_t *member = json_object_get(body, "scope");
	struct filter *filter = NULL;
	struct slice text;

	what->set_scope = member != NULL;
	if (member == NULL || json_is_null(member))
		return true;
	if (!http_json_string(rq, body, "scope", HTTP_REQUIRED, FILTER_TEXT_MAX, &text))
		return false;
	if (text.len > ACCESS_SCOPE_MAX)
		return refuse_scope(rq, SAID_PROBLEM_SCOPE_BYTES);
	if (!message_json_body_filter(rq, text, &filter))
		return false;
	filter_free(filter);
	access_grant_set_scope(&what->grant, text);
	/* Blanks alone are a filter, which matches all. */
	return api_scope_good(what->grant.scope) || refuse_scope(rq, SAID_PROBLEM_SCOPE_ALL);
}

static bool read_rights(
    struct http_request *rq, const json_t *body, const char *name, bool *set, uint32_t *rights)
{
	const json_t *list = json_object_get(body, name), *word;
	enum access_right right;
	size_t i;

	*set = list != NULL;
	if (list == NULL)
		return true;
	if (json_is_array(list) && json_array_size(list) <= RIGHTS) {
		json_array_foreach(list, i, word)
		{
			if (!json_is_string(word) ||
			    !access_right_parse(
				slice_make(json_string_value(word), json_string_length(word)),
				&right))
				break;
			*rights |= ACCESS_RIGHT_BIT(right);
		}
		if (i == json_array_size(list))
			return true;
	}
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", name),
	    SAID_PROBLEM_LIST_OF_RIGHTS, 1, said_text("name", slice_of(name)));
	return false;
}

bool grant_json_read(
    struct http_request *rq, const json_t *body, enum http_need need, struct accounts_change *what)
{
	return read_role(rq, body, need, what) && read_scope(rq, body, what) &&
	       read_rights(rq, body, "given", &what->set_given, &what->grant.given) &&
	       read_rights(rq, body, "taken", &what->set_taken, &what->grant.taken);
}

bool grant_json_may_give(struct http_request *rq, const struct access_grant *grant)
{
	if (caller_covers(http_caller(rq), access_rights(grant)))
		return true;
	http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_MORE_THAN_OWN, 1,
	    said_text("who", slice_of(http_caller(rq)->name)));
	return false;
}

void grant_json_tell_rights(struct buffer *text, const char *verb, uint32_t rights)
{
	char words[ACCESS_RIGHTS_WORDS_SIZE];

	access_rights_words(rights, words);
	buffer_printf(text, ", %s %s", verb, rights != 0 ? words : "none");
}

void grant_json_tell(struct http_request *rq, const char *name, const struct access_grant *grant)
{
	BUFFER_AUTO struct buffer rights = {0};
	uint32_t given, taken;

	access_grant_effective(grant, &given, &taken);
	if (given != 0)
		grant_json_tell_rights(&rights, "given", given);
	if (taken != 0)
		grant_json_tell_rights(&rights, "taken", taken);
	/* The scope last: the longest is cut. */
	http_set_audit_text(rq, "%s as %s%s%s%s", name, access_role_name(grant->role),
	    buffer_string(&rights), grant->scoped ? ", scope " : "",
	    grant->scoped ? grant->scope : "");
}

/* ---- Answering ---- */

json_t *grant_json_rights(uint32_t rights)
{
	json_t *list = json_array();

	for (enum access_right right = RIGHT_VIEWER; right < RIGHTS; right++)
		if (rights & ACCESS_RIGHT_BIT(right))
			json_array_append_new(list, json_string(access_right_name(right)));
	return list;
}

json_t *grant_json_lost(const struct access_grant *grant)
{
	return grant_json_rights(access_grant_lost(grant));
}

/* What the table allows, so that a form offers nothing else and has no table of its own. */
json_t *grant_json_roles(void)
{
	json_t *list = json_array();
	size_t count;
	const struct access_role_line *lines = access_role_lines(&count);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{ss, so, so, so}", "role", lines[i].name,
						"has", grant_json_rights(lines[i].has), "may_give",
						grant_json_rights(lines[i].may_be_given),
						"may_take", grant_json_rights(lines[i].may_lose)));
	return list;
}

json_t *grant_json_scope_problem(const char *scope)
{
	struct message_json_fault fault;
	struct filter *filter = NULL;
	bool good;

	if (scope == NULL || api_scope_good(scope))
		return json_null();
	good = message_json_read_filter(slice_of(scope), FILTER_TEXT_MAX, &filter, &fault);
	filter_free(filter);
	return good ? json_string("it matches everything, which no scope does")
		    : json_sprintf("column %" JSON_INTEGER_FORMAT ": expected %s", fault.column,
			  fault.expected);
}
