/* Rows whose message has left the queue. A view may still show them, so a row is freed only when
 * no pin began before it left. Rows that left stand in a ring in the order of
 * leaving, and pins in the order of their beginning, so that both are looked at from one end. */
#include "index/columns/leaving.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/columns/delete_marks.h"
#include "index/columns/intern.h"
#include "index/columns/row_values.h"
#include "index/columns/rows.h"
#include "index/columns/totals.h"

/* A number in the dictionary, with its use, or 0. */
static bool leaving_set_fate(struct index *ix, uint32_t row, uint32_t fate)
{
	uint32_t old = row_fate(ix, row);

	if (fate != 0)
		sparse_set(&ix->sparse[SPARSE_FATE], row, fate);
	else
		sparse_drop(&ix->sparse[SPARSE_FATE], row);
	dict_release(&ix->fates, old, NULL);
	return old != fate;
}

static void push(struct leaving *l, uint32_t row)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		struct left_row *ring = memory_alloc(cap * sizeof(*ring));
		for (size_t i = 0; i < l->count; i++)
			ring[i] = l->ring[(l->head + i) % l->cap];
		free(l->ring);
		l->ring = ring;
		l->head = 0;
		l->cap = cap;
	}
	l->ring[(l->head + l->count++) % l->cap] = (struct left_row){row, l->sequence++};
}

static void free_row(struct index *ix, uint32_t row)
{
	intern_release_row(ix, row);
	dict_release(&ix->fates, row_fate(ix, row), NULL);
	rows_give(ix, row);
}

/* Frees the rows that left before the oldest pin began. */
static void release_left(struct index *ix)
{
	struct leaving *l = &ix->leaving;
	uint64_t oldest = l->oldest ? l->oldest->sequence : UINT64_MAX;

	while (l->count > 0 && l->ring[l->head].sequence < oldest) {
		struct left_row gone = l->ring[l->head];
		l->head = (l->head + 1) % l->cap;
		l->count--;
		/* One that came back is in the queue, or further behind in this list. */
		if (gone.row != INDEX_ROW_NONE)
			free_row(ix, gone.row);
	}
}

/* ---- Leaving, and coming back ---- */

void leaving_row(struct index *ix, uint32_t row)
{
	totals_subtract(ix, row);
	ix->c.flags[row] = (ix->c.flags[row] & ~ROW_LIVE) | ROW_LEFT;
	ix->live[row / 64] &= ~(UINT64_C(1) << (row % 64));
	delete_marks_left(ix, row);
	generation_next(ix, row);
	ix->removed++;
	push(&ix->leaving, row);
	release_left(ix);
}

void leaving_undo(struct index *ix, uint32_t row)
{
	struct leaving *l = &ix->leaving;

	for (size_t i = l->count; i > 0; i--) {
		struct left_row *entry = &l->ring[(l->head + i - 1) % l->cap];
		if (entry->row == row) {
			entry->row = INDEX_ROW_NONE;
			break;
		}
	}
	/* What was said of its leaving was wrong. */
	leaving_set_fate(ix, row, 0);
}

bool index_remove(struct index *ix, struct slice id)
{
	uint32_t row = index_find(ix, id);

	if (row == INDEX_ROW_NONE)
		return false;
	leaving_row(ix, row);
	return true;
}

void index_set_fate(struct index *ix, struct slice id, int64_t arrival, struct slice fate)
{
	struct id_key key;
	uint32_t row = id_key_pack(id, &key) ? rows_find(ix, &key) : INDEX_ROW_NONE;

	if (row == INDEX_ROW_NONE)
		return;
	if (arrival < 0 ? !row_is_live(ix, row) && row_fate(ix, row) != 0
			: ix->c.arrival[row] != row_clamp_time(arrival))
		return;
	if (leaving_set_fate(ix, row, dict_intern(&ix->fates, fate)))
		generation_next(ix, row);
}

/* ---- Who wants to see rows that leave ---- */

void leaving_add_pin(struct index *ix, struct leaving_pin *pin)
{
	struct leaving *l = &ix->leaving;

	/* Behind all others, whose sequences are at most this one: so the first is the oldest. */
	*pin = (struct leaving_pin){.sequence = l->sequence, .older = l->newest};
	if (l->newest)
		l->newest->newer = pin;
	else
		l->oldest = pin;
	l->newest = pin;
}

void leaving_drop_pin(struct index *ix, struct leaving_pin *pin)
{
	struct leaving *l = &ix->leaving;

	if (pin->older)
		pin->older->newer = pin->newer;
	else
		l->oldest = pin->newer;
	if (pin->newer)
		pin->newer->older = pin->older;
	else
		l->newest = pin->older;
	release_left(ix);
}

void leaving_free(struct leaving *l)
{
	free(l->ring);
	*l = (struct leaving){0};
}
