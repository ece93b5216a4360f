/* What Postfix itself lists (showq) is held against the rows here, message by message. Only
 * messages at rest count, because the queue moves on while a listing is read. */
#include "index/columns/listing_comparison.h"

#include "index/columns/row_values.h"
#include "index/columns/rows.h"

/* Queues that a message stays in; the others it only passes through. */
static bool is_resting(unsigned queue)
{
	return queue == QUEUE_DEFERRED || queue == QUEUE_HOLD;
}

void index_compare_begin(struct index *ix)
{
	for (uint32_t row = 0; row < ix->rows; row++)
		ix->c.flags[row] &= (uint8_t)~ROW_LISTED;
}

enum index_difference index_compare_listed(struct index *ix, const struct index_listed *listed)
{
	uint32_t row = index_find(ix, listed->id);

	if (row == INDEX_ROW_NONE)
		return INDEX_NOT_THERE;
	ix->c.flags[row] |= ROW_LISTED;
	if ((ix->c.flags[row] & ROW_DAMAGED) != 0)
		return INDEX_SAME;
	if (ix->c.arrival[row] != row_clamp_time(listed->arrival) ||
	    row_size(ix, row) != listed->size)
		return INDEX_OTHER_MESSAGE;
	if (ix->c.queue[row] != listed->queue && is_resting(ix->c.queue[row]) &&
	    is_resting(listed->queue))
		return INDEX_OTHER_QUEUE;
	return INDEX_SAME;
}

static bool is_missing(const struct index *ix, uint32_t row)
{
	return (ix->c.flags[row] & (ROW_LIVE | ROW_LISTED | ROW_DAMAGED)) == ROW_LIVE &&
	       is_resting(ix->c.queue[row]);
}

size_t index_compare_missing(
    const struct index *ix, uint32_t *from, struct index_unseen *out, size_t max)
{
	return sightings_list(ix, is_missing, from, out, max);
}
