/* The reading of answers. Whoever answers need not be our service: a problem is whatever has a code
 * and a detail, and everything else is a bad reply. */
#include "cli/reply.h"

static bool take_problem(const json_t *reply, long status, struct error *err)
{
	const char *code = json_string_value(json_object_get(reply, "code"));
	const char *detail = json_string_value(json_object_get(reply, "detail"));

	if (code == NULL || detail == NULL)
		return error_set(
		    err, "bad_reply", "the service answered with HTTP status %ld", status);
	return error_set(err, code, "%s", detail);
}

json_t *reply_read(
    const char *where, long status, struct slice text, int64_t *column, struct error *err)
{
	json_t *reply;

	*column = 0;
	if (status == 204 && text.len == 0)
		return json_null();
	reply = json_loadb(
	    /* Duplicates are refused: of two members with one name nobody could say which is meant.
	     */
	    text.len > 0 ? text.data : "", text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	if (status >= 200 && status < 300 && reply != NULL)
		return reply;
	if (reply == NULL)
		error_set(err, "bad_reply", "%s answered with HTTP status %ld and no JSON", where,
		    status);
	else
		take_problem(reply, status, err);
	*column = json_integer_value(json_object_get(reply, "column"));
	json_decref(reply);
	return NULL;
}
