/* Blocks and pairs are named by numbers, not by pointers, so that a recipient takes eight bytes in
 * a column and a saved index needs no translation. Places that were given back form a list through
 * the table itself. */
#include "index/columns/recipients.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/region.h"

/* Free places form a list: of pairs in `address`, of blocks in the table of their pointers, which
 * are then numbers (shifted, with the lowest bit set, so that no pointer can be mistaken for one).
 */
static uintptr_t free_block(uint32_t next)
{
	return ((uintptr_t)next << 1) | 1;
}

void recipients_free(struct recipients *r)
{
	for (uint32_t i = 1; i < r->block_count; i++) {
		if (recipients_taken(r, i))
			free(r->block[i]);
	}
	region_free(r->block, r->block_cap, sizeof(struct recipient_block *));
	region_free(r->pair, r->pair_cap, sizeof(*r->pair));
	*r = (struct recipients){0};
}

static uint32_t take_number(struct recipients *r)
{
	uint32_t at = r->block_free;

	if (at != 0) {
		r->block_free = (uint32_t)((uintptr_t)r->block[at] >> 1);
		return at;
	}
	if (r->block_count == 0)
		r->block_count = 1;
	if (r->block_count >= r->block_cap) {
		size_t cap = region_capacity(r->block_cap, (size_t)r->block_count + 1);
		r->block =
		    region_resize(r->block, r->block_cap, cap, sizeof(struct recipient_block *));
		r->block_cap = (uint32_t)cap;
		r->block[0] = (struct recipient_block *)free_block(0);
	}
	return r->block_count++;
}

uint32_t recipients_take(struct recipients *r, uint32_t todo, uint32_t kept)
{
	uint32_t at = take_number(r);
	struct recipient_block *block =
	    memory_alloc(sizeof(*block) + (size_t)kept * sizeof(block->list[0]));

	block->todo = todo;
	block->kept = kept;
	r->block[at] = block;
	return at;
}

void recipients_give(struct recipients *r, uint32_t at)
{
	free(r->block[at]);
	r->block[at] = (struct recipient_block *)free_block(r->block_free);
	r->block_free = at;
}

/* Numbers begin with 1: 0 ends the list of free ones. */
uint32_t recipients_pair(struct recipients *r, uint32_t address, uint32_t original)
{
	uint32_t at = r->pair_free;

	if (at != 0) {
		r->pair_free = r->pair[at].address;
	} else {
		if (r->pair_count == 0)
			r->pair_count = 1;
		if (r->pair_count >= r->pair_cap) {
			size_t cap = region_capacity(r->pair_cap, (size_t)r->pair_count + 1);
			r->pair = region_resize(r->pair, r->pair_cap, cap, sizeof(*r->pair));
			r->pair_cap = (uint32_t)cap;
		}
		at = r->pair_count++;
	}
	r->pair[at] = (struct recipient_pair){address, original};
	return at;
}

void recipients_unpair(struct recipients *r, uint32_t pair)
{
	r->pair[pair] = (struct recipient_pair){r->pair_free, 0};
	r->pair_free = pair;
}
