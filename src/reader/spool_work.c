/* A queue of items: pushed at the end, taken from the front, its memory given back when it is
 * empty. What waits can be sorted by queue and inode. */
#include "reader/spool_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A directory of a million messages at the usual hash depth. */
#define SORTED_AT_ONCE 65536

struct spool_item *spool_work_push(struct spool_work *w, struct slice id, uint8_t queue)
{
	struct spool_item *item;

	if (w->end == w->capacity) {
		w->capacity = w->capacity == 0 ? 256 : w->capacity * 2;
		w->items = memory_resize(w->items, w->capacity, sizeof(*w->items));
	}
	item = &w->items[w->end++];
	*item = (struct spool_item){.queue = queue};
	memcpy(item->id, id.data, id.len < QUEUE_ID_MAX ? id.len : QUEUE_ID_MAX);
	return item;
}

struct spool_item *spool_work_first(struct spool_work *w)
{
	return w->first < w->end ? &w->items[w->first] : NULL;
}

size_t spool_work_count(const struct spool_work *w)
{
	return w->end - w->first;
}

void spool_work_drop_first(struct spool_work *w)
{
	if (++w->first == w->end)
		spool_work_clear(w);
}

void spool_work_clear(struct spool_work *w)
{
	free(w->items);
	*w = (struct spool_work){0};
}

static int compare(const void *a, const void *b)
{
	const struct spool_item *x = a, *y = b;

	if (x->queue != y->queue)
		return (x->queue > y->queue) - (x->queue < y->queue);
	return (x->inode > y->inode) - (x->inode < y->inode);
}

void spool_work_sort(struct spool_work *w)
{
	size_t count = w->end - w->first;

	/* What was sorted before is not used up yet. Sorting at every push would cost more than the
	 * disk saves. */
	if (w->first < w->sorted)
		return;
	if (count > SORTED_AT_ONCE)
		count = SORTED_AT_ONCE;
	if (count > 1)
		qsort(&w->items[w->first], count, sizeof(*w->items), compare);
	w->sorted = w->first + count;
}
