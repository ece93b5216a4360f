/* Which rows a filter matches: the scope first, then the filter's own nodes, of which what was
 * found before is used again (match_cache.h). */
#include "index/run/run.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/run/match_cache.h"
#include "index/run/verdicts.h"

/* All live rows (of the scope), or, where it is known what was found before, those that have
 * changed since. */
static void decide_rows(struct run *run, const struct filter *filter, struct slice key, int64_t now,
    struct verdict *verdict)
{
	const uint64_t *from = run->within ? run->within : run->ix->live;
	struct verdict again = verdict_make(run->words);
	MEMORY_AUTO uint64_t *changed = memory_zero(run->words, sizeof(*changed));
	MEMORY_AUTO uint64_t *asked = memory_zero(run->words, sizeof(*asked));
	struct bits bits = {.word = asked, .words = run->words, .inside = run->inside};
	bool before = key.len > 0 && match_cache_find(run->ix, key, run->words, verdict, changed,
					 &run->undecided_field);

	for (size_t w = 0; w < run->words; w++)
		asked[w] = from[w] & (before ? changed[w] : ~UINT64_C(0));
	run->too_costly |=
	    !verdict_decide(run->ix, filter, &bits, now, &again, &run->undecided_field);
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
	run->inside = inside_of(run->ix, scope, now);
	if (!run->inside)
		return;
	run->too_costly = run->inside->too_costly;
	run->within = memory_alloc(run->words * sizeof(*run->within) + 1);
	run->match = run->own = memory_alloc(run->words * sizeof(*run->own) + 1);
	for (size_t w = 0; w < run->words; w++)
		run->own[w] = run->within[w] = run->inside->within[w] & run->ix->live[w];
}

static void begin(struct run *run, struct index *ix)
{
	*run = (struct run){.ix = ix, .match = ix->live, .words = ((size_t)ix->rows + 63) / 64};
}

void run_begin_scope(struct run *run, struct index *ix, const struct filter *scope, int64_t now)
{
	begin(run, ix);
	take_scope(run, scope, now);
}

void run_begin(struct run *run, struct index *ix, const struct filter *filter, int64_t now)
{
	BUFFER_AUTO struct buffer key = {0};
	struct verdict verdict;
	uint32_t count = 0;

	begin(run, ix);
	if (filter) {
		filter_nodes(filter, &count);
		if (filter_scope(filter))
			take_scope(run, filter_scope(filter), now);
	}
	if (count == 0)
		return;
	if (verdict_needs_settling(filter))
		reasons_settle(ix, REASONS_SETTLE_REQUEST);
	verdict = verdict_make(run->words);
	decide_rows(
	    run, filter, key_of(ix, filter, &key) ? buffer_slice(&key) : SLICE(""), now, &verdict);
	run->undecided = bits_count(verdict.unknown, run->words);
	free(run->own);
	run->match = run->own = verdict.yes;
	free(verdict.unknown);
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
