/* Which messages a delete has on hold until it removes them: what jobs/ tells, by ID, arrival and
 * inode, whether or not the message is in the index yet. Each job has its own mark on a message.
 * 48 bytes a slot, at most half full.
 * Private to index/; what others call is in index.h. */
#ifndef INDEX_DELETE_MARKS_H
#define INDEX_DELETE_MARKS_H

#include "index/columns/internal.h"

void delete_marks_free(struct delete_marks *d);
/* The mark of the message in a row, whatever queue it is in: the newest job's, where several mean
 * it. NULL when it has none. */
const struct delete_mark *delete_marks_find(const struct index *ix, uint32_t row);
/* Whether a live row is on hold to be deleted. */
static inline bool delete_marks_has(const struct index *ix, uint32_t row)
{
	return ix->c.queue[row] == QUEUE_HOLD && delete_marks_find(ix, row) != NULL;
}
/* The row's message has left the queue: so has its mark. */
void delete_marks_left(struct index *ix, uint32_t row);

#endif
