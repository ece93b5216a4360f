/* SipHash-1-3 for texts, and a mixer of 64 bits for numbers, which is no protection against
 * anybody. */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct hash_key hash_key_random(void)
{
	struct hash_key key;

	/* At most 256 bytes never comes back short once the pool is up. */
	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
		abort();
	return key;
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

uint64_t hash_bytes(const struct hash_key *key, struct slice bytes)
{
	/* The constants are SipHash's own: "somepseudorandomlygeneratedbytes". */
	struct sip s = {key->k0 ^ 0x736f6d6570736575u, key->k1 ^ 0x646f72616e646f6du,
	    key->k0 ^ 0x6c7967656e657261u, key->k1 ^ 0x7465646279746573u};
	size_t whole = bytes.len / 8 * 8;
	uint64_t word, last = (uint64_t)bytes.len << 56;

	for (size_t i = 0; i < whole; i += 8) {
		memcpy(&word, bytes.data + i, 8);
		sip_word(&s, word);
	}
	for (size_t i = whole; i < bytes.len; i++)
		last |= (uint64_t)(unsigned char)bytes.data[i] << (8 * (i - whole));
	sip_word(&s, last);
	s.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_u64(uint64_t v)
{
	/* The last steps of SplitMix64: every bit of the number reaches every bit of the result. */
	v ^= v >> 30;
	v *= 0xbf58476d1ce4e5b9u;
	v ^= v >> 27;
	v *= 0x94d049bb133111ebu;
	return v ^ v >> 31;
}

uint64_t hash_mix(uint64_t a, uint64_t b)
{
	return hash_u64(a ^ hash_u64(b + 0x9e3779b97f4a7c15u));
}
