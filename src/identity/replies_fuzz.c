/* What an issuer may answer. Input: a byte that says which answer, then its bytes. Nobody has the
 * key, so no token is ever good. */
#include <string.h>

#include "base/must_fuzz.h"
#include "identity/id_token.h"
#include "identity/metadata.h"
#include "identity/token_reply.h"

#define ISSUER "https://login.example"

static const char key[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\","
			  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static void check_token(struct slice token)
{
	static const struct claims_expected expected = {
	    {ISSUER, sizeof(ISSUER) - 1}, {"postroom", 8}, {"nonce", 5}, 1790000000};
	struct keys *keys = keys_parse(slice_of(key), NULL);

	must(keys != NULL && keys_count(keys) == 1);
	must(id_token_check(token, keys, &expected, NULL) == NULL);
	keys_destroy(&keys);
}

static void check_reply(struct slice bytes)
{
	struct token_reply reply;

	if (token_reply_parse(200, bytes, &reply, NULL)) {
		must(reply.id_token.len <= TOKEN_MAX && reply.access_token.len <= TOKEN_MAX);
		/* It becomes a header. */
		for (size_t i = 0; i < reply.access_token.len; i++)
			must(reply.access_token.data[i] > ' ' && reply.access_token.data[i] < 0x7f);
		check_token(buffer_slice(&reply.id_token));
	}
	token_reply_free(&reply);
}

static void check_claims(struct slice bytes)
{
	struct claims_wanted wanted = {SLICE("preferred_username"), SLICE("realm_access.roles")};
	struct person person = {.has_groups = false};
	json_t *claims = json_loadb(bytes.data, bytes.len, JSON_REJECT_DUPLICATES, NULL);

	if (claims_take(claims, &wanted, &person, NULL)) {
		must(person.subject.len > 0 && person.subject.len <= IDENTITY_ID_MAX);
		must(person.name.len <= IDENTITY_NAME_MAX);
		must(person.groups.len <= IDENTITY_GROUPS_MAX);
		must(person.groups.len == 0 || person.groups.data[person.groups.len - 1] == '\0');
	}
	person_free(&person);
	json_decref(claims);
}

static void check_metadata(struct slice bytes)
{
	struct metadata metadata;

	if (metadata_parse(bytes, SLICE(ISSUER), &metadata, NULL)) {
		must(strncmp(metadata.token, "https://", 8) == 0);
		must(strncmp(metadata.authorization, "https://", 8) == 0);
		must(strpbrk(metadata.authorization, " \r\n\t#") == NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes;
	struct keys *keys;

	if (size == 0)
		return 0;
	bytes = slice_make(data + 1, size - 1);
	switch (data[0] % 4) {
	case 0:
		check_metadata(bytes);
		break;
	case 1:
		check_reply(bytes);
		break;
	case 2:
		check_claims(bytes);
		break;
	default:
		keys = keys_parse(bytes, NULL);
		must(keys == NULL || keys_count(keys) <= KEYS_MAX);
		keys_destroy(&keys);
	}
	return 0;
}
