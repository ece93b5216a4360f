#include "index/recipients.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/grow.h"

/* Free places form a list: in `address` of a single, in a table beside the blocks' pointers, which
 * are then numbers (shifted, with the lowest bit set, so that no pointer can be mistaken for one).
 */

void recipients_free(struct recipients *r)
{
	for (uint32_t i = 0; i < r->block_count; i++) {
		if (((uintptr_t)r->block[i] & 1) == 0)
			free(r->block[i]);
	}
	free(r->block);
	free(r->single);
	*r = (struct recipients){0};
}

static uint32_t take_single(struct recipients *r)
{
	uint32_t at;

	if (r->single_free != 0) {
		at = r->single_free - 1;
		r->single_free = r->single[at].address;
		return at;
	}
	if (r->single_count == r->single_cap) {
		r->single_cap = (uint32_t)grow_capacity(r->single_cap, (size_t)r->single_cap + 1);
		r->single = memory_resize(r->single, r->single_cap, sizeof(*r->single));
	}
	return r->single_count++;
}

static uint32_t take_block(struct recipients *r)
{
	uint32_t at;

	if (r->block_free != 0) {
		at = r->block_free - 1;
		r->block_free = (uint32_t)((uintptr_t)r->block[at] >> 1);
		return at;
	}
	if (r->block_count == r->block_cap) {
		r->block_cap = (uint32_t)grow_capacity(r->block_cap, (size_t)r->block_cap + 1);
		r->block = memory_resize(r->block, r->block_cap, sizeof(*r->block));
	}
	return r->block_count++;
}

uint32_t recipients_take(struct recipients *r, uint32_t count)
{
	uint32_t at;

	if (count == 0)
		return 0;
	if (count == 1)
		return take_single(r);
	at = take_block(r);
	r->block[at] = memory_alloc(count * sizeof(**r->block));
	return at;
}

void recipients_give(struct recipients *r, uint32_t at, uint32_t count)
{
	if (count == 0)
		return;
	if (count == 1) {
		r->single[at].address = r->single_free;
		r->single_free = at + 1;
		return;
	}
	free(r->block[at]);
	r->block[at] = (struct recipient *)(((uintptr_t)r->block_free << 1) | 1);
	r->block_free = at + 1;
}
