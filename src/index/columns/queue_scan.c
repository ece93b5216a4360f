/* A scan of the queue's directories, as the index sees it: what was not told of between its
 * beginning and its end has left the queue. */
#include "index/columns/leaving.h"
#include "index/columns/row_values.h"

void index_scan_begin(struct index *ix, bool reset, uint64_t expected)
{
	for (uint32_t row = 0; row < ix->rows; row++)
		ix->c.flags[row] &= (uint8_t)~ROW_SEEN;
	ix->scanning = true;
	ix->resetting = reset;
	ix->loaded = 0;
	ix->expected = expected;
	if (ix->state == INDEX_EMPTY)
		ix->state = INDEX_LOADING;
}

void index_scan_progress(struct index *ix, uint64_t done, uint64_t expected)
{
	ix->loaded = done;
	ix->expected = expected;
}

/* A scan that was broken off proves nothing by its silence. Neither does a whole one, unless the
 * source has forgotten what it told before (`reset`): else the reader looks for each first
 * (index_unseen). */
void index_scan_end(struct index *ix, bool complete, int64_t started)
{
	for (uint32_t row = 0; complete && ix->resetting && row < ix->rows; row++) {
		if ((ix->c.flags[row] & (ROW_LIVE | ROW_SEEN)) == ROW_LIVE)
			leaving_row(ix, row);
	}
	ix->scanning = ix->resetting = false;
	if (!complete)
		return;
	if (ix->state != INDEX_CURRENT)
		generation_next(ix, INDEX_ROW_NONE);
	ix->state = INDEX_CURRENT;
	index_touch(ix, started);
}

void index_touch(struct index *ix, int64_t now)
{
	if (now > ix->as_of)
		ix->as_of = now;
}
