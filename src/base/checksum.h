/* XXH64 with seed 0 (the xxHash specification, Yann Collet): against damage on a disk, at several
 * bytes a cycle. Not against anybody who may write: it has no key. */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

struct checksum {
	uint64_t lane[4];
	uint64_t length;
	unsigned char rest[32]; /* of the bytes so far, those that fill no block yet */
};

/* Starts a sum, of no bytes. */
void checksum_init(struct checksum *c);
/* More bytes; however they are cut, the sum is the same. */
void checksum_add(struct checksum *c, const void *data, size_t len);
/* The sum of all that was added so far. */
uint64_t checksum_value(const struct checksum *c);

#endif
