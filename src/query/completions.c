/* Completions within a scope. */
#include "query/completions.h"

#include "index/groups/complete.h"
#include "query/internal.h"

size_t query_complete(struct query *q, const struct query_scope *scope, enum complete_kind kind,
    struct slice typed, size_t limit, int64_t now, struct buffer *memory,
    struct complete_value *out)
{
	/* Dictionaries have counts for the whole queue; a part of it has to be counted row by row.
	 */
	if (query_scope_is_all(scope))
		return complete_values(q->index, kind, typed, limit, memory, out);
	return complete_values_within(
	    q->index, scope->filter, now, kind, typed, limit, memory, out);
}
