/* A keyed hash for tables in memory (SipHash-1-3, Aumasson and Bernstein): what strangers put into
 * addresses and reasons must not be able to choose the bucket. XXH64, which the saved index is
 * summed with, has a seed but no such promise. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct hash_key {
	uint64_t k0, k1;
};

/* A key from the kernel's random numbers. */
struct hash_key hash_key_random(void);
uint64_t hash_bytes(const struct hash_key *key, struct slice bytes);

/* A fixed, unkeyed mix of one integer, for keys that nobody outside chooses (splitmix64's
 * finisher). */
uint64_t hash_u64(uint64_t v);
/* Two numbers as one: equal numbers give equal ones. */
uint64_t hash_mix(uint64_t a, uint64_t b);

#endif
