/* Where the recipients of rows are kept: eight bytes each. A row whose message has one recipient,
 * still to be delivered to, as most have, holds it in a column; the others name a block. Private to
 * index/. */
#ifndef INDEX_RECIPIENTS_H
#define INDEX_RECIPIENTS_H

#include <stdint.h>

/* What is told of a recipient beside its strings, in the high bits of `reason`. */
#define RECIPIENT_DONE (1u << 31)
#define RECIPIENT_BOUNCED (1u << 30)
#define RECIPIENT_STALE (1u << 29)    /* the reason is the last known one */
#define RECIPIENT_ORIGINAL (1u << 28) /* `address` is the number of a pair */
#define RECIPIENT_FLAGS (RECIPIENT_DONE | RECIPIENT_BOUNCED | RECIPIENT_STALE | RECIPIENT_ORIGINAL)

struct recipient {
	uint32_t address; /* numbers in dictionaries; read them with row_values.h */
	uint32_t reason;  /* and flags */
};

/* An address and what it was before rewriting. */
struct recipient_pair {
	uint32_t address, original;
};

struct recipient_block {
	uint32_t todo, kept;
	struct recipient list[];
};

struct recipients {
	struct recipient_pair *pair;
	uint32_t pair_count, pair_cap, pair_free;
	struct recipient_block **block; /* from 1 */
	uint32_t block_count, block_cap, block_free;
};

void recipients_free(struct recipients *r);
/* A block with room for `kept` recipients, which the caller fills; its number, never 0. */
uint32_t recipients_take(struct recipients *r, uint32_t todo, uint32_t kept);
void recipients_give(struct recipients *r, uint32_t at);
/* Whether the number is one that recipients_take gave and that was not given back. */
static inline int recipients_taken(const struct recipients *r, uint32_t at)
{
	return at > 0 && at < r->block_count && ((uintptr_t)r->block[at] & 1) == 0;
}

/* A pair's number. */
uint32_t recipients_pair(struct recipients *r, uint32_t address, uint32_t original);
void recipients_unpair(struct recipients *r, uint32_t pair);

#endif
