/* NONCE.CODE, where the code is a keyed BLAKE2b of nonce and name: nobody but the service makes
 * one, and one name's is not another's. */
#include "access/device.h"

#include <string.h>

#include <sodium.h>

#define NONCE_SIZE 16
#define BASE64_SIZE(bytes) (((bytes)*4 + 2) / 3 + 1) /* without padding, with its NUL */

_Static_assert(
    DEVICE_COOKIE_SIZE >= BASE64_SIZE(NONCE_SIZE) + BASE64_SIZE(ACCOUNTS_KEY_SIZE), "both fit");

static void sign(const unsigned char key[ACCOUNTS_KEY_SIZE], struct slice name,
    const unsigned char nonce[NONCE_SIZE], unsigned char code[ACCOUNTS_KEY_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, ACCOUNTS_KEY_SIZE, ACCOUNTS_KEY_SIZE);
	/* The nonce has a fixed size and comes first, so no name can be taken for a part of it. */
	crypto_generichash_update(&state, nonce, NONCE_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)name.data, name.len);
	crypto_generichash_final(&state, code, ACCOUNTS_KEY_SIZE);
}

void device_cookie_make(
    const unsigned char key[ACCOUNTS_KEY_SIZE], struct slice name, char cookie[DEVICE_COOKIE_SIZE])
{
	unsigned char nonce[NONCE_SIZE], code[ACCOUNTS_KEY_SIZE];
	char *end;

	randombytes_buf(nonce, sizeof(nonce));
	sign(key, name, nonce, code);
	sodium_bin2base64(cookie, BASE64_SIZE(NONCE_SIZE), nonce, sizeof(nonce),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	end = cookie + strlen(cookie);
	*end++ = '.';
	sodium_bin2base64(end, BASE64_SIZE(ACCOUNTS_KEY_SIZE), code, sizeof(code),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool decode(struct slice text, unsigned char *out, size_t size)
{
	size_t len;

	return sodium_base642bin(out, size, text.data, text.len, NULL, &len, NULL,
		   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       len == size;
}

/* Compared in constant time: the code is what must not be guessed byte by byte. */
bool device_cookie_good(const unsigned char key[ACCOUNTS_KEY_SIZE], struct slice name,
    struct slice cookie, struct slice *nonce)
{
	unsigned char random[NONCE_SIZE], code[ACCOUNTS_KEY_SIZE], right[ACCOUNTS_KEY_SIZE];

	if (!slice_split(&cookie, '.', nonce) || cookie.data == NULL ||
	    !decode(*nonce, random, sizeof(random)) || !decode(cookie, code, sizeof(code)))
		return false;
	sign(key, name, random, right);
	return sodium_memcmp(code, right, sizeof(code)) == 0;
}
