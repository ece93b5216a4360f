/* Counts by key over what a filter, or a view, matches. */
#ifndef INDEX_GROUPS_H
#define INDEX_GROUPS_H

#include "index/groups/answer.h"
#include "index/index.h"

/* Counts the messages that `filter` matches (NULL: all) by `keys` (one or two). The caller frees.
 */
void groups_count(struct index *ix, const struct filter *filter, const enum group_key *keys,
    size_t key_count, size_t limit, int64_t now, struct groups *out);
/* The same for given rows (a view's, less exceptions) that are all within `scope` (NULL: none);
 * rows that have left are not counted. */
void groups_count_rows(struct index *ix, const uint32_t *rows, size_t row_count,
    const enum group_key *keys, size_t key_count, size_t limit, int64_t now,
    const struct filter *scope, struct groups *out);

/* ---- Two keys as a table ---- */

/* Counts the messages that `filter` matches (NULL: all) by both keys, which differ. `limits` for
 * rows (at most GROUPS_LIMIT_MAX) and columns (at most GROUPS_COLUMNS_MAX). The caller frees. */
void groups_table_count(struct index *ix, const struct filter *filter, const enum group_key keys[2],
    const size_t limits[2], int64_t now, struct groups_table *out);

#endif
