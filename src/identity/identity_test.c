/* Tokens as an issuer would sign them, and as strangers would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/id_token.h"
#include "identity/metadata.h"
#include "identity/token_reply.h"

#define NOW 1790000000
#define ISSUER "https://login.example"
#define CLIENT "postroom"
#define NONCE "n-0S6_WzA2Mj"

static const struct claims_expected expected = {
    {ISSUER, sizeof(ISSUER) - 1}, {CLIENT, sizeof(CLIENT) - 1}, {NONCE, sizeof(NONCE) - 1}, NOW};

/* ---- an issuer ---- */

struct issuer {
	cjose_jwk_t *rsa, *ec, *short_rsa, *octets;
	struct keys *keys;
};

static cjose_jwk_t *named(cjose_jwk_t *jwk, const char *name)
{
	cjose_err err;

	assert_non_null(jwk);
	assert_true(cjose_jwk_set_kid(jwk, name, strlen(name), &err));
	return jwk;
}

/* What it publishes; a mistake of its own is that private parts and a shared secret are there. */
static struct keys *publish(cjose_jwk_t *const *all, size_t count)
{
	BUFFER_AUTO struct buffer set = {0};
	struct error error;
	cjose_err err;

	buffer_append_string(&set, "{\"keys\":[");
	for (size_t i = 0; i < count; i++) {
		char *json = cjose_jwk_to_json(all[i], true, &err);

		buffer_printf(&set, "%s%s", i > 0 ? "," : "", json);
		free(json);
	}
	buffer_append_string(&set, "]}");
	return keys_parse(buffer_slice(&set), &error);
}

static int set_up(void **state)
{
	static const uint8_t exponent[] = {1, 0, 1}, secret[] = "what issuer and client share";
	struct issuer *issuer = calloc(1, sizeof(*issuer));
	cjose_err err;

	issuer->rsa = named(cjose_jwk_create_RSA_random(2048, exponent, 3, &err), "rsa");
	issuer->ec = named(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err), "ec");
	issuer->short_rsa = named(cjose_jwk_create_RSA_random(1024, exponent, 3, &err), "short");
	issuer->octets = named(cjose_jwk_create_oct_spec(secret, sizeof(secret), &err), "octets");
	issuer->keys = publish(
	    (cjose_jwk_t *[]){issuer->rsa, issuer->ec, issuer->short_rsa, issuer->octets}, 4);
	assert_non_null(issuer->keys);
	*state = issuer;
	return 0;
}

static int tear_down(void **state)
{
	struct issuer *issuer = *state;

	keys_destroy(&issuer->keys);
	cjose_jwk_release(issuer->rsa);
	cjose_jwk_release(issuer->ec);
	cjose_jwk_release(issuer->short_rsa);
	cjose_jwk_release(issuer->octets);
	free(issuer);
	return 0;
}

static void sign(const cjose_jwk_t *jwk, const char *algorithm, const char *name,
    const char *claims, struct buffer *token)
{
	cjose_err err;
	cjose_header_t *header = cjose_header_new(&err);
	const char *text = NULL;
	cjose_jws_t *jws;

	assert_true(cjose_header_set(header, CJOSE_HDR_ALG, algorithm, &err));
	if (name[0] != '\0')
		assert_true(cjose_header_set(header, CJOSE_HDR_KID, name, &err));
	jws = cjose_jws_sign(jwk, header, (const uint8_t *)claims, strlen(claims), &err);
	assert_non_null(jws);
	assert_true(cjose_jws_export(jws, &text, &err));
	buffer_append_string(token, text);
	cjose_jws_release(jws);
	cjose_header_release(header);
}

/* The code of what is wrong with that token, "" where it is good. */
static const char *check(const struct issuer *issuer, const char *token)
{
	static struct error err;
	json_t *claims = id_token_check(slice_of(token), issuer->keys, &expected, &err);

	if (claims == NULL)
		return err.code;
	json_decref(claims);
	return "";
}

static const char *check_signed(const struct issuer *issuer, const cjose_jwk_t *jwk,
    const char *algorithm, const char *name, const char *claims)
{
	BUFFER_AUTO struct buffer token = {0};

	sign(jwk, algorithm, name, claims, &token);
	return check(issuer, buffer_string(&token));
}

#define TIMES "\"exp\":1790000300,\"iat\":1790000000"
#define GOOD                                                                                       \
	"{\"iss\":\"" ISSUER "\",\"aud\":\"" CLIENT "\",\"nonce\":\"" NONCE                        \
	"\",\"sub\":\"248289\"," TIMES "}"

/* ---- signatures ---- */

static void test_signatures(void **state)
{
	const struct issuer *i = *state;
	static const uint8_t exponent[] = {1, 0, 1};
	cjose_err err;
	cjose_jwk_t *forger = named(cjose_jwk_create_RSA_random(2048, exponent, 3, &err), "rsa");

	assert_int_equal(keys_count(i->keys), 2); /* neither the short one nor the secret */
	assert_string_equal(check_signed(i, i->rsa, "RS256", "rsa", GOOD), "");
	assert_string_equal(check_signed(i, i->rsa, "PS512", "rsa", GOOD), "");
	assert_string_equal(check_signed(i, i->ec, "ES256", "ec", GOOD), "");
	assert_string_equal(check_signed(i, i->rsa, "RS256", "", GOOD), "");
	/* Another's, by that name, by a new name, and without one. */
	assert_string_equal(check_signed(i, forger, "RS256", "rsa", GOOD), "bad_token");
	assert_string_equal(check_signed(i, forger, "RS256", "new", GOOD), "unknown_key");
	assert_string_equal(check_signed(i, forger, "RS256", "", GOOD), "bad_token");
	/* A key under another's name is not looked for. */
	assert_string_equal(check_signed(i, i->rsa, "RS256", "ec", GOOD), "unknown_key");
	assert_string_equal(check_signed(i, i->short_rsa, "RS256", "short", GOOD), "unknown_key");
	assert_string_equal(check_signed(i, i->octets, "HS256", "octets", GOOD), "bad_token");
	cjose_jwk_release(forger);
}

/* The parts of a token that nobody has signed. */
static void put_unsigned(const char *header, const char *claims, struct buffer *token)
{
	cjose_err err;
	char *part;
	size_t len;

	assert_true(
	    cjose_base64url_encode((const uint8_t *)header, strlen(header), &part, &len, &err));
	buffer_printf(token, "%.*s.", (int)len, part);
	free(part);
	assert_true(
	    cjose_base64url_encode((const uint8_t *)claims, strlen(claims), &part, &len, &err));
	buffer_printf(token, "%.*s.", (int)len, part);
	free(part);
}

static void test_unsigned(void **state)
{
	static const char *const headers[] = {"{\"alg\":\"none\"}", "{\"alg\":\"None\"}",
	    "{\"alg\":\"\"}", "{}", "[]", "null", "{\"alg\":[\"RS256\"]}", "{\"alg\":null}",
	    "{\"alg\":\"RS256\"}", "{\"alg\":\"RS256\",\"kid\":7}",
	    "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"b64\"],\"b64\":false}"};
	const struct issuer *i = *state;

	for (size_t h = 0; h < sizeof(headers) / sizeof(headers[0]); h++) {
		BUFFER_AUTO struct buffer token = {0};

		put_unsigned(headers[h], GOOD, &token);
		assert_string_equal(check(i, buffer_string(&token)), "bad_token");
		buffer_append_string(&token, "AAAA");
		assert_string_equal(check(i, buffer_string(&token)), "bad_token");
	}
	assert_string_equal(check(i, "a.b"), "bad_token");
	assert_string_equal(check(i, "..."), "bad_token");
}

/* One bit of it is another. */
static void test_changed(void **state)
{
	const struct issuer *i = *state;
	BUFFER_AUTO struct buffer token = {0};

	sign(i->ec, "ES256", "ec", GOOD, &token);
	(void)buffer_string(&token);
	/* The last letter may have bits that count for nothing. */
	for (size_t at = 0; at + 1 < token.len; at += 11) {
		char was = token.data[at];

		if (was == '.')
			continue;
		token.data[at] = was == 'A' ? 'B' : 'A';
		assert_string_not_equal(check(i, token.data), "");
		token.data[at] = was;
	}
	assert_string_equal(check(i, token.data), "");
}

/* ---- claims ---- */

static const char *claim_check(const char *json)
{
	json_t *claims = json_loads(json, 0, NULL);
	static struct error err;
	bool ok;

	assert_non_null(claims);
	ok = claims_check(claims, &expected, &err);
	json_decref(claims);
	return ok ? "" : err.text;
}

#define WITH(iss, aud, nonce, times)                                                               \
	claim_check("{\"iss\":" iss ",\"aud\":" aud ",\"nonce\":" nonce "," times "}")
#define I "\"" ISSUER "\""
#define C "\"" CLIENT "\""
#define N "\"" NONCE "\""

static void assert_about(const char *text, const char *claim)
{
	if (strstr(text, claim) == NULL)
		fail_msg("%s is not about %s", text, claim);
}

static void test_whose(void **state)
{
	(void)state;
	assert_string_equal(WITH(I, C, N, TIMES), "");
	assert_string_equal(WITH(I, "[" C "]", N, TIMES), "");
	assert_string_equal(WITH(I, "[" C ",\"x\"]", N, TIMES ",\"azp\":" C), "");
	assert_about(WITH("\"https://login.example/\"", C, N, TIMES), "(iss)");
	assert_about(WITH("null", C, N, TIMES), "(iss)");
	assert_about(WITH("[" I "]", C, N, TIMES), "(iss)");
	assert_about(WITH(I, "\"other\"", N, TIMES), "(aud)");
	assert_about(WITH(I, "[]", N, TIMES), "(aud)");
	assert_about(WITH(I, "{}", N, TIMES), "(aud)");
	assert_about(WITH(I, "[" C ",\"x\"]", N, TIMES), "(azp)");
	assert_about(WITH(I, C, N, TIMES ",\"azp\":\"x\""), "(azp)");
	assert_about(WITH(I, C, N, TIMES ",\"azp\":null"), "(azp)");
	assert_about(WITH(I, C, "\"other\"", TIMES), "(nonce)");
	assert_about(WITH(I, C, "\"\"", TIMES), "(nonce)");
	assert_about(WITH(I, C, "null", TIMES), "(nonce)");
	assert_about(claim_check("[]"), "no claims");
}

static void test_when(void **state)
{
	(void)state;
	/* A minute either way is a clock's business (CLAIMS_SKEW_S). */
	assert_string_equal(WITH(I, C, N, "\"exp\":1789999941,\"iat\":1789999900"), "");
	assert_about(WITH(I, C, N, "\"exp\":1789999940,\"iat\":1789999900"), "(exp)");
	assert_string_equal(WITH(I, C, N, "\"exp\":1790000300,\"iat\":1790000060"), "");
	assert_about(WITH(I, C, N, "\"exp\":1790000300,\"iat\":1790000061"), "(iat)");
	assert_string_equal(WITH(I, C, N, "\"exp\":1790000300,\"iat\":1789999340"), "");
	assert_about(WITH(I, C, N, "\"exp\":1790000300,\"iat\":1789999339"), "(iat)");
	assert_string_equal(WITH(I, C, N, TIMES ",\"nbf\":1790000060"), "");
	assert_about(WITH(I, C, N, TIMES ",\"nbf\":1790000061"), "(nbf)");
	assert_about(WITH(I, C, N, "\"exp\":1790000300"), "iat, exp");
	assert_about(WITH(I, C, N, "\"exp\":\"1790000300\",\"iat\":1790000000"), "iat, exp");
	assert_about(WITH(I, C, N, "\"exp\":1e300,\"iat\":1790000000"), "iat, exp");
	assert_about(WITH(I, C, N, "\"exp\":-1,\"iat\":1790000000"), "iat, exp");
}

/* ---- who it is ---- */

static bool take(const char *json, const char *groups, struct person *person)
{
	json_t *claims = json_loads(json, 0, NULL);
	struct claims_wanted wanted = {SLICE("preferred_username"), slice_of(groups)};
	struct error err;
	bool ok = claims_take(claims, &wanted, person, &err);

	json_decref(claims);
	return ok;
}

static void assert_groups(const char *json, const char *claim, struct slice groups)
{
	struct person person = {.has_groups = false};

	assert_true(take(json, claim, &person));
	assert_true(slice_equal(buffer_slice(&person.groups), groups));
	person_free(&person);
}

static void refuse(const char *json)
{
	struct person person = {.has_groups = false};

	assert_false(take(json, "groups", &person));
	person_free(&person);
}

static void test_groups(void **state)
{
	(void)state;
	assert_groups("{\"sub\":\"1\",\"groups\":[\"a\",\"b c\"]}", "groups", SLICE("a\0b c\0"));
	assert_groups("{\"sub\":\"1\",\"groups\":\"a\"}", "groups", SLICE("a\0"));
	assert_groups("{\"sub\":\"1\"}", "groups", SLICE(""));
	/* Keycloak's, and Auth0's, whose name has dots itself. */
	assert_groups("{\"sub\":\"1\",\"realm_access\":{\"roles\":[\"a\"]}}", "realm_access.roles",
	    SLICE("a\0"));
	assert_groups("{\"sub\":\"1\",\"https://a.b/c\":[\"a\"]}", "https://a.b/c", SLICE("a\0"));
	assert_groups("{\"sub\":\"1\",\"a\":[{\"b\":\"x\"}]}", "a.b", SLICE(""));
	refuse("{\"sub\":\"1\",\"groups\":[\"a\",7]}");
	refuse("{\"sub\":\"1\",\"groups\":{\"a\":true}}");
	refuse("{\"sub\":\"1\",\"groups\":null}");
	refuse("{\"sub\":\"1\",\"groups\":[\"a\\nb\"]}");
	refuse("{\"sub\":\"1\",\"groups\":[\"\"]}");
	refuse("{\"sub\":\"\"}");
	refuse("{}");
	refuse("{\"sub\":\"1\",\"preferred_username\":[\"a\"]}");
}

static void test_userinfo(void **state)
{
	struct person person = {.has_groups = false};

	(void)state;
	assert_true(take("{\"sub\":\"1\",\"preferred_username\":\"anna\"}", "groups", &person));
	/* What is known is kept; what is not, added; and nobody else's. */
	assert_true(take("{\"sub\":\"1\",\"preferred_username\":\"eve\",\"groups\":[\"a\"]}",
	    "groups", &person));
	assert_true(slice_is(buffer_slice(&person.name), "anna"));
	assert_true(slice_equal(buffer_slice(&person.groups), SLICE("a\0")));
	assert_false(take("{\"sub\":\"2\"}", "groups", &person));
	person_free(&person);
}

static void test_too_many_groups(void **state)
{
	BUFFER_AUTO struct buffer json = {0};
	struct person person = {.has_groups = false};

	(void)state;
	buffer_append_string(&json, "{\"sub\":\"1\",\"groups\":[\"g\"");
	for (int i = 1; i < 1000; i++)
		buffer_append_string(&json, ",\"g\"");
	buffer_append_string(&json, "]}");
	assert_true(take(buffer_string(&json), "groups", &person));
	assert_int_equal(person.groups.len, 2000);
	person_free(&person);
	json.len -= 2;
	buffer_append_string(&json, ",\"g\"]}");
	refuse(buffer_string(&json));
}

/* ---- what else an issuer says ---- */

static const char *metadata(const char *json, const char *issuer)
{
	static struct metadata found;
	static struct error err;

	return metadata_parse(slice_of(json), slice_of(issuer), &found, &err) ? found.userinfo
									      : err.code;
}

#define ENDS                                                                                       \
	"\"authorization_endpoint\":\"https://login.example/a\",\"token_endpoint\":"               \
	"\"https://login.example/t\",\"jwks_uri\":\"https://keys.example/k?v=1\""

static void test_metadata(void **state)
{
	(void)state;
	assert_string_equal(metadata("{\"issuer\":" I "," ENDS
				     ",\"userinfo_endpoint\":\"https://login.example/u\"}",
				ISSUER),
	    "https://login.example/u");
	assert_string_equal(metadata("{\"issuer\":" I "," ENDS "}", ISSUER), "");
	assert_string_equal(
	    metadata("{\"issuer\":\"https://login.example/\"," ENDS "}", ISSUER), "bad_metadata");
	assert_string_equal(metadata("{" ENDS "}", ISSUER), "bad_metadata");
	assert_string_equal(metadata("{\"issuer\":" I "}", ISSUER), "bad_metadata");
	assert_string_equal(
	    metadata("{\"issuer\":" I "," ENDS ",\"userinfo_endpoint\":\"http://login.example/u\"}",
		ISSUER),
	    "bad_metadata");
	assert_string_equal(
	    metadata("{\"issuer\":" I "," ENDS ",\"end_session_endpoint\":\"javascript:alert(1)\"}",
		ISSUER),
	    "bad_metadata");
	assert_string_equal(
	    metadata("{\"issuer\":" I "," ENDS ",\"code_challenge_methods_supported\":[\"plain\"]}",
		ISSUER),
	    "bad_metadata");
	assert_string_equal(
	    metadata("{\"issuer\":" I ",\"issuer\":" I "," ENDS "}", ISSUER), "bad_metadata");
	assert_string_equal(metadata("<html>", ISSUER), "bad_metadata");
	assert_string_equal(metadata("", ISSUER), "bad_metadata");
}

static const char *token(long status, const char *json)
{
	struct token_reply reply;
	static struct error err;
	bool ok = token_reply_parse(status, slice_of(json), &reply, &err);

	token_reply_free(&reply);
	return ok ? "" : err.code;
}

static void test_token_reply(void **state)
{
	(void)state;
	assert_string_equal(token(200, "{\"id_token\":\"a.b.c\"}"), "");
	assert_string_equal(token(400, "{\"error\":\"invalid_grant\"}"), "issuer_refused");
	assert_string_equal(token(400, "{\"error\":\"x\\r\\ny\"}"), "bad_token");
	assert_string_equal(token(500, "{\"id_token\":\"a.b.c\"}"), "bad_token");
	assert_string_equal(token(200, "{}"), "bad_token");
	assert_string_equal(token(200, "[]"), "bad_token");
	assert_string_equal(token(200, ""), "bad_token");
	assert_string_equal(token(200, "{\"id_token\":\"a.b\"}"), "bad_token");
	assert_string_equal(token(200, "{\"id_token\":\"a.b.c.d.e\"}"), "bad_token");
	assert_string_equal(token(200, "{\"id_token\":\"a.b.c \"}"), "bad_token");
	assert_string_equal(token(200, "{\"id_token\":7}"), "bad_token");
}

/* What is no key is passed over, and takes nobody else's with it. */
static void test_keys(void **state)
{
	static const char good[] = "{\"kty\":\"EC\",\"crv\":\"P-256\","
				   "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
				   "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
	static const char *const none[] = {"{\"kty\":\"RSA\",\"n\":\"s=Xch\",\"e\":\"AQAB\"}",
	    "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}", "{\"kty\":\"RSA\"}", "7", "{}",
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
	    "{\"kty\":\"EC\",\"crv\":\"P-257\",\"x\":\"AA\",\"y\":\"AA\"}",
	    "{\"kty\":\"oct\",\"k\":\"AAAA\"}"};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		BUFFER_AUTO struct buffer set = {0};
		struct keys *keys;

		buffer_printf(&set, "{\"keys\":[%s,%s]}", none[i], good);
		keys = keys_parse(buffer_slice(&set), &err);
		assert_non_null(keys);
		assert_int_equal(keys_count(keys), 1);
		keys_destroy(&keys);
	}
	assert_null(keys_parse(SLICE("{\"keys\":{}}"), &err));
	assert_null(keys_parse(SLICE("[]"), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_signatures),
	    cmocka_unit_test(test_unsigned),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_whose),
	    cmocka_unit_test(test_when),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_userinfo),
	    cmocka_unit_test(test_too_many_groups),
	    cmocka_unit_test(test_metadata),
	    cmocka_unit_test(test_token_reply),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
