/* Compares the terms of two scopes. A scope is taken as what must all be met, and each of that as
 * what may be met instead: people write no others, and a deeper look would cost more than it finds.
 */
#include "query/scope_within.h"

#include "query/internal.h"

/* Pairs of terms that are compared at most; beyond that only the same scope lies within. */
#define PAIRS_MAX 1000000

struct tree {
	const struct filter_node *nodes;
	uint32_t root;
};

static bool same_node(const struct filter_node *a, const struct filter_node *b)
{
	return a->kind == b->kind && a->field == b->field && a->op == b->op &&
	       a->match == b->match && a->value == b->value && slice_equal(a->pattern, b->pattern);
}

/* As deep as parentheses may be, twice: an `and` in an `or` for each. */
static bool same(struct tree a, struct tree b)
{
	const struct filter_node *x = &a.nodes[a.root], *y = &b.nodes[b.root];
	uint32_t i, k;

	if (!same_node(x, y))
		return false;
	if (x->kind == FILTER_TEXT || x->kind == FILTER_NUMBER)
		return true;
	for (i = x->first_child, k = y->first_child; i != FILTER_NONE && k != FILTER_NONE;
	     i = a.nodes[i].next_sibling, k = b.nodes[k].next_sibling)
		if (!same((struct tree){a.nodes, i}, (struct tree){b.nodes, k}))
			return false;
	return i == k;
}

/* The first of its children where it is of that kind, else itself. */
static uint32_t first_of(struct tree t, enum filter_kind kind)
{
	const struct filter_node *root = &t.nodes[t.root];

	return root->kind == kind ? root->first_child : t.root;
}

static uint32_t next_of(struct tree t, uint32_t at)
{
	return at == t.root ? FILTER_NONE : t.nodes[at].next_sibling;
}

/* Whether one of what may be met instead in `outer` is this. */
static bool may_be(struct tree one, struct tree outer)
{
	for (uint32_t k = first_of(outer, FILTER_OR); k != FILTER_NONE; k = next_of(outer, k))
		if (same(one, (struct tree){outer.nodes, k}))
			return true;
	return false;
}

static bool is_met_by(struct tree inner, struct tree outer)
{
	for (uint32_t i = first_of(inner, FILTER_OR); i != FILTER_NONE; i = next_of(inner, i))
		if (!may_be((struct tree){inner.nodes, i}, outer))
			return false;
	return true;
}

static bool must_be(struct tree inner, struct tree outer)
{
	for (uint32_t i = first_of(inner, FILTER_AND); i != FILTER_NONE; i = next_of(inner, i))
		if (is_met_by((struct tree){inner.nodes, i}, outer))
			return true;
	return false;
}

bool query_scope_within(const struct query_scope *inner, const struct query_scope *outer)
{
	uint32_t inner_count, outer_count;
	struct tree a, b;

	if (outer->filter == NULL)
		return true;
	if (inner->filter == NULL)
		return false;
	a.nodes = filter_nodes(inner->filter, &inner_count);
	b.nodes = filter_nodes(outer->filter, &outer_count);
	if ((uint64_t)inner_count * outer_count > PAIRS_MAX)
		return filter_same(inner->filter, outer->filter);
	a.root = inner_count - 1;
	b.root = outer_count - 1;
	for (uint32_t k = first_of(b, FILTER_AND); k != FILTER_NONE; k = next_of(b, k))
		if (!must_be(a, (struct tree){b.nodes, k}))
			return false;
	return true;
}
