/* Scopes: what somebody may see, as a filter. */
#include "query/scope.h"

#include <stdlib.h>

#include "base/memory.h"
#include "query/internal.h"

const struct query_scope *query_scope_all(void)
{
	static const struct query_scope all = {.filter = NULL};

	return &all;
}

struct query_scope *query_scope_create(struct slice text, struct filter_error *err)
{
	/* The language of all filters: who may see what is said in words that people know. */
	struct filter *filter = filter_parse(text, err);
	struct query_scope *scope;
	uint32_t count;

	if (!filter)
		return NULL;
	filter_nodes(filter, &count);
	scope = memory_zero(1, sizeof(*scope));
	/* An empty filter matches all: then the fast ways without a scope are open. */
	if (count > 0)
		scope->filter = filter;
	else
		filter_free(filter);
	return scope;
}

void query_scope_free(struct query_scope *scope)
{
	if (!scope)
		return;
	filter_free(scope->filter);
	free(scope);
}

bool query_scope_is_all(const struct query_scope *scope)
{
	return scope->filter == NULL;
}

struct filter *query_within(const struct query_scope *scope, const struct filter *filter)
{
	/* Of trees and not of texts: an "or" in the filter cannot get out of the scope. */
	return filter_join(scope->filter, filter);
}

void query_free_filter(struct filter **filter)
{
	filter_free(*filter);
}
