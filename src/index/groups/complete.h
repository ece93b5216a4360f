/* The values that a field has in the live queue, most frequent first: what is offered to somebody
 * who is typing a filter. One pass over the distinct values picks the largest by how often each is
 * used (rows that a view still shows count there), and only those texts are compared that could be
 * among them; one pass over the rows then counts the messages of the few that were picked. */
#ifndef INDEX_COMPLETE_H
#define INDEX_COMPLETE_H

#include "index/groups/answer.h"
#include "index/index.h"

/* The values that contain `typed` (without regard to ASCII case; with * or ? in it: that it matches
 * from the beginning), at most `limit` (at most COMPLETE_MAX); returns how many. */
size_t complete_values(struct index *ix, enum complete_kind kind, struct slice typed, size_t limit,
    struct buffer *memory, struct complete_value *out);
/* The same of what `scope` matches for certain: picked by that, too. One pass more over its rows.
 */
size_t complete_values_within(struct index *ix, const struct filter *scope, int64_t now,
    enum complete_kind kind, struct slice typed, size_t limit, struct buffer *memory,
    struct complete_value *out);

#endif
