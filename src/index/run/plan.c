/* Turns a filter's tree into what is run. Terms on one field that are alternatives become one
 * predicate, because one pass over the texts finds all of them; then children are put in the order
 * of their cost, so that a dear one is asked only about the rows that a cheap one left open. */
#include "index/run/plan.h"

#include <stdlib.h>

#include "base/memory.h"

/* The filter's nodes while they become a plan's. */
struct planning {
	struct plan *plan;
	const struct index *ix;
	const struct filter_node *nodes;
	uint32_t *made; /* by node: its place in the plan; PLAN_NONE: a term, or the `not` of one */
};

static uint32_t add(struct planning *p, struct plan_node node)
{
	node.next_sibling = PLAN_NONE;
	p->plan->nodes[p->plan->count] = node;
	return p->plan->count++;
}

static uint32_t add_predicate(
    struct planning *p, const struct filter_node *const *terms, size_t count)
{
	struct plan_node node = {.kind = PLAN_PREDICATE, .first_child = PLAN_NONE};

	predicate_make(&node.predicate, terms, count);
	node.cost = predicate_cost(&node.predicate, p->ix);
	return add(p, node);
}

/* Turning a verdict round costs nothing beside what it takes to find it. */
static uint32_t add_not(struct planning *p, uint32_t child)
{
	return add(
	    p, (struct plan_node){
		   .kind = PLAN_NOT, .first_child = child, .cost = p->plan->nodes[child].cost});
}

/* The text term that a node is, or, with `negated`, that it is the `not` of; NULL when it is
 * something else. */
static const struct filter_node *term_in(
    const struct planning *p, const struct filter_node *n, bool negated)
{
	if (negated) {
		if (n->kind != FILTER_NOT)
			return NULL;
		n = &p->nodes[n->first_child];
	}
	return n->kind == FILTER_TEXT ? n : NULL;
}

/* The plan's node for one of the filter's that stands alone. */
static uint32_t make(struct planning *p, uint32_t node)
{
	const struct filter_node *n = &p->nodes[node], *term = term_in(p, n, true);

	if (p->made[node] != PLAN_NONE)
		return p->made[node];
	return term ? add_not(p, add_predicate(p, &term, 1)) : add_predicate(p, &n, 1);
}

static int compare_fields(const void *a, const void *b)
{
	const struct filter_node *x = *(const struct filter_node *const *)a,
				 *y = *(const struct filter_node *const *)b;

	return x->field != y->field ? (x->field > y->field) - (x->field < y->field)
				    : (x > y) - (x < y);
}

struct costly {
	uint64_t cost;
	uint32_t node;
};

static int compare_cost(const void *a, const void *b)
{
	const struct costly *x = a, *y = b;

	return x->cost != y->cost ? (x->cost > y->cost) - (x->cost < y->cost)
				  : (x->node > y->node) - (x->node < y->node);
}

/* `or`: the terms on one field become one predicate. `and`: `-a -b` is the same as -(a or b). */
static size_t gather(struct planning *p, const struct filter_node **terms, size_t term_count,
    bool negated, struct costly *list)
{
	size_t count = 0;

	qsort(terms, term_count, sizeof(*terms), compare_fields);
	for (size_t from = 0, to; from < term_count; from = to) {
		for (to = from + 1; to < term_count && terms[to]->field == terms[from]->field;)
			to++;
		uint32_t node = add_predicate(p, terms + from, to - from);
		list[count++].node = negated ? add_not(p, node) : node;
	}
	return count;
}

static uint32_t count_children(const struct planning *p, const struct filter_node *n)
{
	uint32_t count = 0;

	for (uint32_t c = n->first_child; c != FILTER_NONE; c = p->nodes[c].next_sibling)
		count++;
	return count;
}

/* Terms on one field that stand side by side in an `and` can not be gathered, each has to match;
 * those that are excluded can. */
static uint32_t make_list(struct planning *p, const struct filter_node *n)
{
	uint32_t children = count_children(p, n);
	MEMORY_AUTO const struct filter_node **terms = memory_alloc(children * sizeof(*terms));
	MEMORY_AUTO struct costly *list = memory_alloc(children * sizeof(*list));
	struct plan_node node = {.kind = n->kind == FILTER_AND ? PLAN_ALL : PLAN_ANY};
	size_t term_count = 0, count = 0;

	for (uint32_t c = n->first_child; c != FILTER_NONE; c = p->nodes[c].next_sibling) {
		const struct filter_node *term = term_in(p, &p->nodes[c], n->kind == FILTER_AND);
		if (term)
			terms[term_count++] = term;
		else
			list[count++].node = make(p, c);
	}
	count += gather(p, terms, term_count, n->kind == FILTER_AND, list + count);
	for (size_t i = 0; i < count; i++) {
		list[i].cost = p->plan->nodes[list[i].node].cost;
		node.cost += list[i].cost;
	}
	qsort(list, count, sizeof(*list), compare_cost);
	node.first_child = list[0].node;
	for (size_t i = 0; i + 1 < count; i++)
		p->plan->nodes[list[i].node].next_sibling = list[i + 1].node;
	return add(p, node);
}

/* Children stand before their parents. A term waits for its parent, which may gather it. */
void plan_make(struct plan *plan, const struct index *ix, const struct filter *filter)
{
	struct planning p = {.plan = plan, .ix = ix};
	MEMORY_AUTO uint32_t *made = NULL;
	uint32_t count;

	p.nodes = filter_nodes(filter, &count);
	p.made = made = memory_alloc(count * sizeof(*made));
	/* Gathering only ever makes fewer of them. */
	*plan = (struct plan){.nodes = memory_alloc(count * sizeof(*plan->nodes))};
	for (uint32_t i = 0; i < count; i++) {
		const struct filter_node *n = &p.nodes[i];
		made[i] = PLAN_NONE;
		if (n->kind == FILTER_NUMBER)
			made[i] = add_predicate(&p, &n, 1);
		else if (n->kind == FILTER_AND || n->kind == FILTER_OR)
			made[i] = make_list(&p, n);
		else if (n->kind == FILTER_NOT && !term_in(&p, n, true))
			made[i] = add_not(&p, make(&p, n->first_child));
	}
	plan->root = make(&p, count - 1);
}

void plan_free(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++)
		predicate_free(&plan->nodes[i].predicate);
	free(plan->nodes);
	*plan = (struct plan){0};
}
