/* Values of a request, from its query or its JSON body, within bounds. What is missing, unknown or
 * out of bounds is answered here, so that every handler refuses it in the same words. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "http/request_state.h"

/* Jansson bounds the depth (JSON_PARSER_MAX_DEPTH 2048), the body its length. */
#define JSON_FLAGS JSON_REJECT_DUPLICATES

static void reply_invalid(struct http_request *rq, const char *member, const char *expected)
{
	char detail[200];

	snprintf(detail, sizeof(detail), "%s must be %s.", member, expected);
	http_reply_problem_with(rq, "invalid_value", detail, json_pack("{ss}", "member", member));
}

bool http_query_u64(struct http_request *rq, const char *name, uint64_t least, uint64_t most,
    uint64_t fallback, uint64_t *value)
{
	struct slice text;
	char expected[80];

	/* A parameter that is absent is no mistake. */
	*value = fallback;
	if (!http_query(rq, name, &text))
		return true;
	if (slice_to_u64(text, value) && *value >= least && *value <= most)
		return true;
	snprintf(expected, sizeof(expected), "a whole number from %llu to %llu",
	    (unsigned long long)least, (unsigned long long)most);
	reply_invalid(rq, name, expected);
	return false;
}

bool http_query_bool(struct http_request *rq, const char *name, bool *value)
{
	struct slice text = {"", 0};

	*value = http_query(rq, name, &text) && slice_is(text, "true");
	if (*value || text.len == 0 || slice_is(text, "false"))
		return true;
	reply_invalid(rq, name, "true or false");
	return false;
}

/* Whether `name` is one of the words in `list`. */
bool http_in_list(const char *list, struct slice name)
{
	struct slice rest = slice_of(list != NULL ? list : ""), word;

	while (slice_split(&rest, ' ', &word))
		if (word.len > 0 && slice_equal(word, name))
			return true;
	return false;
}

const json_t *http_json(struct http_request *rq, const char *members)
{
	json_error_t error;
	const char *name;
	json_t *member;
	struct slice body = http_body(rq);

	/* It belongs to the request, so that handlers may keep slices of it as long as they work.
	 * No body is taken for an empty object, so that a request without members needs none. */
	rq->json =
	    body.len == 0 ? json_object() : json_loadb(body.data, body.len, JSON_FLAGS, &error);
	if (rq->json == NULL) {
		http_reply_problem(rq, "invalid_json",
		    "The body is not JSON: line %d, column %d: %s.", error.line, error.column,
		    error.text);
		return NULL;
	}
	if (!json_is_object(rq->json)) {
		http_reply_said(rq, "invalid_json", NULL, SAID_PROBLEM_NO_OBJECT, 0);
		return NULL;
	}
	json_object_foreach(rq->json, name, member)
	{
		/* A misspelt member would else be ignored, and a limit or a filter with it. */
		if (!http_in_list(members, slice_of(name))) {
			char detail[300];
			snprintf(detail, sizeof(detail),
			    "There is no member `%.60s` here; there are: %s.", name,
			    members != NULL && *members != '\0' ? members : "none");
			http_reply_problem_with(rq, "unknown_member", detail,
			    json_pack("{so}", "member", json_stringn_nocheck(name, strlen(name))));
			return NULL;
		}
	}
	return rq->json;
}

/* The member, or NULL: then *ok says whether the request goes on. */
static const json_t *find_member(
    struct http_request *rq, const json_t *object, const char *name, enum http_need need, bool *ok)
{
	const json_t *member = json_object_get(object, name);

	*ok = member != NULL || need == HTTP_OPTIONAL;
	if (!*ok) {
		char detail[120];
		snprintf(detail, sizeof(detail), "The member `%s` is missing.", name);
		http_reply_problem_with(
		    rq, "missing_member", detail, json_pack("{ss}", "member", name));
	}
	return member;
}

bool http_json_string(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, size_t max, struct slice *value)
{
	bool ok;
	const json_t *member = find_member(rq, object, name, need, &ok);
	char expected[60];

	if (member == NULL)
		return ok;
	/* By its length and not by its NUL: jansson refuses one within a string by default. */
	if (json_is_string(member) && json_string_length(member) <= max) {
		*value = slice_make(json_string_value(member), json_string_length(member));
		return true;
	}
	snprintf(expected, sizeof(expected), "a string of at most %zu bytes", max);
	reply_invalid(rq, name, expected);
	return false;
}

bool http_json_integer(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, int64_t least, int64_t most, int64_t *value)
{
	bool ok;
	const json_t *member = find_member(rq, object, name, need, &ok);
	char expected[80];

	if (member == NULL)
		return ok;
	/* 1.0 is a real number for jansson, and is refused. */
	if (json_is_integer(member) && json_integer_value(member) >= least &&
	    json_integer_value(member) <= most) {
		*value = json_integer_value(member);
		return true;
	}
	snprintf(expected, sizeof(expected), "a whole number from %lld to %lld", (long long)least,
	    (long long)most);
	reply_invalid(rq, name, expected);
	return false;
}

bool http_json_bool(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, bool *value)
{
	bool ok;
	const json_t *member = find_member(rq, object, name, need, &ok);

	if (member == NULL)
		return ok;
	*value = json_is_true(member);
	if (json_is_boolean(member))
		return true;
	reply_invalid(rq, name, "true or false");
	return false;
}
