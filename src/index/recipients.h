/* Where the recipients of all rows are kept: twelve bytes each. A message with one recipient, as
 * most have, has it in one array; the others have a block of their own. Private to index/. */
#ifndef INDEX_RECIPIENTS_H
#define INDEX_RECIPIENTS_H

#include <stdint.h>

/* What is told of a recipient beside its strings, in the high bits of `reason`. */
#define RECIPIENT_DONE (1u << 31)
#define RECIPIENT_BOUNCED (1u << 30)
#define RECIPIENT_STALE (1u << 29) /* the reason is the last known one */
#define RECIPIENT_FLAGS (RECIPIENT_DONE | RECIPIENT_BOUNCED | RECIPIENT_STALE)

struct recipient {
	uint32_t address; /* numbers in dictionaries */
	uint32_t original;
	uint32_t reason; /* and flags */
};

struct recipients {
	struct recipient *single;
	uint32_t single_count, single_cap, single_free;
	struct recipient **block;
	uint32_t block_count, block_cap, block_free;
};

void recipients_free(struct recipients *r);
/* Room for `count` recipients; `at` is then what names them, together with the count. */
uint32_t recipients_take(struct recipients *r, uint32_t count);
void recipients_give(struct recipients *r, uint32_t at, uint32_t count);

/* The recipients named by `at` and `count` (NULL for none); valid until the next recipients_take.
 */
static inline struct recipient *recipients_at(
    const struct recipients *r, uint32_t at, uint32_t count)
{
	if (count == 0)
		return 0;
	return count == 1 ? &r->single[at] : r->block[at];
}

#endif
