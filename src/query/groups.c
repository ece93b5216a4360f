/* Groups within a scope. */
#include "query/groups.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/groups/groups.h"
#include "query/internal.h"

bool query_groups(struct query *q, const struct query_scope *scope, const struct filter *filter,
    enum group_key key, size_t limit, int64_t now, struct groups *out, struct error *err)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);

	groups_count(q->index, within, &key, 1, limit, now, out);
	/* After the count, which itself notices that it would cost too much and stops. */
	if (query_decided(&out->match, err))
		return true;
	groups_free(out);
	return false;
}

bool query_groups_table(struct query *q, const struct query_scope *scope,
    const struct filter *filter, const enum group_key keys[2], const size_t limits[2], int64_t now,
    struct groups_table *out, struct error *err)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);

	groups_table_count(q->index, within, keys, limits, now, out);
	if (query_decided(&out->match, err))
		return true;
	groups_table_free(out);
	return false;
}

void query_groups_chosen(const struct query_chosen *chosen, const struct query_scope *scope,
    enum group_key key, size_t limit, int64_t now, struct groups *out)
{
	size_t count;
	MEMORY_AUTO uint32_t *rows = query_chosen_within(chosen, scope, now, &count);

	groups_count_rows(query_chosen_query(chosen)->index, rows, count, &key, 1, limit, now,
	    !query_scope_is_all(scope), out);
}
