/* Taking rows and giving them back, and the table that finds a row by its ID. Nothing here knows
 * what the columns mean: they are listed once, with their width, and grown, cleared, saved and
 * restored by that list. */
#include "index/columns/rows.h"

#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "base/region.h"
#include "index/columns/row_values.h"

/* Every column: where its pointer is, and how wide it is. */
#define COLUMN(name)                                                                               \
	{                                                                                          \
		offsetof(struct columns, name), sizeof(*((struct columns *)0)->name)               \
	}
static const struct {
	size_t at, width;
} columns[] = {
    COLUMN(id),
    COLUMN(size),
    COLUMN(arrival),
    COLUMN(next_retry),
    COLUMN(sender),
    COLUMN(subject),
    COLUMN(origin),
    COLUMN(signature),
    COLUMN(log_stamp),
    COLUMN(recipient),
    COLUMN(created),
    COLUMN(known),
    COLUMN(flags),
    COLUMN(queue),
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

char *rows_column(const struct columns *c, size_t i, size_t *width)
{
	char *column;

	if (i >= COLUMNS)
		return NULL;
	memcpy(&column, (const char *)c + columns[i].at, sizeof(column));
	*width = columns[i].width;
	return column;
}

static void columns_resize(struct columns *c, size_t had, size_t cap)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t width;
		char *column = rows_column(c, i, &width);
		column = region_resize(column, had, cap, width);
		memcpy((char *)c + columns[i].at, &column, sizeof(column));
	}
}

static void columns_clear_row(struct columns *c, uint32_t row)
{
	size_t width;
	char *column;

	for (size_t i = 0; (column = rows_column(c, i, &width)) != NULL; i++)
		memset(column + row * width, 0, width);
}

/* ---- By ID ---- */

/* Not keyed: Postfix makes the IDs, out of a clock and an inode. */
static uint32_t hash_id(const struct id_key *id)
{
	return (uint32_t)hash_u64(id->word[0] ^ hash_u64(id->word[1] ^ id->word[2]));
}

static uint32_t hash_of(const void *owner, uint32_t number)
{
	struct id_key id = row_id(owner, number - 1);

	return hash_id(&id);
}

/* At most one of the rows with this ID is in the table: the newest (rows_forget). */
uint32_t rows_find(const struct index *ix, const struct id_key *id)
{
	struct slots_walk walk = slots_walk(&ix->slots, hash_id(id));
	uint32_t number;

	while ((number = slots_next(&ix->slots, &walk)) != 0) {
		struct id_key here = row_id(ix, number - 1);
		if (id_key_compare(&here, id) == 0)
			return number - 1;
	}
	return INDEX_ROW_NONE;
}

void rows_expect(const struct index *ix, const struct id_key *id)
{
	slots_prefetch(&ix->slots, hash_id(id));
}

void rows_forget(struct index *ix, uint32_t row)
{
	struct id_key id = row_id(ix, row);

	/* Another row may have the ID by now. */
	if (rows_find(ix, &id) == row)
		slots_remove(&ix->slots, hash_id(&id), row + 1, hash_of, ix);
}

/* Nearly all IDs fit into twenty characters; the rest of a longer one is in a sparse column. */
static void set_id(struct index *ix, uint32_t row, const struct id_key *id)
{
	ix->c.id[row] = (struct id_short){{id->word[0], id->word[1]}};
	if (id->word[2] == 0)
		return;
	ix->c.id[row].word[1] |= ID_LONGER;
	sparse_set(&ix->sparse[SPARSE_ID], row, id->word[2]);
}

/* ---- Taking and giving ---- */

/* All columns have the same capacity; the bitmap of live rows is not one, because it has a bit
 * for each. */
void rows_reserve(struct index *ix, size_t cap)
{
	size_t old_words = ((size_t)ix->cap + 63) / 64, words = (cap + 63) / 64;

	if (cap <= ix->cap)
		return;
	columns_resize(&ix->c, ix->cap, cap);
	ix->live = region_resize(ix->live, old_words, words, sizeof(*ix->live));
	ix->cap = (uint32_t)cap;
}

uint32_t rows_take(struct index *ix, const struct id_key *id)
{
	uint32_t row = ix->free_head != 0 ? ix->free_head - 1 : ix->rows;

	/* Room for the number, too: rows that left and are kept for a view are in no slot, so that
	 * numbers can be far beyond the slots in use. */
	slots_reserve(&ix->slots, row < ix->slots.used ? 1 : row + 1 - ix->slots.used, hash_of, ix);
	if (ix->free_head != 0) {
		row = ix->free_head - 1;
		ix->free_head = ix->c.next_retry[row];
		columns_clear_row(&ix->c, row);
	} else {
		if (ix->rows == ix->cap)
			rows_reserve(ix, region_capacity(ix->cap, (size_t)ix->cap + 1));
		row = ix->rows++;
	}
	set_id(ix, row, id);
	slots_add(&ix->slots, hash_id(id), row + 1);
	return row;
}

/* Cleared now and not when it is taken again, so that a free row has no flag set; the list of
 * free rows goes through next_retry. */
void rows_give(struct index *ix, uint32_t row)
{
	rows_forget(ix, row);
	for (int kind = 0; kind < SPARSE_COLUMNS; kind++)
		sparse_drop(&ix->sparse[kind], row);
	columns_clear_row(&ix->c, row);
	ix->c.next_retry[row] = ix->free_head;
	ix->free_head = row + 1;
}

void rows_adopt_begin(struct index *ix)
{
	slots_reserve(&ix->slots, ix->rows, hash_of, ix);
}

/* An ID that is no ID, or one that two rows have, would be found under another name, or never. */
bool rows_adopt(struct index *ix, uint32_t row)
{
	struct id_key key = row_id(ix, row), again;
	char id[QUEUE_ID_SIZE];

	id_key_unpack(&key, id);
	if (!id_key_pack(slice_of(id), &again) || id_key_compare(&key, &again) != 0 ||
	    rows_find(ix, &key) != INDEX_ROW_NONE)
		return false;
	slots_add(&ix->slots, hash_id(&key), row + 1);
	return true;
}

void rows_free_all(struct index *ix)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t width;
		region_free(rows_column(&ix->c, i, &width), ix->cap, columns[i].width);
	}
	for (int kind = 0; kind < SPARSE_COLUMNS; kind++)
		sparse_free(&ix->sparse[kind]);
	region_free(ix->live, ((size_t)ix->cap + 63) / 64, sizeof(*ix->live));
	slots_free(&ix->slots);
}
