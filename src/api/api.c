/* Small things that several handlers need: times and warnings as JSON, the scope of a caller,
 * the lifetimes that Postfix has now. */
#include "api/api.h"

#include "api/auth.h"
#include "api/scopes.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "postfix/diagnosis.h"
#include "postfix/postconf_output.h"
#include "settings/settings.h"
#include "watch/warning.h"

bool api_time_setting(const struct api *api, const char *name, int64_t *seconds)
{
	const char *value = role_config_fact(api->config, name);
	enum setting_name setting;

	return value != NULL && settings_parse_name(slice_of(name), &setting) &&
	       postconf_output_time(slice_of(value), settings_rule(setting)->unit, seconds);
}

/* Every question to src/query needs one, and handlers get theirs here. */
const struct query_scope *api_scope(const struct api *api, const struct http_request *rq)
{
	return api_scopes_get(api->scopes, http_caller(rq)->scope);
}

uint64_t api_generation(const struct api *api, const struct http_request *rq, uint64_t generation)
{
	return api_scopes_generation(api->scopes, http_caller(rq)->scope, generation);
}

const struct numbers *api_numbers(const struct api *api, const struct http_request *rq)
{
	const unsigned char *secret = api->auth != NULL ? auth_secret(api->auth) : NULL;

	if (http_caller(rq)->scope == NULL)
		return NULL;
	/* What is in the database outlives a restart, and so do the numbers then. */
	if (secret != NULL)
		numbers_use_secret(api->numbers, secret, ACCOUNTS_KEY_SIZE);
	return api->numbers;
}

bool api_made_within(const struct http_request *rq, const char *scope)
{
	return http_caller(rq)->scope == NULL ||
	       (scope != NULL && api_scope_within(scope, http_caller(rq)->scope));
}

void api_lifetimes(const struct api *api, int64_t *maximal, int64_t *bounce)
{
	if (!api_time_setting(api, "maximal_queue_lifetime", maximal))
		*maximal = -1;
	if (!api_time_setting(api, "bounce_queue_lifetime", bounce))
		*bounce = -1;
	/* As Postfix does. */
	if (*maximal >= 0 && *bounce > *maximal)
		*bounce = *maximal;
}

/* Texts of mail are a stranger's: jansson refuses what is not UTF-8, and the whole answer would be
 * lost. */
json_t *api_string(struct slice s)
{
	BUFFER_AUTO struct buffer valid = {0};

	if (utf8_valid(s))
		return json_stringn_nocheck(s.len > 0 ? s.data : "", s.len);
	utf8_append_valid(&valid, s);
	return json_stringn_nocheck(valid.data, valid.len);
}

json_t *api_string_or_null(struct slice s)
{
	return s.len > 0 ? api_string(s) : json_null();
}

json_t *api_time(int64_t seconds)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(seconds, text);
	return json_string(text);
}

json_t *api_time_or_null(int64_t seconds)
{
	return seconds != 0 ? api_time(seconds) : json_null();
}

json_t *api_words(struct slice words)
{
	json_t *json = words.len > 0 ? json_loadb(words.data, words.len, 0, NULL) : NULL;

	return json != NULL ? json : json_null();
}

json_t *api_diagnosis_words(const struct diagnosis *diagnosis, const char *part)
{
	return json_pack("{ss+++, s{}}", "code", "diagnosis.", diagnosis->key, ".", part, "params");
}

json_t *api_warning_json(const struct warning *w)
{
	return json_pack("{ss, ss, so, so, so, so, so, so}", "code", w->code, "severity",
	    w->severity, "text", api_string(slice_of(w->text)), "words",
	    api_words(slice_of(w->words != NULL ? w->words : "")), "fix",
	    w->fix != NULL ? api_string(slice_of(w->fix)) : json_null(), "fix_words",
	    api_words(slice_of(w->fix != NULL && w->fix_words != NULL ? w->fix_words : "")),
	    "count", w->count >= 0 ? json_integer(w->count) : json_null(), "since",
	    api_time_or_null(w->since));
}
