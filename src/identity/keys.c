/* Each key with what says which signatures it is for. A table says which kind of key an algorithm
 * needs, so that a token cannot choose (RFC 8725, 3.1). */
#include "identity/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjose/cjose.h>
#include <jansson.h>

#include "base/memory.h"

#define KEY_NAME_MAX 256

struct key {
	cjose_jwk_t *jwk;
	char name[KEY_NAME_MAX + 1]; /* kid; "": it has none */
	char algorithm[16];	     /* it is for that alone; "": for each that fits */
};

struct keys {
	struct key all[KEYS_MAX];
	size_t count;
};

/* ---- algorithms ---- */

static const struct {
	const char *name;
	cjose_jwk_kty_t kind;
	cjose_jwk_ec_curve curve; /* of EC */
} algorithms[] = {
    {"RS256", CJOSE_JWK_KTY_RSA, CJOSE_JWK_EC_INVALID},
    {"RS384", CJOSE_JWK_KTY_RSA, CJOSE_JWK_EC_INVALID},
    {"RS512", CJOSE_JWK_KTY_RSA, CJOSE_JWK_EC_INVALID},
    {"PS256", CJOSE_JWK_KTY_RSA, CJOSE_JWK_EC_INVALID},
    {"PS384", CJOSE_JWK_KTY_RSA, CJOSE_JWK_EC_INVALID},
    {"PS512", CJOSE_JWK_KTY_RSA, CJOSE_JWK_EC_INVALID},
    {"ES256", CJOSE_JWK_KTY_EC, CJOSE_JWK_EC_P_256},
    {"ES384", CJOSE_JWK_KTY_EC, CJOSE_JWK_EC_P_384},
    {"ES512", CJOSE_JWK_KTY_EC, CJOSE_JWK_EC_P_521},
};
#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

bool keys_algorithm(const char *algorithm)
{
	for (size_t i = 0; i < ALGORITHMS; i++)
		if (strcmp(algorithm, algorithms[i].name) == 0)
			return true;
	return false;
}

static bool fits_algorithm(const struct key *key, const char *algorithm)
{
	cjose_err err;

	for (size_t i = 0; i < ALGORITHMS; i++) {
		if (strcmp(algorithm, algorithms[i].name) != 0)
			continue;
		if (cjose_jwk_get_kty(key->jwk, &err) != algorithms[i].kind)
			return false;
		return (key->algorithm[0] == '\0' || strcmp(key->algorithm, algorithm) == 0) &&
		       (algorithms[i].kind != CJOSE_JWK_KTY_EC ||
			   cjose_jwk_EC_get_curve(key->jwk, &err) == algorithms[i].curve);
	}
	return false;
}

/* ---- reading ---- */

/* A member of a key that is a short text; false where it is something else. */
static bool take_text(const json_t *key, const char *member, char *out, size_t size)
{
	const json_t *value = json_object_get(key, member);

	out[0] = '\0';
	if (value == NULL)
		return true;
	return json_is_string(value) && json_string_length(value) < size &&
	       snprintf(out, size, "%s", json_string_value(value)) >= 0;
}

static bool is_rsa_of_size(const cjose_jwk_t *jwk)
{
	cjose_err err;
	size_t bits = cjose_jwk_get_keysize(jwk, &err);

	return bits >= KEYS_RSA_BITS_MIN && bits <= KEYS_RSA_BITS_MAX;
}

/* cjose ends the process when there is a = in the middle of a text. */
static bool is_base64url(const json_t *value)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *text = json_string_value(value);

	/* A modulus of 8,192 bits has 1,366 letters. */
	return text != NULL && json_string_length(value) <= 2048 &&
	       text[strspn(text, plain)] == '\0';
}

/* The members that make the key, and no others: a private part that somebody publishes, or what a
 * later cjose would do with it, is none of our business. */
static cjose_jwk_t *import_public(const json_t *key, const char *kind)
{
	static const char *const rsa[] = {"n", "e", NULL}, *const ec[] = {"crv", "x", "y", NULL};
	json_t *bare = json_pack("{ss}", "kty", kind);
	char *text;
	cjose_jwk_t *jwk = NULL;
	cjose_err err;

	for (const char *const *member = strcmp(kind, "RSA") == 0 ? rsa : ec; *member != NULL;
	     member++) {
		json_t *value = json_object_get(key, *member);

		if (is_base64url(value)) /* "P-256" is, too */
			json_object_set(bare, *member, value);
	}
	text = json_dumps(bare, JSON_COMPACT);
	json_decref(bare);
	if (text != NULL)
		jwk = cjose_jwk_import(text, strlen(text), &err);
	free(text);
	return jwk;
}

static bool take_key(const json_t *json, struct key *key)
{
	char kind[8], use[8];
	cjose_err err;

	if (!json_is_object(json) || !take_text(json, "kty", kind, sizeof(kind)) ||
	    !take_text(json, "use", use, sizeof(use)) ||
	    !take_text(json, "kid", key->name, sizeof(key->name)) ||
	    !take_text(json, "alg", key->algorithm, sizeof(key->algorithm)))
		return false;
	if ((use[0] != '\0' && strcmp(use, "sig") != 0) ||
	    (strcmp(kind, "RSA") != 0 && strcmp(kind, "EC") != 0))
		return false;
	key->jwk = import_public(json, kind);
	if (key->jwk != NULL && cjose_jwk_get_kty(key->jwk, &err) == CJOSE_JWK_KTY_RSA &&
	    !is_rsa_of_size(key->jwk)) {
		cjose_jwk_release(key->jwk);
		key->jwk = NULL;
	}
	return key->jwk != NULL;
}

struct keys *keys_parse(struct slice json, struct error *err)
{
	json_t *object = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *list = json_object_get(object, "keys"), *item;
	struct keys *keys = NULL;
	size_t i;

	if (json_is_array(list)) {
		keys = memory_zero(1, sizeof(*keys));
		json_array_foreach(list, i,
		    item) if (keys->count < KEYS_MAX && take_key(item, &keys->all[keys->count]))
		    keys->count++;
	} else {
		error_set(err, "bad_keys", "the issuer's keys are no set of keys");
	}
	json_decref(object);
	return keys;
}

void keys_destroy(struct keys **pointer)
{
	struct keys *keys = *pointer;

	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->count; i++)
		cjose_jwk_release(keys->all[i].jwk);
	free(keys);
	*pointer = NULL;
}

size_t keys_count(const struct keys *keys)
{
	return keys->count;
}

/* ---- checking ---- */

enum keys_verdict keys_verify(
    const struct keys *keys, cjose_jws_t *jws, const char *algorithm, const char *name)
{
	enum keys_verdict verdict = KEYS_UNKNOWN;
	cjose_err err;

	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->all[i];

		/* A token that names its key is of no other. */
		if ((name[0] != '\0' && strcmp(name, key->name) != 0) ||
		    !fits_algorithm(key, algorithm))
			continue;
		if (cjose_jws_verify(jws, key->jwk, &err))
			return KEYS_GOOD;
		verdict = KEYS_FORGED;
	}
	return verdict;
}
