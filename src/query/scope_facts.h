/* Whether something that is no message of the queue lies within a scope: a recipient of whom the
 * log tells. It is decided by what is known of it, which is seldom all: what is not known decides
 * nothing. */
#ifndef QUERY_SCOPE_FACTS_H
#define QUERY_SCOPE_FACTS_H

#include "query/scope.h"

/* What is known. An empty text is not known; the null sender has `has_sender`. */
struct query_facts {
	bool has_sender;
	struct slice sender, login, client; /* "name[address]" */
	struct slice recipient, original;
};

/* Whether the scope matches a message with these, and this one recipient, whatever else it has.
 * False where that is not certain. */
bool query_scope_has_facts(const struct query_scope *scope, const struct query_facts *facts);

#endif
