/* A Feistel network of a few rounds over 40 bits, with SipHash as its round function. Who is to be
 * kept from counting sees some hundred numbers, and chooses none. */
#include "api/numbers.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "base/memory.h"

#define HALF_BITS 20
#define HALF_MASK ((UINT64_C(1) << HALF_BITS) - 1)
#define ROUNDS 8

struct numbers {
	struct hash_key key;
	bool from_secret;
};

struct numbers *numbers_create(void)
{
	struct numbers *numbers = memory_zero(1, sizeof(*numbers));

	numbers->key = hash_key_random();
	return numbers;
}

void numbers_destroy(struct numbers **numbers)
{
	free(*numbers);
	*numbers = NULL;
}

void numbers_use_secret(struct numbers *numbers, const void *secret, size_t size)
{
	static const unsigned char purpose[] = "numbers of those who see a part";
	unsigned char key[crypto_generichash_BYTES_MIN];

	if (numbers->from_secret)
		return;
	numbers->from_secret = true;
	/* Not the secret itself, which has another use. */
	crypto_generichash(key, sizeof(key), secret, size, purpose, sizeof(purpose) - 1);
	memcpy(&numbers->key, key, sizeof(numbers->key));
	sodium_memzero(key, sizeof(key));
}

static uint64_t mix(const struct numbers *numbers, enum number_kind kind, int round, uint64_t half)
{
	uint64_t words[3] = {(uint64_t)kind, (uint64_t)round, half};

	return hash_bytes(&numbers->key, slice_make(words, sizeof(words))) & HALF_MASK;
}

static uint64_t forwards(const struct numbers *numbers, enum number_kind kind, uint64_t number)
{
	uint64_t left = number >> HALF_BITS, right = number & HALF_MASK;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t next = left ^ mix(numbers, kind, round, right);

		left = right;
		right = next;
	}
	return left << HALF_BITS | right;
}

static uint64_t backwards(const struct numbers *numbers, enum number_kind kind, uint64_t shown)
{
	uint64_t left = shown >> HALF_BITS, right = shown & HALF_MASK;

	for (int round = ROUNDS - 1; round >= 0; round--) {
		uint64_t before = right ^ mix(numbers, kind, round, left);

		right = left;
		left = before;
	}
	return left << HALF_BITS | right;
}

/* 0 stands for no number at all, so it is none of those that are shown: whatever would become 0
 * goes round once more. */
int64_t numbers_shown(const struct numbers *numbers, enum number_kind kind, int64_t number)
{
	uint64_t shown;

	if (numbers == NULL)
		return number;
	if (number < 1 || number > NUMBERS_MAX)
		return 0;
	shown = forwards(numbers, kind, (uint64_t)number);
	return (int64_t)(shown != 0 ? shown : forwards(numbers, kind, 0));
}

int64_t numbers_meant(const struct numbers *numbers, enum number_kind kind, int64_t shown)
{
	uint64_t number;

	if (numbers == NULL)
		return shown;
	if (shown < 1 || shown > NUMBERS_MAX)
		return 0;
	number = backwards(numbers, kind, (uint64_t)shown);
	return (int64_t)(number != 0 ? number : backwards(numbers, kind, 0));
}

/* ---- Sealed ---- */

#define NONCE crypto_secretbox_NONCEBYTES
#define OVERHEAD (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
/* More than anybody seals. */
#define SEALED_MAX 200

_Static_assert(OVERHEAD == 40, "NUMBERS_SEALED_SIZE has room");

static void seal_key(const struct numbers *numbers, unsigned char key[crypto_secretbox_KEYBYTES])
{
	static const unsigned char purpose[] = "places that are brought again";

	crypto_generichash(key, crypto_secretbox_KEYBYTES, purpose, sizeof(purpose) - 1,
	    (const unsigned char *)&numbers->key, sizeof(numbers->key));
}

/* The nonce is made of the bytes: one for each text, and none that comes by chance. */
void numbers_seal(
    const struct numbers *numbers, const void *bytes, size_t len, char *text, size_t size)
{
	unsigned char sealed[SEALED_MAX + OVERHEAD], key[crypto_secretbox_KEYBYTES];

	seal_key(numbers, key);
	crypto_generichash(sealed, NONCE, bytes, len, key, sizeof(key));
	crypto_secretbox_easy(sealed + NONCE, bytes, len, sealed, key);
	sodium_bin2base64(text, size, sealed, len + OVERHEAD, VARIANT);
	sodium_memzero(key, sizeof(key));
}

bool numbers_open(const struct numbers *numbers, struct slice text, void *bytes, size_t len)
{
	unsigned char sealed[SEALED_MAX + OVERHEAD], key[crypto_secretbox_KEYBYTES];
	size_t size;
	bool good;

	if (sodium_base642bin(
		sealed, sizeof(sealed), text.data, text.len, NULL, &size, NULL, VARIANT) != 0 ||
	    size != len + OVERHEAD)
		return false;
	seal_key(numbers, key);
	good = crypto_secretbox_open_easy(bytes, sealed + NONCE, size - NONCE, sealed, key) == 0;
	sodium_memzero(key, sizeof(key));
	return good;
}
