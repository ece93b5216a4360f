/* Values of a request, from its query or its JSON body, within bounds. What is missing, unknown or
 * out of bounds is answered here, so that every handler refuses it in the same words. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "http/request_state.h"

/* Jansson bounds the depth (JSON_PARSER_MAX_DEPTH 2048), the body its length. */
#define JSON_FLAGS JSON_REJECT_DUPLICATES

static void reply_number(struct http_request *rq, const char *name, int64_t least, int64_t most)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", name),
	    SAID_PROBLEM_MUST_BE_NUMBER, 3, said_text("name", slice_of(name)),
	    said_number("least", least), said_number("most", most));
}

static void reply_bool(struct http_request *rq, const char *name)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", name),
	    SAID_PROBLEM_MUST_BE_BOOL, 1, said_text("name", slice_of(name)));
}

bool http_query_u64(struct http_request *rq, const char *name, uint64_t least, uint64_t most,
    uint64_t fallback, uint64_t *value)
{
	struct slice text;

	/* A parameter that is absent is no mistake. */
	*value = fallback;
	if (!http_query(rq, name, &text))
		return true;
	if (slice_to_u64(text, value) && *value >= least && *value <= most)
		return true;
	reply_number(rq, name, (int64_t)least, (int64_t)most);
	return false;
}

bool http_query_bool(struct http_request *rq, const char *name, bool *value)
{
	struct slice text = {"", 0};

	*value = http_query(rq, name, &text) && slice_is(text, "true");
	if (*value || text.len == 0 || slice_is(text, "false"))
		return true;
	reply_bool(rq, name);
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

/* What there is, for people. */
struct slice http_names_in(const char *list)
{
	return slice_of(list != NULL && *list != '\0' ? list : "none");
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
		http_reply_said(rq, "invalid_json", NULL, SAID_PROBLEM_BODY_NOT_JSON, 3,
		    said_number("line", error.line), said_number("column", error.column),
		    said_text("error", slice_of(error.text)));
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
			http_reply_said(rq, "unknown_member",
			    json_pack("{so}", "member", json_stringn_nocheck(name, strlen(name))),
			    SAID_PROBLEM_UNKNOWN_MEMBER, 2,
			    said_text("name", slice_first(slice_of(name), 60)),
			    said_text("names", http_names_in(members)));
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
		http_reply_said(rq, "missing_member", json_pack("{ss}", "member", name),
		    SAID_PROBLEM_MISSING_MEMBER, 1, said_text("name", slice_of(name)));
	}
	return member;
}

bool http_json_string(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, size_t max, struct slice *value)
{
	bool ok;
	const json_t *member = find_member(rq, object, name, need, &ok);

	if (member == NULL)
		return ok;
	/* By its length and not by its NUL: jansson refuses one within a string by default. */
	if (json_is_string(member) && json_string_length(member) <= max) {
		*value = slice_make(json_string_value(member), json_string_length(member));
		return true;
	}
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", name),
	    SAID_PROBLEM_MUST_BE_TEXT, 2, said_text("name", slice_of(name)),
	    said_number("most", (int64_t)max));
	return false;
}

bool http_json_integer(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, int64_t least, int64_t most, int64_t *value)
{
	bool ok;
	const json_t *member = find_member(rq, object, name, need, &ok);

	if (member == NULL)
		return ok;
	/* 1.0 is a real number for jansson, and is refused. */
	if (json_is_integer(member) && json_integer_value(member) >= least &&
	    json_integer_value(member) <= most) {
		*value = json_integer_value(member);
		return true;
	}
	reply_number(rq, name, least, most);
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
	reply_bool(rq, name);
	return false;
}
