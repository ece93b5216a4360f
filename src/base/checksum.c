#include "base/checksum.h"

#include <string.h>

#define PRIME_1 0x9E3779B185EBCA87u
#define PRIME_2 0xC2B2AE3D27D4EB4Fu
#define PRIME_3 0x165667B19E3779F9u
#define PRIME_4 0x85EBCA77C2B2AE63u
#define PRIME_5 0x27D4EB2F165667C5u

#define BLOCK 32

static uint64_t rotate(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

static uint64_t mix(uint64_t lane, uint64_t word)
{
	return rotate(lane + word * PRIME_2, 31) * PRIME_1;
}

/* Words are little-endian; these machines all are, and elsewhere the sum is another one. */
static uint64_t word_at(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static void add_block(uint64_t lane[4], const unsigned char *p)
{
	for (int i = 0; i < 4; i++)
		lane[i] = mix(lane[i], word_at(p + 8 * i));
}

void checksum_init(struct checksum *c)
{
	*c = (struct checksum){{PRIME_1 + PRIME_2, PRIME_2, 0, 0 - PRIME_1}, 0, {0}};
}

void checksum_add(struct checksum *c, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t have = c->length % BLOCK;

	c->length += len;
	if (have > 0) {
		size_t take = len < BLOCK - have ? len : BLOCK - have;
		memcpy(c->rest + have, p, take);
		p += take;
		len -= take;
		if (have + take < BLOCK)
			return;
		add_block(c->lane, c->rest);
	}
	for (; len >= BLOCK; p += BLOCK, len -= BLOCK)
		add_block(c->lane, p);
	if (len > 0)
		memcpy(c->rest, p, len);
}

static uint64_t add_rest(uint64_t h, const unsigned char *p, size_t len)
{
	uint32_t half;

	for (; len >= 8; p += 8, len -= 8)
		h = rotate(h ^ mix(0, word_at(p)), 27) * PRIME_1 + PRIME_4;
	if (len >= 4) {
		memcpy(&half, p, sizeof(half));
		h = rotate(h ^ half * PRIME_1, 23) * PRIME_2 + PRIME_3;
		p += 4;
		len -= 4;
	}
	for (; len > 0; p++, len--)
		h = rotate(h ^ *p * PRIME_5, 11) * PRIME_1;
	return h;
}

uint64_t checksum_value(const struct checksum *c)
{
	const uint64_t *lane = c->lane;
	uint64_t h = PRIME_5;

	if (c->length >= BLOCK) {
		h = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) +
		    rotate(lane[3], 18);
		for (int i = 0; i < 4; i++)
			h = (h ^ mix(0, lane[i])) * PRIME_1 + PRIME_4;
	}
	h = add_rest(h + c->length, c->rest, c->length % BLOCK);
	h = (h ^ h >> 33) * PRIME_2;
	h = (h ^ h >> 29) * PRIME_3;
	return h ^ h >> 32;
}
