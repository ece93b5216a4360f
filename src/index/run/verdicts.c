/* Runs a plan. Verdicts are two bitmaps, yes and unknown, so that `and`, `or` and `not` are a few
 * operations for 64 rows at once. A child is only asked about rows that are still open, and the
 * whole stops being run when it would hold up everything else (VERDICT_COST_MAX). */
#include "index/run/verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/run/plan.h"

/* A plan while it runs. */
struct running {
	struct index *ix;
	const struct bits *like; /* what `asked` is a part of */
	struct plan plan;
	int64_t now;
	uint64_t cost;
	bool too_costly;
	enum filter_field undecided_field;
};

struct verdict verdict_make(size_t words)
{
	return (struct verdict){.yes = memory_zero(words, sizeof(uint64_t)),
	    .unknown = memory_zero(words, sizeof(uint64_t))};
}

void verdict_free(struct verdict *v)
{
	free(v->yes);
	free(v->unknown);
}

uint64_t bits_count(const uint64_t *bits, size_t words)
{
	uint64_t count = 0;

	for (size_t w = 0; w < words; w++)
		count += (uint64_t)__builtin_popcountll(bits[w]);
	return count;
}

/* What a predicate costs for so many of the rows, at most. */
static uint64_t cost_of(const struct running *r, const struct plan_node *node, uint64_t asked)
{
	uint64_t rows = r->ix->rows;

	return asked < rows ? (uint64_t)((double)node->cost * (double)asked / (double)rows) + asked
			    : node->cost + asked;
}

/* A filter that would hold up everything else for minutes is given up: its rows are undecided, so
 * nobody can act on the rest as if it were the answer. */
static void decide_predicate(
    struct running *r, const struct plan_node *node, const uint64_t *asked, struct verdict *out)
{
	struct bits bits = *r->like;

	bits.word = asked;
	bits.count = bits_count(asked, bits.words);
	if (bits.count == 0)
		return;
	r->cost += cost_of(r, node, bits.count);
	if (r->cost > VERDICT_COST_MAX) {
		r->too_costly = true;
		memcpy(out->unknown, asked, bits.words * sizeof(*asked));
		out->any_unknown = true;
	} else {
		predicate_decide(&node->predicate, r->ix, r->now, &bits, out);
	}
	if (out->any_unknown)
		r->undecided_field = node->predicate.field;
}

static void decide(struct running *r, uint32_t node, const uint64_t *asked, struct verdict *out);

/* All of the children: `yes` are the rows that none has said no to yet. Returns whether any is. */
static bool take_all(size_t words, const struct verdict *child, uint64_t *open, struct verdict *out)
{
	uint64_t any = 0;

	for (size_t w = 0; w < words; w++) {
		open[w] &= child->yes[w] | child->unknown[w];
		out->unknown[w] = (out->unknown[w] | child->unknown[w]) & open[w];
		any |= open[w];
	}
	return any;
}

/* Any of the children: `open` are the rows that none has said yes to yet. Returns whether any is.
 */
static bool take_any(size_t words, const struct verdict *child, uint64_t *open, struct verdict *out)
{
	uint64_t any = 0;

	for (size_t w = 0; w < words; w++) {
		open[w] &= ~child->yes[w];
		out->yes[w] |= child->yes[w];
		out->unknown[w] = (out->unknown[w] | child->unknown[w]) & open[w];
		any |= open[w];
	}
	return any;
}

/* Three bitmaps a level, and the levels are bounded (FILTER_DEPTH_MAX). When no row is open any
 * more, the other children are not asked. */
static void decide_children(
    struct running *r, const struct plan_node *node, const uint64_t *asked, struct verdict *out)
{
	size_t words = r->like->words, size = words * sizeof(*asked);
	MEMORY_AUTO uint64_t *open = memory_alloc(size);
	struct verdict child = verdict_make(words);
	bool all = node->kind == PLAN_ALL, more = true;

	memcpy(open, asked, size);
	for (uint32_t c = node->first_child; more && c != PLAN_NONE;
	     c = r->plan.nodes[c].next_sibling) {
		memset(child.yes, 0, size);
		memset(child.unknown, 0, size);
		child.any_unknown = false;
		decide(r, c, open, &child);
		out->any_unknown |= child.any_unknown;
		more =
		    all ? take_all(words, &child, open, out) : take_any(words, &child, open, out);
	}
	for (size_t w = 0; all && w < words; w++)
		out->yes[w] = open[w] & ~out->unknown[w];
	verdict_free(&child);
}

/* Decides the rows in `asked`; `out` is all zero. Nesting is at most FILTER_DEPTH_MAX parentheses,
 * each of three kinds of node, and three bits a row for each. */
static void decide(struct running *r, uint32_t number, const uint64_t *asked, struct verdict *out)
{
	const struct plan_node *node = &r->plan.nodes[number];

	if (node->kind == PLAN_PREDICATE) {
		decide_predicate(r, node, asked, out);
	} else if (node->kind == PLAN_NOT) {
		decide(r, node->first_child, asked, out);
		for (size_t w = 0; w < r->like->words; w++)
			out->yes[w] = asked[w] & ~out->yes[w] & ~out->unknown[w];
	} else {
		decide_children(r, node, asked, out);
	}
}

bool verdict_needs_settling(const struct filter *filter)
{
	return filter_uses(filter, FILTER_CAUSE) || filter_uses(filter, FILTER_REASON);
}

bool verdict_decide(struct index *ix, const struct filter *filter, const struct bits *asked,
    int64_t now, struct verdict *out, enum filter_field *undecided)
{
	struct running r = {.ix = ix, .like = asked, .now = now, .undecided_field = *undecided};

	plan_make(&r.plan, ix, filter);
	decide(&r, r.plan.root, asked->word, out);
	plan_free(&r.plan);
	*undecided = r.undecided_field;
	return !r.too_costly;
}
