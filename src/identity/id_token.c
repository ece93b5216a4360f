/* From the token's three parts to its claims. Nothing of a claim is looked at before the signature
 * has been found good. */
#include "identity/id_token.h"

#include <stdio.h>
#include <string.h>

#include <cjose/cjose.h>

static bool bad(struct error *err, const char *text)
{
	return error_set(err, "bad_token", "%s", text);
}

/* A member of the header that is a text, "" where there is none; false for what is no text. */
static bool header_text(const json_t *header, const char *member, const char **out)
{
	const json_t *value = json_object_get(header, member);

	*out = value == NULL ? "" : json_string_value(value);
	return *out != NULL;
}

static bool check_signature(cjose_jws_t *jws, const struct keys *keys, struct error *err)
{
	const json_t *header = cjose_jws_get_protected(jws);
	const char *algorithm, *key;

	if (!header_text(header, "alg", &algorithm) || !header_text(header, "kid", &key))
		return bad(err, "the ID token's header is broken");
	if (!keys_algorithm(algorithm))
		return bad(err, "the ID token is not signed by an algorithm that is believed (RS, "
				"PS and ES with 256, 384 or 512)");
	/* Whoever does not know what is critical must not go on, and we know of nothing. */
	if (json_object_get(header, "crit") != NULL || json_object_get(header, "b64") != NULL)
		return bad(err, "the ID token's header has what nobody here knows (crit)");
	switch (keys_verify(keys, jws, algorithm, key)) {
	case KEYS_GOOD:
		return true;
	case KEYS_UNKNOWN:
		return error_set(
		    err, "unknown_key", "the ID token is signed by none of the issuer's keys");
	default:
		return bad(err, "the ID token's signature is not the issuer's");
	}
}

static json_t *read_claims(cjose_jws_t *jws)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	cjose_err err;

	if (!cjose_jws_get_plaintext(jws, &bytes, &len, &err))
		return NULL;
	return json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, NULL);
}

json_t *id_token_check(struct slice token, const struct keys *keys,
    const struct claims_expected *expected, struct error *err)
{
	cjose_err why;
	cjose_jws_t *jws = cjose_jws_import(token.data, token.len, &why);
	json_t *claims = NULL;
	bool ok = jws != NULL ||
		  bad(err, "the ID token is broken, or signed by an algorithm that nobody knows");

	ok = ok && check_signature(jws, keys, err);
	if (ok) {
		claims = read_claims(jws);
		ok = claims != NULL ? claims_check(claims, expected, err)
				    : bad(err, "the ID token's claims are no JSON");
	}
	if (!ok) {
		json_decref(claims);
		claims = NULL;
	}
	cjose_jws_release(jws);
	return claims;
}
