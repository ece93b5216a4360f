/* The members that are needed, each checked; everything else of the document is passed over. */
#include "identity/metadata.h"

#include <string.h>

#include <jansson.h>

static bool bad(struct error *err, const char *text)
{
	return error_set(err, "bad_metadata", "%s", text);
}

/* Whether `list` has that word; `fallback` where it is not there, or no list. */
static bool has_word(const json_t *object, const char *list, const char *word, bool fallback)
{
	const json_t *array = json_object_get(object, list), *item;
	size_t i;

	if (!json_is_array(array))
		return fallback;
	json_array_foreach(
	    array, i, item) if (json_is_string(item) &&
				strcmp(json_string_value(item), word) == 0) return true;
	return false;
}

static bool take_endpoint(const json_t *object, const char *member, struct slice issuer,
    char out[IDENTITY_URL_MAX + 1], struct error *err)
{
	const json_t *value = json_object_get(object, member);
	struct slice url;

	out[0] = '\0';
	if (value == NULL)
		return true;
	url = slice_make(json_string_value(value), json_string_length(value));
	if (!json_is_string(value) || !identity_endpoint_check(url, issuer))
		return error_set(
		    err, "bad_metadata", "its %s is no address that can be asked", member);
	memcpy(out, url.data, url.len);
	out[url.len] = '\0';
	return true;
}

static bool take_endpoints(
    const json_t *object, struct slice issuer, struct metadata *m, struct error *err)
{
	if (!take_endpoint(object, "authorization_endpoint", issuer, m->authorization, err) ||
	    !take_endpoint(object, "token_endpoint", issuer, m->token, err) ||
	    !take_endpoint(object, "jwks_uri", issuer, m->keys, err) ||
	    !take_endpoint(object, "userinfo_endpoint", issuer, m->userinfo, err) ||
	    !take_endpoint(object, "end_session_endpoint", issuer, m->end_session, err))
		return false;
	return (m->authorization[0] != '\0' && m->token[0] != '\0' && m->keys[0] != '\0') ||
	       bad(err, "it names no page to sign in at, no token endpoint or no keys");
}

static bool take(const json_t *object, struct slice issuer, struct metadata *m, struct error *err)
{
	const json_t *own = json_object_get(object, "issuer");

	/* To the byte: else what one issuer says would count as another's. */
	if (!json_is_string(own) ||
	    !slice_equal(slice_make(json_string_value(own), json_string_length(own)), issuer))
		return bad(err, "it says that it is another issuer");
	if (!has_word(object, "response_types_supported", "code", true))
		return bad(err, "it has no authorization code");
	/* Those that do not say take it, or pass it over. */
	if (!has_word(object, "code_challenge_methods_supported", "S256", true))
		return bad(err, "it has no PKCE with S256");
	m->names_itself =
	    json_is_true(json_object_get(object, "authorization_response_iss_parameter_supported"));
	/* Basic is what holds where nothing is said. */
	m->secret_in_body =
	    !has_word(
		object, "token_endpoint_auth_methods_supported", "client_secret_basic", true) &&
	    has_word(object, "token_endpoint_auth_methods_supported", "client_secret_post", false);
	return take_endpoints(object, issuer, m, err);
}

bool metadata_parse(
    struct slice json, struct slice issuer, struct metadata *metadata, struct error *err)
{
	/* A member that is given twice has no meaning that two readers share. */
	json_t *object = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
	bool ok;

	memset(metadata, 0, sizeof(*metadata));
	ok = json_is_object(object) ? take(object, issuer, metadata, err)
				    : bad(err, "it does not answer with a JSON object");
	json_decref(object);
	return ok;
}
