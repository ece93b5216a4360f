/* Whether what was found in the queue is the message that was meant. */
#include "jobs/target.h"

#include <stdlib.h>

#include "base/memory.h"

bool target_is_same(const struct job_item *item, const struct found *found)
{
	if (found->state != FOUND_HERE || item->arrival < 0 || found->arrival != item->arrival)
		return false;
	/* Arrival in seconds and sender together: a short ID that is used again within one second,
	 * from the same sender, is told by its inode. */
	if (item->sender == NULL || !slice_equal(slice_of(item->sender), found->sender))
		return false;
	/* A listing knows no inodes; then the other two must do. */
	return item->inode == 0 || found->inode == 0 || item->inode == found->inode;
}

void target_adopt(struct job_item *item, const struct found *found)
{
	item->arrival = found->arrival;
	item->inode = found->inode;
	item->queue = (uint8_t)found->queue;
	free(item->sender);
	item->sender = memory_strndup(found->sender.data, found->sender.len);
}

/* A long ID has the time in microseconds and the inode in it (docs/POSTFIX.md, "Queue IDs"). */
bool target_is_unique(const struct job_item *item)
{
	return queue_id_form(slice_of(item->id)) == QUEUE_ID_LONG;
}
