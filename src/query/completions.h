/* The values that a field has in what somebody may see, most frequent first: what is offered to
 * those who type a filter. */
#ifndef QUERY_COMPLETIONS_H
#define QUERY_COMPLETIONS_H

#include "index/groups/answer.h"
#include "query/query.h"

/* The values that contain `typed` (without regard to ASCII case; with * or ? in it: that it matches
 * from the beginning), at most `limit` (at most COMPLETE_MAX); returns how many. Their texts are
 * appended to `memory`. */
size_t query_complete(struct query *q, const struct query_scope *scope, enum complete_kind kind,
    struct slice typed, size_t limit, int64_t now, struct buffer *memory,
    struct complete_value *out);

#endif
