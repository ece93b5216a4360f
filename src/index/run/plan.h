/* A filter as it is run: terms on one field gathered into predicates, the cheapest child first.
 * Private to index/. */
#ifndef INDEX_PLAN_H
#define INDEX_PLAN_H

#include "index/run/predicate.h"

#define PLAN_NONE UINT32_MAX

enum plan_kind { PLAN_ALL, PLAN_ANY, PLAN_NOT, PLAN_PREDICATE };

struct plan_node {
	enum plan_kind kind;
	uint32_t first_child, next_sibling;
	uint64_t cost; /* at worst, with all below it */
	struct predicate predicate;
};

struct plan {
	struct plan_node *nodes;
	uint32_t count, root;
};

/* `filter` has at least one node, and must outlive the plan. */
void plan_make(struct plan *plan, const struct index *ix, const struct filter *filter);
void plan_free(struct plan *plan);

#endif
