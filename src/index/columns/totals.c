/* The totals of the queue, kept as messages come, change and leave, so that nobody counts
 * rows to ask for them. Only the oldest arrival is looked for again, when the oldest message has
 * left. */
#include "index/columns/totals.h"

#include <string.h>

#include "index/columns/row_values.h"

void totals_add(struct index *ix, uint32_t row)
{
	ix->counts[ix->c.queue[row]]++;
	ix->delete_marks.rows += row_is_being_deleted(ix, row);
	ix->messages++;
	ix->damaged += (ix->c.flags[row] & ROW_DAMAGED) != 0;
	ix->bytes += row_size(ix, row);
	if (ix->oldest_known && (ix->messages == 1 || ix->c.arrival[row] < ix->oldest))
		ix->oldest = ix->c.arrival[row];
}

void totals_subtract(struct index *ix, uint32_t row)
{
	ix->counts[ix->c.queue[row]]--;
	ix->delete_marks.rows -= row_is_being_deleted(ix, row);
	ix->messages--;
	ix->damaged -= (ix->c.flags[row] & ROW_DAMAGED) != 0;
	ix->bytes -= row_size(ix, row);
	if (ix->c.arrival[row] <= ix->oldest)
		ix->oldest_known = ix->messages == 0;
}

/* The oldest arrival is kept as messages come; when the oldest predicates it is looked for again,
 * when somebody asks. One column, four bytes a row. */
static void find_oldest(struct index *ix)
{
	uint32_t oldest = UINT32_MAX;

	for (uint32_t row = 0; row < ix->rows; row++) {
		if ((ix->c.flags[row] & ROW_LIVE) && ix->c.arrival[row] < oldest)
			oldest = ix->c.arrival[row];
	}
	ix->oldest = oldest;
	ix->oldest_known = true;
}

/* As of now; nothing is counted here but the oldest arrival, when it is not known. */
void index_status(struct index *ix, struct index_status *out)
{
	if (!ix->oldest_known)
		find_oldest(ix);
	*out = (struct index_status){
	    .state = ix->state,
	    .generation = ix->generation,
	    .as_of = ix->as_of,
	    .corrupt = ix->corrupt,
	    .corrupt_known = ix->corrupt_known,
	    .damaged = ix->damaged,
	    .messages = ix->messages,
	    .bytes = ix->bytes,
	    .oldest_arrival = ix->messages > 0 ? ix->oldest : 0,
	    .scanning = ix->scanning,
	    .loaded = ix->loaded,
	    .expected = ix->expected,
	    .upserted = ix->upserted,
	    .removed = ix->removed,
	    .deleting = ix->delete_marks.rows,
	};
	memcpy(out->counts, ix->counts, sizeof(out->counts));
}

void index_set_lifetimes(struct index *ix, int64_t lifetime, int64_t bounce_lifetime)
{
	if (ix->lifetime == lifetime && ix->bounce_lifetime == bounce_lifetime)
		return;
	ix->lifetime = lifetime;
	ix->bounce_lifetime = bounce_lifetime;
	generation_next(ix, INDEX_ROW_NONE);
}

void index_set_corrupt(struct index *ix, uint64_t count)
{
	if (ix->corrupt_known && ix->corrupt == count)
		return;
	ix->corrupt = count;
	ix->corrupt_known = true;
	generation_next(ix, INDEX_ROW_NONE);
}
