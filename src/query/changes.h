/* What changes of what somebody may see. The queue counts its changes, wherever they are; whoever
 * has a scope gets a count of his own, which goes up only when something has changed that he is
 * shown: else it would tell him how much happens in the rest. */
#ifndef QUERY_CHANGES_H
#define QUERY_CHANGES_H

#include "query/query.h"

struct query_changes;

/* Begins to count at `first`; scope and query outlive it. Four bytes for each row of the queue. */
struct query_changes *query_changes_create(
    struct query *q, const struct query_scope *scope, uint64_t first, int64_t now);
/* Accepts a pointer to NULL. */
void query_changes_free(struct query_changes **changes);

/* Looks at what has changed in the queue since the last look: at those rows alone, where they are
 * known. To be called before the other two. */
void query_changes_look(struct query_changes *changes, int64_t now);
/* The count that belongs to a generation of the queue, which an answer had. */
uint64_t query_changes_count(const struct query_changes *changes, uint64_t generation);

#endif
