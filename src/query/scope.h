/* Who asks, as far as that decides what there is for him: a filter that is joined to every
 * question. What it does not match, or what cannot be decided for it, is not there: not in lists,
 * counts and groups, not under its ID, not among the undecided.
 *
 * Three things stay those of the whole queue and say nothing of a message: the generation (that
 * something has changed somewhere), as_of, and whether the queue is completely read. */
#ifndef QUERY_SCOPE_H
#define QUERY_SCOPE_H

#include "filter/filter.h"

struct query_scope;

/* Everything: people without a scope, and the service itself. */
const struct query_scope *query_scope_all(void);
/* What `text` matches; the empty text is everything. NULL with `err` where it is no filter. The
 * caller frees it; views and what else was made within it live on. */
struct query_scope *query_scope_create(struct slice text, struct filter_error *err);
/* Accepts NULL. */
void query_scope_free(struct query_scope *scope);
bool query_scope_is_all(const struct query_scope *scope);

#endif
