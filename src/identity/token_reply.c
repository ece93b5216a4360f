/* Two tokens, or the word for why there are none. */
#include "identity/token_reply.h"

#include <string.h>
#include <strings.h>

#include <jansson.h>

void token_reply_free(struct token_reply *reply)
{
	buffer_free(&reply->id_token);
	buffer_free(&reply->access_token);
}

/* What RFC 6749 lets a token have: visible characters, and what of it goes into a header. */
static bool is_token(const json_t *value)
{
	size_t len = json_string_length(value);
	const char *text = json_string_value(value);

	if (!json_is_string(value) || len == 0 || len > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return false;
	return true;
}

/* A header and two more parts: cjose is given nothing else. */
static bool is_compact(const json_t *value)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	const char *text = json_string_value(value), *first, *second;

	if (!is_token(value) || text[strspn(text, plain)] != '\0')
		return false;
	first = strchr(text, '.');
	second = first != NULL ? strchr(first + 1, '.') : NULL;
	return first != NULL && second != NULL && strchr(second + 1, '.') == NULL && first > text &&
	       second > first + 1 && second[1] != '\0';
}

/* "invalid_grant": the words of RFC 6749, and none of a stranger's own. */
static const char *refusal(const json_t *object)
{
	static const char *const known[] = {"invalid_request", "invalid_client", "invalid_grant",
	    "unauthorized_client", "unsupported_grant_type", "invalid_scope"};
	const char *said = json_string_value(json_object_get(object, "error"));

	for (size_t i = 0; said != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(said, known[i]) == 0)
			return known[i];
	return NULL;
}

static bool take(long status, const json_t *object, struct token_reply *reply, struct error *err)
{
	const json_t *id = json_object_get(object, "id_token");
	const json_t *access = json_object_get(object, "access_token");
	const json_t *type = json_object_get(object, "token_type");
	const char *word = refusal(object);

	if (word != NULL)
		return error_set(
		    err, "issuer_refused", "the token endpoint does not take it: %s", word);
	if (status != 200)
		return error_set(err, "bad_token", "the token endpoint answered %ld", status);
	if (!is_compact(id))
		return error_set(err, "bad_token", "the token endpoint gave no ID token");
	buffer_append(&reply->id_token, json_string_value(id), json_string_length(id));
	/* Only a bearer's can be shown. */
	if (is_token(access) && json_is_string(type) &&
	    strcasecmp(json_string_value(type), "Bearer") == 0)
		buffer_append(
		    &reply->access_token, json_string_value(access), json_string_length(access));
	return true;
}

bool token_reply_parse(long status, struct slice json, struct token_reply *reply, struct error *err)
{
	json_t *object = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
	bool ok;

	*reply = (struct token_reply){{0}, {0}};
	if (json_is_object(object))
		ok = take(status, object, reply, err);
	else
		ok = error_set(
		    err, "bad_token", "the token endpoint answered %ld, and no JSON", status);
	json_decref(object);
	return ok;
}
