/* A table of marks beside the rows, not a column: few messages are ever in it, and a mark may come
 * before its message (after a restart the store knows them before the queue is read). Two deletes
 * may mean the same message, and each can be undone: so each has a mark of its own. */
#include "index/columns/delete_marks.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "index/columns/row_values.h"
#include "index/columns/totals.h"

#define SLOTS_MIN 64

void delete_marks_free(struct delete_marks *d)
{
	free(d->mark);
	*d = (struct delete_marks){.slots = 0};
}

static uint32_t home_of(const struct delete_marks *d, const struct id_key *id)
{
	uint64_t mixed = hash_u64(id->word[0] ^ hash_u64(id->word[1] ^ hash_u64(id->word[2])));

	return (uint32_t)mixed & (d->slots - 1);
}

/* No queue ID begins with the code 0. */
static bool is_empty(const struct delete_mark *mark)
{
	return mark->id.word[0] == 0;
}

/* The mark that this job has on this ID, or the empty slot where it belongs. There is at least one.
 */
static struct delete_mark *place_of(
    const struct delete_marks *d, const struct id_key *id, uint32_t job)
{
	uint32_t at = home_of(d, id);

	while (!is_empty(&d->mark[at]) &&
	       (d->mark[at].job != job || id_key_compare(&d->mark[at].id, id) != 0))
		at = (at + 1) & (d->slots - 1);
	return &d->mark[at];
}

/* There is always an empty slot, so every walk ends. */
static void reserve(struct delete_marks *d)
{
	struct delete_marks old = *d;

	if (d->used < d->slots / 2)
		return;
	d->slots = old.slots ? old.slots * 2 : SLOTS_MIN;
	d->mark = memory_zero(d->slots, sizeof(*d->mark));
	for (uint32_t i = 0; i < old.slots; i++)
		if (!is_empty(&old.mark[i]))
			*place_of(d, &old.mark[i].id, old.mark[i].job) = old.mark[i];
	free(old.mark);
}

/* Those behind the gap move up, so that no walk ends at it. */
static void take_out(struct delete_marks *d, struct delete_mark *mark)
{
	uint32_t gap = (uint32_t)(mark - d->mark), mask = d->slots - 1;

	for (uint32_t at = (gap + 1) & mask; !is_empty(&d->mark[at]); at = (at + 1) & mask) {
		uint32_t home = home_of(d, &d->mark[at].id);
		if (((at - home) & mask) >= ((at - gap) & mask)) {
			d->mark[gap] = d->mark[at];
			gap = at;
		}
	}
	d->mark[gap] = (struct delete_mark){.inode = 0};
	d->used--;
}

/* Whether a mark with the row's ID means the message that is in the row. */
static bool means(const struct delete_mark *mark, const struct index *ix, uint32_t row)
{
	uint64_t inode = row_inode(ix, row);

	return mark->arrival == ix->c.arrival[row] &&
	       (inode == 0 || mark->inode == 0 || inode == mark->inode);
}

const struct delete_mark *delete_marks_find(const struct index *ix, uint32_t row)
{
	const struct delete_marks *d = &ix->delete_marks;
	const struct delete_mark *newest = NULL;
	struct id_key id;

	if (d->used == 0)
		return NULL;
	id = row_id(ix, row);
	for (uint32_t at = home_of(d, &id); !is_empty(&d->mark[at]);
	     at = (at + 1) & (d->slots - 1)) {
		const struct delete_mark *mark = &d->mark[at];
		if (id_key_compare(&mark->id, &id) == 0 && means(mark, ix, row) &&
		    (newest == NULL || mark->job > newest->job))
			newest = mark;
	}
	return newest;
}

/* A mark comes or goes: the row that it is about, if there is one, counts anew. */
static void begin_change(struct index *ix, uint32_t row)
{
	if (row != INDEX_ROW_NONE)
		totals_subtract(ix, row);
}

static void end_change(struct index *ix, uint32_t row)
{
	if (row == INDEX_ROW_NONE)
		return;
	totals_add(ix, row);
	generation_next(ix, row);
}

void index_set_deleting(
    struct index *ix, struct slice id, int64_t arrival, uint64_t inode, int64_t job)
{
	struct delete_marks *d = &ix->delete_marks;
	struct delete_mark next = {
	    .inode = inode, .arrival = row_clamp_time(arrival), .job = (uint32_t)job};
	struct delete_mark *mark;
	uint32_t row;

	if (!id_key_pack(id, &next.id))
		return;
	reserve(d);
	mark = place_of(d, &next.id, next.job);
	if (memcmp(mark, &next, sizeof(next)) == 0)
		return;
	row = index_find(ix, id);
	begin_change(ix, row);
	d->used += is_empty(mark);
	*mark = next;
	end_change(ix, row);
}

/* A mark of a removed message stays until the message leaves, so that it is never shown as
 * ordinary held mail in between. */
void index_end_deleting(struct index *ix, struct slice id, int64_t job, bool removed)
{
	struct delete_marks *d = &ix->delete_marks;
	struct delete_mark *mark;
	struct id_key key;
	uint32_t row;

	if (d->used == 0 || !id_key_pack(id, &key))
		return;
	mark = place_of(d, &key, (uint32_t)job);
	if (is_empty(mark))
		return;
	row = index_find(ix, id);
	if (removed && row != INDEX_ROW_NONE) {
		mark->removed = 1;
		return;
	}
	begin_change(ix, row);
	take_out(d, mark);
	end_change(ix, row);
}

void delete_marks_left(struct index *ix, uint32_t row)
{
	struct delete_marks *d = &ix->delete_marks;
	struct id_key id;
	uint32_t at;

	if (d->used == 0)
		return;
	id = row_id(ix, row);
	at = home_of(d, &id);
	while (!is_empty(&d->mark[at])) {
		struct delete_mark *mark = &d->mark[at];
		if (mark->removed && id_key_compare(&mark->id, &id) == 0 && means(mark, ix, row))
			take_out(d, mark); /* the next one may be here now */
		else
			at = (at + 1) & (d->slots - 1);
	}
}

void index_deleting_known(struct index *ix)
{
	if (ix->delete_marks.known)
		return;
	ix->delete_marks.known = true;
	generation_next_all(ix);
}

/* Only on hold: what left hold is not being deleted, whatever its mark says. */
int64_t index_deleting(const struct index *ix, uint32_t row)
{
	const struct delete_mark *mark = row_is_live(ix, row) && ix->c.queue[row] == QUEUE_HOLD
					     ? delete_marks_find(ix, row)
					     : NULL;

	return mark != NULL ? mark->job : 0;
}
