#include "index/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "index/grow.h"

#define TABLE_MIN 256

/* Not keyed: Postfix makes the IDs, out of a clock and an inode. */
static uint32_t hash_of(const struct id_key *id)
{
	return (uint32_t)hash_u64(id->word[0] ^ hash_u64(id->word[1] ^ hash_u64(id->word[2])));
}

static void columns_resize(struct columns *c, size_t cap)
{
	c->id = memory_resize(c->id, cap, sizeof(*c->id));
	c->size = memory_resize(c->size, cap, sizeof(*c->size));
	c->inode = memory_resize(c->inode, cap, sizeof(*c->inode));
	c->arrival = memory_resize(c->arrival, cap, sizeof(*c->arrival));
	c->next_retry = memory_resize(c->next_retry, cap, sizeof(*c->next_retry));
	c->create_time = memory_resize(c->create_time, cap, sizeof(*c->create_time));
	c->sender = memory_resize(c->sender, cap, sizeof(*c->sender));
	c->subject = memory_resize(c->subject, cap, sizeof(*c->subject));
	c->client = memory_resize(c->client, cap, sizeof(*c->client));
	c->login = memory_resize(c->login, cap, sizeof(*c->login));
	c->helo = memory_resize(c->helo, cap, sizeof(*c->helo));
	c->fate = memory_resize(c->fate, cap, sizeof(*c->fate));
	c->signature = memory_resize(c->signature, cap, sizeof(*c->signature));
	c->todo = memory_resize(c->todo, cap, sizeof(*c->todo));
	c->kept = memory_resize(c->kept, cap, sizeof(*c->kept));
	c->recipients = memory_resize(c->recipients, cap, sizeof(*c->recipients));
	c->known = memory_resize(c->known, cap, sizeof(*c->known));
	c->flags = memory_resize(c->flags, cap, sizeof(*c->flags));
	c->queue = memory_resize(c->queue, cap, sizeof(*c->queue));
}

static void columns_clear_row(struct columns *c, uint32_t row)
{
	c->size[row] = c->inode[row] = 0;
	c->arrival[row] = c->next_retry[row] = c->create_time[row] = 0;
	c->sender[row] = c->subject[row] = c->client[row] = c->login[row] = c->helo[row] = 0;
	c->signature[row] = c->fate[row] = c->todo[row] = c->kept[row] = c->recipients[row] = 0;
	c->known[row] = c->flags[row] = c->queue[row] = 0;
}

static void columns_free(struct columns *c)
{
	free(c->id);
	free(c->size);
	free(c->inode);
	free(c->arrival);
	free(c->next_retry);
	free(c->create_time);
	free(c->sender);
	free(c->subject);
	free(c->client);
	free(c->login);
	free(c->helo);
	free(c->fate);
	free(c->signature);
	free(c->todo);
	free(c->kept);
	free(c->recipients);
	free(c->known);
	free(c->flags);
	free(c->queue);
}

static void table_insert(struct index *ix, uint32_t row)
{
	uint32_t slot = hash_of(&ix->c.id[row]) & ix->table_mask;

	while (ix->table[slot] != 0)
		slot = (slot + 1) & ix->table_mask;
	ix->table[slot] = row + 1;
}

static void table_grow(struct index *ix)
{
	uint32_t *old = ix->table;
	uint32_t old_slots = old ? ix->table_mask + 1 : 0;
	uint32_t slots = old ? old_slots * 2 : TABLE_MIN;

	ix->table = memory_zero(slots, sizeof(*ix->table));
	ix->table_mask = slots - 1;
	for (uint32_t i = 0; i < old_slots; i++) {
		if (old[i] != 0)
			table_insert(ix, old[i] - 1);
	}
	free(old);
}

/* The slot that holds `id`, or the empty one where it would go. */
static uint32_t table_slot(const struct index *ix, const struct id_key *id)
{
	uint32_t slot = hash_of(id) & ix->table_mask;

	while (ix->table[slot] != 0 && id_key_compare(&ix->c.id[ix->table[slot] - 1], id) != 0)
		slot = (slot + 1) & ix->table_mask;
	return slot;
}

uint32_t rows_find(const struct index *ix, const struct id_key *id)
{
	uint32_t found = ix->table ? ix->table[table_slot(ix, id)] : 0;

	return found == 0 ? INDEX_ROW_NONE : found - 1;
}

void rows_forget(struct index *ix, uint32_t row)
{
	uint32_t hole = table_slot(ix, &ix->c.id[row]);

	/* Another row may have the ID by now. */
	if (ix->table[hole] != row + 1)
		return;
	/* Move back those behind it that would no longer be found (Knuth 6.4, algorithm R). */
	for (uint32_t slot = (hole + 1) & ix->table_mask; ix->table[slot] != 0;
	     slot = (slot + 1) & ix->table_mask) {
		uint32_t home = hash_of(&ix->c.id[ix->table[slot] - 1]) & ix->table_mask;
		if (((slot - home) & ix->table_mask) >= ((slot - hole) & ix->table_mask)) {
			ix->table[hole] = ix->table[slot];
			hole = slot;
		}
	}
	ix->table[hole] = 0;
	ix->table_used--;
}

static void grow_rows(struct index *ix)
{
	size_t old_words = ((size_t)ix->cap + 63) / 64;
	size_t cap = grow_capacity(ix->cap, (size_t)ix->cap + 1);
	size_t words = (cap + 63) / 64;

	columns_resize(&ix->c, cap);
	ix->live = memory_resize(ix->live, words, sizeof(*ix->live));
	memset(ix->live + old_words, 0, (words - old_words) * sizeof(*ix->live));
	ix->cap = (uint32_t)cap;
}

uint32_t rows_take(struct index *ix, const struct id_key *id)
{
	uint32_t row;

	if (ix->free_head != 0) {
		row = ix->free_head - 1;
		ix->free_head = ix->c.recipients[row];
	} else {
		if (ix->rows == ix->cap)
			grow_rows(ix);
		row = ix->rows++;
	}
	columns_clear_row(&ix->c, row);
	ix->c.id[row] = *id;
	if (!ix->table || ix->table_used >= ix->table_mask / 8 * 5)
		table_grow(ix);
	table_insert(ix, row);
	ix->table_used++;
	return row;
}

void rows_give(struct index *ix, uint32_t row)
{
	rows_forget(ix, row);
	ix->c.flags[row] = 0;
	ix->c.recipients[row] = ix->free_head;
	ix->free_head = row + 1;
}

void rows_free_all(struct index *ix)
{
	columns_free(&ix->c);
	free(ix->live);
	free(ix->table);
}
