/* XSalsa20-Poly1305 seals; a ring remembers what was used. A flow that came to nothing is not
 * remembered: with it goes only its own browser on, as it could with a new one, and a code is taken
 * once by the issuer. So strangers cannot fill the ring. */
#include "access/oidc_flow.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/memory.h"

#define RANDOM_BYTES 32
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* What is sealed. */
struct sealed {
	int64_t begun;
	unsigned char state[RANDOM_BYTES], nonce[RANDOM_BYTES], verifier[RANDOM_BYTES];
};
#define COOKIE_BYTES                                                                               \
	(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + sizeof(struct sealed))

_Static_assert(sizeof(struct sealed) == 8 + 3 * RANDOM_BYTES, "no padding is sealed");
_Static_assert(OIDC_COOKIE_SIZE == sodium_base64_ENCODED_LEN(COOKIE_BYTES, VARIANT), "it fits");
_Static_assert(OIDC_RANDOM_SIZE == sodium_base64_ENCODED_LEN(RANDOM_BYTES, VARIANT), "it fits");

/* A flow by its state, which nobody can choose. */
struct name {
	char state[OIDC_RANDOM_SIZE];
	int64_t begun;
};

struct oidc_flows {
	unsigned char key[crypto_secretbox_KEYBYTES];
	struct name under_way[OIDC_FLOWS_UNDER_WAY]; /* begun 0: free */
	struct name used[OIDC_FLOWS_USED];
	size_t next_used;
};

struct oidc_flows *oidc_flows_create(void)
{
	struct oidc_flows *flows = memory_zero(1, sizeof(*flows));

	randombytes_buf(flows->key, sizeof(flows->key));
	return flows;
}

void oidc_flows_destroy(struct oidc_flows **flows)
{
	if (*flows == NULL)
		return;
	sodium_memzero((*flows)->key, sizeof((*flows)->key));
	free(*flows);
	*flows = NULL;
}

static void encode(const unsigned char bytes[RANDOM_BYTES], char out[OIDC_RANDOM_SIZE])
{
	sodium_bin2base64(out, OIDC_RANDOM_SIZE, bytes, RANDOM_BYTES, VARIANT);
}

static void fill(struct oidc_flow *flow, const struct sealed *sealed)
{
	encode(sealed->state, flow->state);
	encode(sealed->nonce, flow->nonce);
	encode(sealed->verifier, flow->verifier);
	flow->begun = sealed->begun;
}

void oidc_flow_begin(
    struct oidc_flows *flows, int64_t now, struct oidc_flow *flow, char cookie[OIDC_COOKIE_SIZE])
{
	unsigned char bytes[COOKIE_BYTES];
	struct sealed sealed = {.begun = now};

	randombytes_buf(sealed.state, sizeof(sealed.state));
	randombytes_buf(sealed.nonce, sizeof(sealed.nonce));
	randombytes_buf(sealed.verifier, sizeof(sealed.verifier));
	randombytes_buf(bytes, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(bytes + crypto_secretbox_NONCEBYTES, (unsigned char *)&sealed,
	    sizeof(sealed), bytes, flows->key);
	sodium_bin2base64(cookie, OIDC_COOKIE_SIZE, bytes, sizeof(bytes), VARIANT);
	fill(flow, &sealed);
	sodium_memzero(&sealed, sizeof(sealed));
}

void oidc_flow_challenge(const struct oidc_flow *flow, char challenge[OIDC_RANDOM_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)flow->verifier, strlen(flow->verifier));
	encode(hash, challenge);
}

static bool unseal(const struct oidc_flows *flows, struct slice cookie, struct oidc_flow *flow)
{
	unsigned char bytes[COOKIE_BYTES];
	struct sealed sealed;
	size_t len = 0;

	if (sodium_base642bin(
		bytes, sizeof(bytes), cookie.data, cookie.len, NULL, &len, NULL, VARIANT) != 0 ||
	    len != sizeof(bytes) ||
	    crypto_secretbox_open_easy((unsigned char *)&sealed,
		bytes + crypto_secretbox_NONCEBYTES, len - crypto_secretbox_NONCEBYTES, bytes,
		flows->key) != 0)
		return false;
	fill(flow, &sealed);
	sodium_memzero(&sealed, sizeof(sealed));
	return true;
}

static bool is_same(const struct name *name, const struct oidc_flow *flow)
{
	return name->begun != 0 && strcmp(name->state, flow->state) == 0;
}

static bool is_taken(const struct oidc_flows *flows, const struct oidc_flow *flow)
{
	for (size_t i = 0; i < OIDC_FLOWS_UNDER_WAY; i++)
		if (is_same(&flows->under_way[i], flow))
			return true;
	for (size_t i = 0; i < OIDC_FLOWS_USED; i++)
		if (is_same(&flows->used[i], flow))
			return true;
	return false;
}

enum oidc_flow_taken oidc_flow_take(struct oidc_flows *flows, struct slice cookie,
    struct slice state, int64_t now, struct oidc_flow *flow)
{
	/* The state is what another site must not be able to bring along (CSRF): compared in
	 * constant time. */
	if (!unseal(flows, cookie, flow) || state.len != strlen(flow->state) ||
	    sodium_memcmp(state.data, flow->state, state.len) != 0 ||
	    now - flow->begun > OIDC_FLOW_SECONDS || flow->begun > now || is_taken(flows, flow))
		return OIDC_FLOW_NONE;
	for (size_t i = 0; i < OIDC_FLOWS_UNDER_WAY; i++)
		if (flows->under_way[i].begun == 0) {
			memcpy(flows->under_way[i].state, flow->state, OIDC_RANDOM_SIZE);
			flows->under_way[i].begun = flow->begun;
			return OIDC_FLOW_TAKEN;
		}
	return OIDC_FLOW_BUSY;
}

void oidc_flow_end(struct oidc_flows *flows, const struct oidc_flow *flow, bool used)
{
	for (size_t i = 0; i < OIDC_FLOWS_UNDER_WAY; i++)
		if (is_same(&flows->under_way[i], flow)) {
			if (used)
				flows->used[flows->next_used++ % OIDC_FLOWS_USED] =
				    flows->under_way[i];
			flows->under_way[i].begun = 0;
			return;
		}
}
