/* Sixteen bytes at a time, and letters without regard to ASCII case: what the searches in filter/
 * are made of. Private to filter/. */
#ifndef FILTER_BLOCK_H
#define FILTER_BLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* gcc and clang make one instruction of each operation (SSE2, NEON). */
typedef uint8_t block __attribute__((vector_size(16)));

static inline block block_load(const char *p)
{
	block b;

	memcpy(&b, p, sizeof(b));
	return b;
}

/* Whether any byte is not zero. */
static inline bool block_any(block hits)
{
	uint64_t halves[2];

	memcpy(halves, &hits, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* The letters A to Z in lower case; any other byte as it is. */
static inline char block_fold_char(char c)
{
	return (char)((unsigned char)c | ((unsigned char)(c - 'A') < 26 ? 0x20 : 0));
}

#endif
