#include "index/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Yes and not known, for the rows of one block. */
struct verdict {
	uint64_t yes[RUN_WORDS], unknown[RUN_WORDS];
};

enum answer { NO, YES, UNKNOWN };

/* ---- Deciding strings ---- */

static uint64_t *bits_make(uint32_t count)
{
	return memory_zero((size_t)count / 64 + 1, sizeof(uint64_t));
}

static bool bit(const uint64_t *bits, uint32_t n)
{
	return bits[n / 64] >> (n % 64) & 1;
}

static void bit_set(uint64_t *bits, uint32_t n)
{
	bits[n / 64] |= UINT64_C(1) << (n % 64);
}

static bool says_yes(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	if (!bit(memo->decided, number)) {
		bit_set(memo->decided, number);
		if (memo->decide(run, term, memo, number))
			bit_set(memo->yes, number);
	}
	return bit(memo->yes, number);
}

static bool decide_text(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	return filter_match_text(term, dict_text(memo->dict, number), &run->scratch);
}

/* An exact pattern also finds the reasons of a class by its name, as groups give it. */
static bool decide_reason(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	struct index *ix = run->ix;

	(void)memo;
	if (filter_match_text(term, internal_reason_text(ix, number), &run->scratch))
		return true;
	return number != 0 && term->match == FILTER_EXACT &&
	       filter_match_text(
		   term, dict_text(&ix->classes, internal_class(ix, number)), &run->scratch);
}

static bool decide_client(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	struct slice address = dict_text(memo->dict, number), name = internal_part(&address);

	return filter_match_text(term, name, &run->scratch) ||
	       (number != 0 && filter_match_text(term, address, &run->scratch));
}

static bool decide_domain(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	return says_yes(run, term, memo->behind, number ? memo->dict->note[number] : 0);
}

/* A diagnosis is found by its key or its title; number 0 is none. */
static bool decide_diagnosis(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	const struct diagnosis *g = number ? diagnosis_at(number - 1) : NULL;

	(void)memo;
	return filter_match_text(term, slice_of(g ? g->key : ""), &run->scratch) ||
	       (g && filter_match_text(term, slice_of(g->title), &run->scratch));
}

static bool decide_diagnosed(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	const struct diagnosis *g = internal_diagnosis(run->ix, number);

	return says_yes(run, term, memo->behind, g ? (uint32_t)diagnosis_index(g) + 1 : 0);
}

static bool decide_queue(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number)
{
	(void)memo;
	return filter_match_text(
	    term, slice_of(queue_id_queue_name((enum queue)number)), &run->scratch);
}

static void memo_init(
    struct run_memo *memo, run_decide *decide, const struct dict *dict, uint32_t count)
{
	*memo = (struct run_memo){
	    .decided = bits_make(count), .yes = bits_make(count), .decide = decide, .dict = dict};
}

static void memo_free(struct run_memo *memo)
{
	free(memo->decided);
	free(memo->yes);
}

static void prepare(struct run *run, const struct filter_node *n, struct run_leaf *leaf)
{
	struct index *ix = run->ix;
	struct run_memo *memo = leaf->memo;
	const struct {
		enum filter_field field;
		const struct dict *dict;
		run_decide *decide;
	} plain[] = {
	    {FILTER_FROM, &ix->senders, decide_text},
	    {FILTER_TO, &ix->addresses, decide_text},
	    {FILTER_DOMAIN, &ix->addresses, decide_domain},
	    {FILTER_REASON, &ix->reasons, decide_reason},
	    {FILTER_DIAGNOSIS, &ix->reasons, decide_diagnosed},
	    {FILTER_CLIENT, &ix->clients, decide_client},
	    {FILTER_LOGIN, &ix->logins, decide_text},
	    {FILTER_HELO, &ix->helos, decide_text},
	    {FILTER_SUBJECT, &ix->subjects, decide_text},
	    {FILTER_ANY, &ix->senders, decide_text},
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		if (plain[i].field == n->field)
			memo_init(memo, plain[i].decide, plain[i].dict, plain[i].dict->count);
	}
	if (n->field == FILTER_QUEUE)
		memo_init(memo, decide_queue, NULL, QUEUE_COUNT);
	if (n->field == FILTER_DOMAIN)
		memo_init(&memo[1], decide_text, &ix->domains, ix->domains.count);
	if (n->field == FILTER_DIAGNOSIS)
		memo_init(&memo[1], decide_diagnosis, NULL, (uint32_t)diagnosis_count() + 1);
	if (n->field == FILTER_ANY) {
		memo_init(&memo[1], decide_text, &ix->addresses, ix->addresses.count);
		memo_init(&memo[2], decide_reason, &ix->reasons, ix->reasons.count);
	}
	memo->behind = &memo[1];
}

/* ---- The cheapest first ---- */

/* How many bytes a leaf may have to look at. */
static uint64_t leaf_cost(
    const struct run *run, const struct filter_node *n, const struct run_leaf *leaf)
{
	uint64_t cost = 0;

	if (n->kind == FILTER_NUMBER || n->field == FILTER_QUEUE)
		return 0;
	if (n->field == FILTER_ID)
		return (uint64_t)run->ix->rows * QUEUE_ID_SIZE;
	for (size_t i = 0; i < 3; i++)
		cost += leaf->memo[i].dict ? leaf->memo[i].dict->arena_len : 0;
	return cost;
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

/* Children stand before their parents, so their costs are known. */
static void order_children(struct run *run)
{
	MEMORY_AUTO struct costly *list = memory_alloc(run->node_count * sizeof(*list));
	MEMORY_AUTO uint64_t *cost = memory_zero(run->node_count, sizeof(*cost));

	for (uint32_t i = 0; i < run->node_count; i++) {
		const struct filter_node *n = &run->nodes[i];
		size_t count = 0;
		if (n->kind == FILTER_TEXT || n->kind == FILTER_NUMBER) {
			cost[i] = leaf_cost(run, n, &run->leaves[i]);
			continue;
		}
		for (uint32_t c = n->first_child; c != FILTER_NONE;
		     c = run->nodes[c].next_sibling) {
			list[count++] = (struct costly){cost[c], c};
			cost[i] += cost[c];
		}
		qsort(list, count, sizeof(*list), compare_cost);
		run->first_child[i] = list[0].node;
		for (size_t k = 0; k < count; k++)
			run->next_sibling[list[k].node] =
			    k + 1 < count ? list[k + 1].node : FILTER_NONE;
	}
}

/* ---- Deciding rows ---- */

static enum answer yes_if(bool yes)
{
	return yes ? YES : NO;
}

/* Fields that some sources do not give. */
static enum answer known_text(struct run *run, const struct filter_node *n, struct run_memo *memo,
    uint32_t row, uint8_t need, uint32_t number)
{
	return run->ix->c.known[row] & need ? yes_if(says_yes(run, n, memo, number)) : UNKNOWN;
}

/* Any recipient's address, or its address before rewriting. With recipients that are not kept, no
 * match among the others says nothing. */
static enum answer any_address(struct run *run, const struct filter_node *n, struct run_memo *memo,
    uint32_t row, bool original)
{
	const struct recipient *list = internal_recipients(run->ix, row);

	for (uint32_t i = 0; i < internal_kept(run->ix, row); i++) {
		if (says_yes(run, n, memo, internal_address(run->ix, &list[i])) ||
		    (original && internal_original(run->ix, &list[i]) != 0 &&
			says_yes(run, n, memo, internal_original(run->ix, &list[i]))))
			return YES;
	}
	return run->ix->c.flags[row] & ROW_CUT ? UNKNOWN : NO;
}

/* Any recipient's reason, the last known one. Only an empty pattern matches a message without any.
 */
static enum answer any_reason(
    struct run *run, const struct filter_node *n, struct run_memo *memo, uint32_t row)
{
	const struct recipient *list = internal_recipients(run->ix, row);
	bool some = false;

	for (uint32_t i = 0; i < internal_kept(run->ix, row); i++) {
		uint32_t reason = internal_reason(&list[i]);
		if (reason != 0 && says_yes(run, n, memo, reason))
			return YES;
		some |= reason != 0;
	}
	if (run->ix->c.flags[row] & ROW_CUT)
		return UNKNOWN;
	return yes_if(!some && says_yes(run, n, memo, 0));
}

static enum answer by_id(struct run *run, const struct filter_node *n, uint32_t row)
{
	struct id_key key;
	char id[QUEUE_ID_SIZE];

	key = internal_id(run->ix, row);
	id_key_unpack(&key, id);
	return yes_if(filter_match_text(n, slice_of(id), &run->scratch));
}

static enum answer by_number(const struct run *run, const struct filter_node *n, uint32_t row)
{
	const struct columns *c = &run->ix->c;
	uint64_t size;

	switch (n->field) {
	case FILTER_AGE:
		return yes_if(filter_match_number(n, run->now - (int64_t)c->arrival[row]));
	case FILTER_SIZE:
		size = internal_size(run->ix, row);
		return yes_if(filter_match_number(n, size > INT64_MAX ? INT64_MAX : (int64_t)size));
	case FILTER_RECIPIENTS:
		return yes_if(filter_match_number(n, internal_todo(run->ix, row)));
	default: /* next: only what is deferred has a next attempt */
		if (c->queue[row] != QUEUE_DEFERRED)
			return NO;
		if (!(c->known[row] & MESSAGE_KNOWS_NEXT_RETRY))
			return UNKNOWN;
		return yes_if(filter_match_number(n, (int64_t)c->next_retry[row] - run->now));
	}
}

static enum answer by_any(
    struct run *run, const struct filter_node *n, struct run_leaf *leaf, uint32_t row)
{
	enum answer address, reason;

	if (says_yes(run, n, leaf->memo, run->ix->c.sender[row]))
		return YES;
	address = any_address(run, n, &leaf->memo[1], row, true);
	if (address == YES)
		return YES;
	reason = any_reason(run, n, &leaf->memo[2], row);
	if (reason == YES || by_id(run, n, row) == YES)
		return YES;
	return address == UNKNOWN || reason == UNKNOWN ? UNKNOWN : NO;
}

static enum answer decide_row(
    struct run *run, const struct filter_node *n, struct run_leaf *leaf, uint32_t row)
{
	const struct columns *c = &run->ix->c;

	if (n->kind == FILTER_NUMBER)
		return by_number(run, n, row);
	switch (n->field) {
	case FILTER_QUEUE:
		return yes_if(says_yes(run, n, leaf->memo, c->queue[row]));
	case FILTER_FROM:
		return yes_if(says_yes(run, n, leaf->memo, c->sender[row]));
	case FILTER_TO:
		return any_address(run, n, leaf->memo, row, true);
	case FILTER_DOMAIN:
		return any_address(run, n, leaf->memo, row, false);
	case FILTER_REASON:
	case FILTER_DIAGNOSIS:
		return any_reason(run, n, leaf->memo, row);
	case FILTER_CLIENT:
		return known_text(
		    run, n, leaf->memo, row, MESSAGE_KNOWS_ORIGIN, internal_client(run->ix, row));
	case FILTER_LOGIN:
		return known_text(
		    run, n, leaf->memo, row, MESSAGE_KNOWS_ORIGIN, internal_login(run->ix, row));
	case FILTER_HELO:
		return known_text(
		    run, n, leaf->memo, row, MESSAGE_KNOWS_ORIGIN, internal_helo(run->ix, row));
	case FILTER_SUBJECT:
		return known_text(run, n, leaf->memo, row, MESSAGE_KNOWS_SUBJECT, c->subject[row]);
	case FILTER_ANY:
		return by_any(run, n, leaf, row);
	default:
		return by_id(run, n, row);
	}
}

static void decide_leaf(
    struct run *run, uint32_t node, uint32_t first, const uint64_t *need, struct verdict *out)
{
	const struct filter_node *n = &run->nodes[node];
	struct run_leaf *leaf = &run->leaves[node];

	*out = (struct verdict){0};
	for (unsigned w = 0; w < RUN_WORDS; w++) {
		for (uint64_t left = need[w]; left != 0; left &= left - 1) {
			unsigned i = (unsigned)__builtin_ctzll(left);
			enum answer answer = decide_row(run, n, leaf, first + w * 64 + i);
			out->yes[w] |= (uint64_t)(answer == YES) << i;
			out->unknown[w] |= (uint64_t)(answer == UNKNOWN) << i;
		}
		if (out->unknown[w])
			run->undecided_field = n->field;
	}
}

static void decide_node(
    struct run *run, uint32_t node, uint32_t first, const uint64_t *need, struct verdict *out);

/* All of (or, with the roles of yes and no exchanged, any of) the children; those that cannot
 * change the verdict of a row any more do not look at it. */
static void decide_children(
    struct run *run, uint32_t node, uint32_t first, const uint64_t *need, struct verdict *out)
{
	bool all = run->nodes[node].kind == FILTER_AND;
	uint64_t open[RUN_WORDS];
	struct verdict child;

	memset(out->unknown, 0, sizeof(out->unknown));
	for (unsigned w = 0; w < RUN_WORDS; w++) {
		out->yes[w] = all ? need[w] : 0;
		open[w] = need[w];
	}
	for (uint32_t c = run->first_child[node]; c != FILTER_NONE; c = run->next_sibling[c]) {
		uint64_t any_open = 0;
		decide_node(run, c, first, open, &child);
		for (unsigned w = 0; w < RUN_WORDS; w++) {
			uint64_t settled =
			    all ? open[w] & ~child.yes[w] & ~child.unknown[w] : child.yes[w];
			out->unknown[w] = (out->unknown[w] | child.unknown[w]) & ~settled;
			if (all)
				out->yes[w] &= ~settled & ~out->unknown[w];
			else
				out->yes[w] |= settled;
			open[w] &= ~settled;
			any_open |= open[w];
		}
		if (any_open == 0)
			break;
	}
}

/* Nesting is at most FILTER_DEPTH_MAX parentheses, each of three kinds of node. */
static void decide_node(
    struct run *run, uint32_t node, uint32_t first, const uint64_t *need, struct verdict *out)
{
	const struct filter_node *n = &run->nodes[node];

	if (n->kind == FILTER_TEXT || n->kind == FILTER_NUMBER) {
		decide_leaf(run, node, first, need, out);
	} else if (n->kind == FILTER_NOT) {
		decide_node(run, n->first_child, first, need, out);
		for (unsigned w = 0; w < RUN_WORDS; w++)
			out->yes[w] = need[w] & ~out->yes[w] & ~out->unknown[w];
	} else {
		decide_children(run, node, first, need, out);
	}
}

/* ---- The run ---- */

void run_begin(struct run *run, struct index *ix, const struct filter *filter, int64_t now)
{
	*run = (struct run){.ix = ix, .now = now};
	if (filter)
		run->nodes = filter_nodes(filter, &run->node_count);
	if (run->node_count == 0)
		return;
	run->leaves = memory_zero(run->node_count, sizeof(*run->leaves));
	run->first_child = memory_alloc(run->node_count * sizeof(*run->first_child));
	run->next_sibling = memory_alloc(run->node_count * sizeof(*run->next_sibling));
	for (uint32_t i = 0; i < run->node_count; i++) {
		if (run->nodes[i].kind == FILTER_TEXT)
			prepare(run, &run->nodes[i], &run->leaves[i]);
	}
	order_children(run);
}

bool run_next(struct run *run, struct run_block *block)
{
	uint64_t need[RUN_WORDS];
	struct verdict verdict;

	while (run->next < run->ix->rows) {
		uint64_t any = 0;
		block->first = run->next;
		for (unsigned w = 0; w < RUN_WORDS; w++) {
			size_t word = block->first / 64 + w;
			need[w] = word * 64 < run->ix->rows ? run->ix->live[word] : 0;
		}
		run->next += RUN_ROWS;
		if (run->node_count == 0) {
			memcpy(block->match, need, sizeof(need));
		} else {
			decide_node(run, run->node_count - 1, block->first, need, &verdict);
			memcpy(block->match, verdict.yes, sizeof(need));
			for (unsigned w = 0; w < RUN_WORDS; w++)
				run->undecided +=
				    (uint64_t)__builtin_popcountll(verdict.unknown[w]);
		}
		for (unsigned w = 0; w < RUN_WORDS; w++)
			any |= block->match[w];
		if (any)
			return true;
	}
	return false;
}

bool run_row(struct run *run, uint32_t row)
{
	uint64_t need[RUN_WORDS] = {UINT64_C(1) << (row % 64)};
	struct verdict verdict;

	if (run->node_count == 0)
		return true;
	decide_node(run, run->node_count - 1, row & ~UINT32_C(63), need, &verdict);
	return verdict.yes[0] != 0;
}

void run_end(struct run *run)
{
	for (uint32_t i = 0; run->leaves && i < run->node_count; i++) {
		for (size_t k = 0; k < 3; k++)
			memo_free(&run->leaves[i].memo[k]);
	}
	free(run->leaves);
	free(run->first_child);
	free(run->next_sibling);
	buffer_free(&run->scratch);
	*run = (struct run){0};
}
