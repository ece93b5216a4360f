/* Whether one scope lies within another, as far as their terms tell. */
#ifndef QUERY_SCOPE_WITHIN_H
#define QUERY_SCOPE_WITHIN_H

#include "query/scope.h"

/* Whether all that `inner` matches is matched by `outer`, too: because both say the same, because
 * `inner` says more beside it, or because `outer` has more that may be instead. False where the
 * terms do not show it. */
bool query_scope_within(const struct query_scope *inner, const struct query_scope *outer);

#endif
