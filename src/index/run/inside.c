/* Deciding scopes recipient by recipient. Most rows have one, and of them the scope says at once
 * what it says of the row; of the others each recipient is decided as if it were alone, by the same
 * predicates (struct bits, `alone`). What was found is kept, and follows the rows that change: a
 * page that is open asks within the same scope again and again. */
#include "index/run/inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/reasons.h"
#include "index/run/match_cache.h"
#include "index/run/verdicts.h"

struct inside_list {
	struct inside place[INSIDE_KEPT];
	uint64_t asked; /* how often: the one that was used the longest ago goes */
	uint64_t serial;
};

/* ---- Parts ---- */

static void drop_part(struct inside *in, uint32_t row)
{
	uint64_t value;

	if (!sparse_find(&in->parts, row, &value))
		return;
	free((struct inside_part *)(uintptr_t)value);
	sparse_drop(&in->parts, row);
}

static void drop_parts(struct inside *in)
{
	for (uint32_t i = 0; in->parts.mask != 0 && i <= in->parts.mask; i++) {
		if (in->parts.slot[i].row != 0)
			free((struct inside_part *)(uintptr_t)in->parts.slot[i].value);
	}
	sparse_free(&in->parts);
}

bool inside_place(
    const struct index *ix, const struct inside *inside, uint32_t row, uint32_t n, uint32_t *place)
{
	const struct inside_part *part;

	*place = n;
	if (!inside || inside_has(inside->whole, row))
		return n < row_kept(ix, row);
	part = inside_part_of(inside, row);
	if (!part || n >= part->kept)
		return false;
	*place = part->place[n];
	return true;
}

/* ---- What a scope depends on ---- */

static bool is_term(const struct filter_node *n)
{
	return n->kind == FILTER_TEXT || n->kind == FILTER_NUMBER;
}

static bool is_of_recipients(const struct filter *scope)
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(scope, &count);

	for (uint32_t i = 0; i < count; i++) {
		if (is_term(&nodes[i]) && predicate_of_recipients(nodes[i].field))
			return true;
	}
	return false;
}

/* Whether more recipients can only make more of the term: then a row that it does not match has
 * none that it matches. Not so where the term matches that there is no reason. */
static bool grows(const struct filter_node *n, struct buffer *scratch)
{
	if (!predicate_of_recipients(n->field))
		return true;
	if (n->field == FILTER_TO || n->field == FILTER_DOMAIN)
		return true;
	return n->kind == FILTER_TEXT && n->field != FILTER_PAUSED &&
	       !filter_match_text(n, SLICE(""), scratch);
}

/* The same of the whole scope. */
static bool all_grows(const struct filter *scope)
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(scope, &count);
	MEMORY_AUTO bool *of_recipients = memory_zero(count, sizeof(*of_recipients));
	BUFFER_AUTO struct buffer scratch = {0};

	for (uint32_t i = 0; i < count; i++) {
		const struct filter_node *n = &nodes[i];
		if (is_term(n)) {
			of_recipients[i] = predicate_of_recipients(n->field);
			if (!grows(n, &scratch))
				return false;
			continue;
		}
		for (uint32_t c = n->first_child; c != FILTER_NONE; c = nodes[c].next_sibling)
			of_recipients[i] |= of_recipients[c];
		if (n->kind == FILTER_NOT && of_recipients[i])
			return false;
	}
	return true;
}

/* ---- Recipient by recipient ---- */

struct entries {
	struct alone *list;
	size_t count, cap;
};

static void add_entry(struct entries *e, uint32_t row, uint32_t recipient)
{
	if (e->count == e->cap) {
		e->cap = e->cap ? e->cap * 2 : 1024;
		e->list = memory_resize(e->list, e->cap, sizeof(*e->list));
	}
	e->list[e->count++] = (struct alone){row, recipient};
}

/* Each recipient; one that is not kept, for all of those; or none at all. */
static void add_entries(struct entries *e, const struct index *ix, uint32_t row)
{
	struct seen all = row_seen(ix, NULL, row);
	bool waiting = all.cut;

	for (uint32_t i = 0; i < all.kept; i++) {
		waiting |= !recipient_is_done(seen_at(&all, i));
		add_entry(e, row, i);
	}
	if (all.cut)
		add_entry(e, row, ALONE_NOT_KEPT);
	else if (!waiting)
		add_entry(e, row, ALONE_NOBODY);
}

/* The recipients of a row that are inside, in their order. */
static void keep_part(struct inside *in, const struct index *ix, const struct alone *entries,
    const bool *yes, size_t count)
{
	struct seen all = row_seen(ix, NULL, entries[0].row);
	struct inside_part *part;
	uint32_t kept = 0;

	for (size_t i = 0; i < count; i++)
		kept += yes[i] && entries[i].recipient < ALONE_NOT_KEPT;
	part = memory_alloc(sizeof(*part) + (size_t)kept * sizeof(part->place[0]));
	part->kept = kept;
	part->todo = kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (!yes[i] || entries[i].recipient >= ALONE_NOT_KEPT)
			continue;
		part->todo += !recipient_is_done(seen_at(&all, entries[i].recipient));
		part->place[kept++] = entries[i].recipient;
	}
	sparse_set(&in->parts, entries[0].row, (uintptr_t)part);
}

static void set_bit(uint64_t *bits, uint32_t row)
{
	bits[row / 64] |= UINT64_C(1) << (row % 64);
}

/* The entries of one row. */
static void take_row(struct inside *in, const struct index *ix, const struct alone *entries,
    const bool *yes, size_t count)
{
	struct seen all = row_seen(ix, NULL, entries[0].row);
	bool within = false, whole = true;

	for (size_t i = 0; i < count; i++) {
		uint32_t n = entries[i].recipient;
		bool kept = n < ALONE_NOT_KEPT;
		/* One who has his mail is shown beside others, but shows nothing by himself. */
		within |= yes[i] && !(kept && recipient_is_done(seen_at(&all, n)));
		whole &= yes[i];
	}
	if (!within)
		return;
	set_bit(in->within, entries[0].row);
	if (whole)
		set_bit(in->whole, entries[0].row);
	else
		keep_part(in, ix, entries, yes, count);
}

static void take_entries(
    struct inside *in, const struct index *ix, const struct entries *e, const uint64_t *yes_bits)
{
	MEMORY_AUTO bool *yes = memory_alloc(e->count * sizeof(*yes) + 1);

	for (size_t i = 0; i < e->count; i++)
		yes[i] = yes_bits[i / 64] >> (i % 64) & 1;
	for (size_t from = 0, to; from < e->count; from = to) {
		for (to = from + 1; to < e->count && e->list[to].row == e->list[from].row;)
			to++;
		take_row(in, ix, &e->list[from], &yes[from], to - from);
	}
}

static void decide_each(struct inside *in, struct index *ix, const struct entries *e, int64_t now)
{
	size_t words = (e->count + 63) / 64;
	MEMORY_AUTO uint64_t *asked = memory_zero(words, sizeof(*asked));
	struct verdict verdict = verdict_make(words);
	struct bits bits = {asked, words, e->count, NULL, e->list};
	enum filter_field undecided = FILTER_ANY;

	for (size_t i = 0; i < e->count; i++)
		asked[i / 64] |= UINT64_C(1) << (i % 64);
	in->too_costly |= !verdict_decide(ix, in->scope, &bits, now, &verdict, &undecided);
	take_entries(in, ix, e, verdict.yes);
	verdict_free(&verdict);
}

/* ---- Rows ---- */

/* Of a row with one recipient, who waits, the row's verdict is his; without any it is the row's. */
static bool has_several(const struct index *ix, uint32_t row)
{
	return !(ix->c.flags[row] & ROW_ONE) &&
	       (ix->c.recipient[row].address != 0 || (ix->c.flags[row] & ROW_CUT));
}

/* The rows of which more has to be known, taken out of `yes`. */
static void take_several(const struct index *ix, bool all, const uint64_t *asked,
    struct verdict *verdict, size_t words, struct entries *out)
{
	for (size_t w = 0; w < words; w++) {
		uint64_t perhaps = all ? asked[w] : verdict->yes[w] | verdict->unknown[w];
		for (uint64_t left = perhaps; left != 0; left &= left - 1) {
			uint32_t row = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(left);
			if (!has_several(ix, row))
				continue;
			verdict->yes[w] &= ~(UINT64_C(1) << (row % 64));
			add_entries(out, ix, row);
		}
	}
}

static void decide_rows(
    struct inside *in, struct index *ix, const uint64_t *asked, uint64_t count, int64_t now)
{
	struct verdict verdict = verdict_make(in->words);
	struct bits bits = {asked, in->words, count, NULL, NULL};
	enum filter_field undecided = FILTER_ANY;
	struct entries several = {0};

	in->too_costly |= !verdict_decide(ix, in->scope, &bits, now, &verdict, &undecided);
	if (is_of_recipients(in->scope))
		take_several(ix, !all_grows(in->scope), asked, &verdict, in->words, &several);
	for (size_t w = 0; w < in->words; w++) {
		in->within[w] = (in->within[w] & ~asked[w]) | verdict.yes[w];
		in->whole[w] = (in->whole[w] & ~asked[w]) | verdict.yes[w];
	}
	if (several.count > 0)
		decide_each(in, ix, &several, now);
	verdict_free(&verdict);
	free(several.list);
}

/* ---- Which rows have to be decided ---- */

static void make_room(struct inside *in, const struct index *ix)
{
	size_t words = ((size_t)ix->rows + 63) / 64;

	if (words <= in->words)
		return;
	in->within = memory_resize(in->within, words, sizeof(*in->within));
	in->whole = memory_resize(in->whole, words, sizeof(*in->whole));
	memset(in->within + in->words, 0, (words - in->words) * sizeof(*in->within));
	memset(in->whole + in->words, 0, (words - in->words) * sizeof(*in->whole));
	in->words = words;
}

/* Also rows that have left: views show them. */
static uint64_t ask_for_all(const struct index *ix, uint64_t *asked, size_t words)
{
	const struct leaving *l = &ix->leaving;

	if (words > 0)
		memcpy(asked, ix->live, words * sizeof(*asked));
	for (size_t i = 0; i < l->count; i++) {
		uint32_t row = l->ring[(l->head + i) % l->cap].row;
		if (row != INDEX_ROW_NONE)
			set_bit(asked, row);
	}
	return ix->messages + l->count;
}

/* The rows that made the generations since. What has come and gone again is asked about no more,
 * but is not within, either. */
static uint64_t ask_for_changed(struct inside *in, const struct index *ix, uint64_t *asked)
{
	uint64_t count = 0;

	for (uint64_t g = in->generation + 1; g <= ix->generation; g++) {
		uint32_t row = ix->changed_rows[g % GENERATION_ROWS];
		uint64_t bit = UINT64_C(1) << (row % 64);
		if (row == INDEX_ROW_NONE || row >= ix->rows || (asked[row / 64] & bit))
			continue;
		drop_part(in, row);
		in->within[row / 64] &= ~bit;
		in->whole[row / 64] &= ~bit;
		if (!(ix->c.flags[row] & (ROW_LIVE | ROW_LEFT)))
			continue;
		asked[row / 64] |= bit;
		count++;
	}
	return count;
}

static void forget_rows(struct inside *in)
{
	drop_parts(in);
	if (in->words > 0) {
		memset(in->within, 0, in->words * sizeof(*in->within));
		memset(in->whole, 0, in->words * sizeof(*in->whole));
	}
	in->too_costly = false;
}

static void follow(struct inside *in, struct index *ix, int64_t now)
{
	MEMORY_AUTO uint64_t *asked = NULL;
	/* The scope was decided before, of rows alone, and it is known which ones have changed. */
	bool known = in->on_rows_alone && !in->too_costly && in->generation >= ix->all_changed &&
		     ix->generation - in->generation < GENERATION_ROWS;
	uint64_t count;

	make_room(in, ix);
	asked = memory_zero(in->words, sizeof(*asked));
	if (!known)
		forget_rows(in);
	count = known ? ask_for_changed(in, ix, asked) : ask_for_all(ix, asked, in->words);
	if (count > 0)
		decide_rows(in, ix, asked, count, now);
	/* Behind the deciding, by which reasons may have been settled. */
	in->on_rows_alone = match_cache_on_rows_alone(ix, in->scope);
	in->generation = ix->generation;
	in->now = now;
	in->settle_from = ix->settle_from;
}

/* ---- The list ---- */

static void place_free(struct inside *in)
{
	drop_parts(in);
	filter_free(in->scope);
	free(in->within);
	free(in->whole);
	*in = (struct inside){.words = 0};
}

void inside_free(struct index *ix)
{
	for (size_t i = 0; ix->insides && i < INSIDE_KEPT; i++)
		place_free(&ix->insides->place[i]);
	free(ix->insides);
	ix->insides = NULL;
}

/* The scope's place, or one for it. */
static struct inside *place_for(struct inside_list *list, const struct filter *scope)
{
	struct inside *oldest = &list->place[0];

	for (size_t i = 0; i < INSIDE_KEPT; i++) {
		struct inside *in = &list->place[i];
		if (in->scope && filter_same(in->scope, scope))
			return in;
		if (in->used < oldest->used)
			oldest = in;
	}
	place_free(oldest);
	oldest->scope = filter_hold(scope);
	oldest->serial = ++list->serial;
	return oldest;
}

/* What was decided stands until something has changed; for the time, where the scope asks for it,
 * and for what becomes known of reasons. */
static bool is_current(const struct inside *in, const struct index *ix, int64_t now)
{
	return in->within && in->generation == ix->generation &&
	       (in->on_rows_alone || (in->now == now && in->settle_from == ix->settle_from));
}

const struct inside *inside_of(struct index *ix, const struct filter *scope, int64_t now)
{
	struct inside *in;
	uint32_t count = 0;

	if (scope)
		filter_nodes(scope, &count);
	if (count == 0)
		return NULL;
	if (!ix->insides)
		ix->insides = memory_zero(1, sizeof(*ix->insides));
	in = place_for(ix->insides, scope);
	in->used = ++ix->insides->asked;
	if (verdict_needs_settling(scope))
		reasons_settle(ix, REASONS_SETTLE_REQUEST);
	if (!is_current(in, ix, now))
		follow(in, ix, now);
	return in;
}
