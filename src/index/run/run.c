/* Runs a plan. Verdicts are two bitmaps, yes and unknown, so that `and`, `or` and `not` are a few
 * operations for 64 rows at once. A child is only asked about rows that are still open, and the
 * whole stops being run when it would hold up everything else (RUN_COST_MAX). */
#include "index/run/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/run/match_cache.h"
#include "index/run/plan.h"

struct running {
	struct run *run;
	struct plan plan;
	int64_t now;
	uint64_t cost;
};

static struct verdict verdict_make(size_t words)
{
	return (struct verdict){.yes = memory_zero(words, sizeof(uint64_t)),
	    .unknown = memory_zero(words, sizeof(uint64_t))};
}

static void verdict_free(struct verdict *v)
{
	free(v->yes);
	free(v->unknown);
}

static uint64_t count_bits(const uint64_t *bits, size_t words)
{
	uint64_t count = 0;

	for (size_t w = 0; w < words; w++)
		count += (uint64_t)__builtin_popcountll(bits[w]);
	return count;
}

/* What a predicate costs for so many of the rows, at most. */
static uint64_t cost_of(const struct running *r, const struct plan_node *node, uint64_t asked)
{
	uint64_t rows = r->run->ix->rows;

	return asked < rows ? (uint64_t)((double)node->cost * (double)asked / (double)rows) + asked
			    : node->cost + asked;
}

/* A filter that would hold up everything else for minutes is given up: its rows are undecided, so
 * nobody can act on the rest as if it were the answer. */
static void decide_predicate(
    struct running *r, const struct plan_node *node, const uint64_t *asked, struct verdict *out)
{
	struct run *run = r->run;
	struct bits bits = {asked, run->words, count_bits(asked, run->words)};

	if (bits.count == 0)
		return;
	r->cost += cost_of(r, node, bits.count);
	if (r->cost > RUN_COST_MAX) {
		run->too_costly = true;
		memcpy(out->unknown, asked, run->words * sizeof(*asked));
		out->any_unknown = true;
	} else {
		predicate_decide(&node->predicate, run->ix, r->now, &bits, out);
	}
	if (out->any_unknown)
		run->undecided_field = node->predicate.field;
}

static void decide(struct running *r, uint32_t node, const uint64_t *asked, struct verdict *out);

/* All of the children: `yes` are the rows that none has said no to yet. Returns whether any is. */
static bool take_all(
    const struct run *run, const struct verdict *child, uint64_t *open, struct verdict *out)
{
	uint64_t any = 0;

	for (size_t w = 0; w < run->words; w++) {
		open[w] &= child->yes[w] | child->unknown[w];
		out->unknown[w] = (out->unknown[w] | child->unknown[w]) & open[w];
		any |= open[w];
	}
	return any;
}

/* Any of the children: `open` are the rows that none has said yes to yet. Returns whether any is.
 */
static bool take_any(
    const struct run *run, const struct verdict *child, uint64_t *open, struct verdict *out)
{
	uint64_t any = 0;

	for (size_t w = 0; w < run->words; w++) {
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
	size_t size = r->run->words * sizeof(*asked);
	MEMORY_AUTO uint64_t *open = memory_alloc(size);
	struct verdict child = verdict_make(r->run->words);
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
		    all ? take_all(r->run, &child, open, out) : take_any(r->run, &child, open, out);
	}
	for (size_t w = 0; all && w < r->run->words; w++)
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
		for (size_t w = 0; w < r->run->words; w++)
			out->yes[w] = asked[w] & ~out->yes[w] & ~out->unknown[w];
	} else {
		decide_children(r, node, asked, out);
	}
}

static bool needs_settling(const struct filter *filter)
{
	return filter_uses(filter, FILTER_CAUSE) || filter_uses(filter, FILTER_REASON);
}

/* All live rows (of the scope), or, where it is known what was found before, those that have
 * changed since. */
static void decide_rows(struct running *r, struct slice key, struct verdict *verdict)
{
	struct run *run = r->run;
	const uint64_t *from = run->within ? run->within : run->ix->live;
	struct verdict again = verdict_make(run->words);
	MEMORY_AUTO uint64_t *changed = memory_zero(run->words, sizeof(*changed));
	MEMORY_AUTO uint64_t *asked = memory_zero(run->words, sizeof(*asked));
	bool before = key.len > 0 && match_cache_find(run->ix, key, run->words, verdict, changed,
					 &run->undecided_field);

	for (size_t w = 0; w < run->words; w++)
		asked[w] = from[w] & (before ? changed[w] : ~UINT64_C(0));
	decide(r, r->plan.root, asked, &again);
	for (size_t w = 0; w < run->words; w++) {
		verdict->yes[w] = (verdict->yes[w] & ~changed[w]) | again.yes[w];
		verdict->unknown[w] = (verdict->unknown[w] & ~changed[w]) | again.unknown[w];
	}
	verdict_free(&again);
	if (key.len > 0 && !run->too_costly)
		match_cache_store(run->ix, key, run->words, verdict, run->undecided_field);
}

/* Another scope's answers are of no use here, and the time that they save would tell of them. */
static bool key_of(const struct index *ix, const struct filter *filter, struct buffer *key)
{
	const struct filter *scope = filter_scope(filter);
	uint32_t count;

	if (scope) {
		filter_nodes(scope, &count);
		buffer_put_u8(key, UINT8_MAX); /* as no node begins */
		buffer_put_u32(key, count);
		if (!match_cache_key(ix, scope, key))
			return false;
	}
	return match_cache_key(ix, filter, key);
}

/* What cannot be decided for the scope is outside it; where it is given up the answer is not true.
 */
static void take_scope(struct run *run, const struct filter *scope, int64_t now)
{
	struct run all;

	run_begin(&all, run->ix, scope, now);
	run->within = all.own;
	run->too_costly = all.too_costly;
	all.own = NULL;
	run_end(&all);
	if (!run->within)
		return;
	run->match = run->own = memory_alloc(run->words * sizeof(*run->own));
	memcpy(run->own, run->within, run->words * sizeof(*run->own));
}

void run_begin(struct run *run, struct index *ix, const struct filter *filter, int64_t now)
{
	struct running r = {.run = run, .now = now};
	BUFFER_AUTO struct buffer key = {0};
	struct verdict verdict;
	uint32_t count = 0;

	*run = (struct run){.ix = ix, .match = ix->live, .words = ((size_t)ix->rows + 63) / 64};
	if (filter) {
		filter_nodes(filter, &count);
		if (filter_scope(filter))
			take_scope(run, filter_scope(filter), now);
	}
	if (count == 0)
		return;
	if (needs_settling(filter))
		reasons_settle(ix, REASONS_SETTLE_REQUEST);
	plan_make(&r.plan, ix, filter);
	verdict = verdict_make(run->words);
	decide_rows(&r, key_of(ix, filter, &key) ? buffer_slice(&key) : SLICE(""), &verdict);
	plan_free(&r.plan);
	run->undecided = count_bits(verdict.unknown, run->words);
	free(run->own);
	run->match = run->own = verdict.yes;
	free(verdict.unknown);
}

void run_rows(struct index *ix, const struct filter *filter, const uint32_t *rows, size_t count,
    int64_t now, bool *yes)
{
	struct run run = {.ix = ix, .words = ((size_t)ix->rows + 63) / 64};
	struct running r = {.run = &run, .now = now};
	MEMORY_AUTO uint64_t *asked = memory_zero(run.words, sizeof(*asked));
	struct verdict verdict;
	uint32_t nodes = 0;

	if (filter)
		filter_nodes(filter, &nodes);
	for (size_t i = 0; i < count; i++) {
		yes[i] = nodes == 0;
		asked[rows[i] / 64] |= UINT64_C(1) << (rows[i] % 64);
	}
	if (nodes == 0 || count == 0)
		return;
	if (needs_settling(filter))
		reasons_settle(ix, REASONS_SETTLE_REQUEST);
	plan_make(&r.plan, ix, filter);
	verdict = verdict_make(run.words);
	decide(&r, r.plan.root, asked, &verdict);
	plan_free(&r.plan);
	for (size_t i = 0; i < count; i++)
		yes[i] = verdict.yes[rows[i] / 64] >> (rows[i] % 64) & 1;
	verdict_free(&verdict);
}

static uint64_t bytes_of(const struct index *ix, uint64_t bits, uint32_t first)
{
	uint64_t bytes = 0;

	for (; bits != 0; bits &= bits - 1)
		bytes += row_size(ix, first + (uint32_t)__builtin_ctzll(bits));
	return bytes;
}

/* Of 64 rows without a gap. */
static uint64_t bytes_of_all(const struct index *ix, uint32_t first)
{
	const uint32_t *size = &ix->c.size[first];
	uint64_t bytes = 0;
	uint32_t largest = 0;

	for (size_t i = 0; i < 64; i++) {
		bytes += size[i];
		largest = size[i] > largest ? size[i] : largest;
	}
	return largest == SIZE_IN_SPARSE ? bytes_of(ix, ~UINT64_C(0), first) : bytes;
}

void run_match(const struct run *run, struct index_match *match)
{
	const struct index *ix = run->ix;

	*match = (struct index_match){.generation = ix->generation,
	    .undecided = run->undecided,
	    .undecided_field = run->undecided_field,
	    .too_costly = run->too_costly};
	if (!run->own) {
		match->messages = ix->messages;
		match->bytes = ix->bytes;
		return;
	}
	for (size_t w = 0; w < run->words; w++) {
		uint64_t bits = run->match[w];
		uint32_t first = (uint32_t)(w * 64);
		match->messages += (uint64_t)__builtin_popcountll(bits);
		match->bytes += ~bits ? bytes_of(ix, bits, first) : bytes_of_all(ix, first);
	}
}

void run_end(struct run *run)
{
	free(run->own);
	free(run->within);
	*run = (struct run){0};
}
