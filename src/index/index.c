/* The face's beginning and end, which are the only ones to know all four folders; everything else
 * of index.h is defined where it belongs. An index owns its views and its cache of matches. */
#include "index/index.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/columns/columns.h"
#include "index/columns/restore.h"
#include "index/run/inside.h"
#include "index/run/match_cache.h"
#include "index/views/view.h"

struct index *index_create(void)
{
	struct index *ix = memory_zero(1, sizeof(*ix));

	columns_init(ix);
	return ix;
}

void index_free(struct index *ix)
{
	if (!ix)
		return;
	/* Views first: each lets go of rows that left. */
	views_free(ix);
	match_cache_free(ix);
	inside_free(ix);
	columns_free(ix);
	free(ix);
}

bool index_restore(struct index *ix, const char *path, struct error *err)
{
	struct index *fresh = index_create(), old;
	bool good = restore_read(fresh, path, err);

	if (good) {
		fresh->generation = ix->generation + fresh->messages + 1;
		old = *ix;
		*ix = *fresh;
		*fresh = old;
	}
	index_free(fresh);
	return good;
}
