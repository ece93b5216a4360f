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

typedef struct slice text_of(const struct index *ix, const struct dict *d, uint32_t number);

static struct slice whole_text(const struct index *ix, const struct dict *d, uint32_t number)
{
	(void)ix;
	return dict_text(d, number);
}

static struct slice reason_text(const struct index *ix, const struct dict *d, uint32_t number)
{
	(void)d;
	return internal_reason_text(ix, number);
}

static uint64_t *decide(
    struct run *run, const struct filter_node *term, const struct dict *d, text_of *text)
{
	uint64_t *bits = bits_make(d->count);

	for (uint32_t n = 0; n < d->count; n++) {
		if (dict_used(d, n) && filter_match_text(term, text(run->ix, d, n), &run->scratch))
			bit_set(bits, n);
	}
	return bits;
}

/* An exact pattern also finds the reasons of a class by its name, as groups give it. */
static uint64_t *decide_reasons(struct run *run, const struct filter_node *term)
{
	struct dict *d = &run->ix->reasons;
	uint64_t *bits = decide(run, term, d, reason_text);

	for (uint32_t n = 1; term->match == FILTER_EXACT && n < d->count; n++) {
		if (dict_used(d, n) && !bit(bits, n) &&
		    filter_match_text(term, dict_text(&run->ix->classes, internal_class(run->ix, n)),
		        &run->scratch))
			bit_set(bits, n);
	}
	return bits;
}

static uint64_t *decide_clients(struct run *run, const struct filter_node *term)
{
	const struct dict *d = &run->ix->clients;
	uint64_t *bits = bits_make(d->count);

	for (uint32_t n = 0; n < d->count; n++) {
		struct slice address = dict_text(d, n), name = internal_part(&address);
		if (dict_used(d, n) && (filter_match_text(term, name, &run->scratch) ||
		                           (n != 0 && filter_match_text(term, address, &run->scratch))))
			bit_set(bits, n);
	}
	return bits;
}

/* By address, from what was decided by domain. */
static uint64_t *decide_domains(struct run *run, const struct filter_node *term)
{
	const struct dict *d = &run->ix->addresses;
	MEMORY_AUTO uint64_t *domains = decide(run, term, &run->ix->domains, whole_text);
	uint64_t *bits = bits_make(d->count);

	for (uint32_t n = 1; n < d->count; n++) {
		if (dict_used(d, n) && bit(domains, d->note[n]))
			bit_set(bits, n);
	}
	return bits;
}

/* By reason: a diagnosis is found by its key or its title. */
static uint64_t *decide_diagnoses(struct run *run, const struct filter_node *term)
{
	const struct dict *d = &run->ix->reasons;
	uint64_t *bits = bits_make(d->count);
	MEMORY_AUTO uint64_t *known = bits_make((uint32_t)diagnosis_count());

	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *g = diagnosis_at(i);
		if (filter_match_text(term, slice_of(g->key), &run->scratch) ||
		    filter_match_text(term, slice_of(g->title), &run->scratch))
			bit_set(known, (uint32_t)i);
	}
	if (filter_match_text(term, SLICE(""), &run->scratch))
		bit_set(bits, 0);
	for (uint32_t n = 1; n < d->count; n++) {
		const struct diagnosis *g = dict_used(d, n) ? internal_diagnosis(run->ix, n) : NULL;
		if (g && bit(known, (uint32_t)diagnosis_index(g)))
			bit_set(bits, n);
	}
	return bits;
}

static uint64_t *decide_queues(struct run *run, const struct filter_node *term)
{
	uint64_t *bits = bits_make(QUEUE_COUNT);

	for (uint32_t q = 0; q < QUEUE_COUNT; q++) {
		if (filter_match_text(term, slice_of(queue_id_queue_name((enum queue)q)), &run->scratch))
			bit_set(bits, q);
	}
	return bits;
}

static void prepare(struct run *run, const struct filter_node *n, struct run_leaf *leaf)
{
	struct index *ix = run->ix;

	switch (n->field) {
	case FILTER_QUEUE:
		leaf->bits = decide_queues(run, n);
		break;
	case FILTER_FROM:
		leaf->bits = decide(run, n, &ix->senders, whole_text);
		break;
	case FILTER_TO:
		leaf->bits = decide(run, n, &ix->addresses, whole_text);
		break;
	case FILTER_DOMAIN:
		leaf->bits = decide_domains(run, n);
		break;
	case FILTER_REASON:
		leaf->bits = decide_reasons(run, n);
		break;
	case FILTER_DIAGNOSIS:
		leaf->bits = decide_diagnoses(run, n);
		break;
	case FILTER_CLIENT:
		leaf->bits = decide_clients(run, n);
		break;
	case FILTER_LOGIN:
		leaf->bits = decide(run, n, &ix->logins, whole_text);
		break;
	case FILTER_HELO:
		leaf->bits = decide(run, n, &ix->helos, whole_text);
		break;
	case FILTER_SUBJECT:
		leaf->bits = decide(run, n, &ix->subjects, whole_text);
		break;
	case FILTER_ANY:
		leaf->bits = decide(run, n, &ix->senders, whole_text);
		leaf->bits2 = decide(run, n, &ix->addresses, whole_text);
		leaf->bits3 = decide(run, n, &ix->reasons, reason_text);
		break;
	default: /* the ID and numbers are decided row by row */
		break;
	}
}

/* ---- Deciding rows ---- */

static enum answer yes_if(bool yes)
{
	return yes ? YES : NO;
}

/* Fields that some sources do not give. */
static enum answer known_text(
    const struct run *run, uint32_t row, uint8_t need, const uint32_t *column, const uint64_t *bits)
{
	return run->ix->c.known[row] & need ? yes_if(bit(bits, column[row])) : UNKNOWN;
}

/* Any recipient's address, or its address before rewriting. With recipients that are not kept, no match
 * among the others says nothing. */
static enum answer any_address(const struct run *run, uint32_t row, const uint64_t *bits, bool original)
{
	const struct recipient *list = internal_recipients(run->ix, row);

	for (uint32_t i = 0; i < run->ix->c.kept[row]; i++) {
		if (bit(bits, list[i].address) ||
		    (original && list[i].original != 0 && bit(bits, list[i].original)))
			return YES;
	}
	return run->ix->c.flags[row] & ROW_CUT ? UNKNOWN : NO;
}

/* Any recipient's reason, the last known one. Only an empty pattern matches a message without any. */
static enum answer any_reason(const struct run *run, uint32_t row, const uint64_t *bits)
{
	const struct recipient *list = internal_recipients(run->ix, row);
	bool some = false;

	for (uint32_t i = 0; i < run->ix->c.kept[row]; i++) {
		uint32_t reason = internal_reason(&list[i]);
		if (reason != 0 && bit(bits, reason))
			return YES;
		some |= reason != 0;
	}
	if (run->ix->c.flags[row] & ROW_CUT)
		return UNKNOWN;
	return yes_if(!some && bit(bits, 0));
}

static enum answer by_id(struct run *run, const struct filter_node *n, uint32_t row)
{
	char id[QUEUE_ID_SIZE];

	id_key_unpack(&run->ix->c.id[row], id);
	return yes_if(filter_match_text(n, slice_of(id), &run->scratch));
}

static enum answer by_number(const struct run *run, const struct filter_node *n, uint32_t row)
{
	const struct columns *c = &run->ix->c;

	switch (n->field) {
	case FILTER_AGE:
		return yes_if(filter_match_number(n, run->now - (int64_t)c->arrival[row]));
	case FILTER_SIZE:
		return yes_if(filter_match_number(
		    n, c->size[row] > INT64_MAX ? INT64_MAX : (int64_t)c->size[row]));
	case FILTER_RECIPIENTS:
		return yes_if(filter_match_number(n, c->todo[row]));
	default: /* next: only what is deferred has a next attempt */
		if (c->queue[row] != QUEUE_DEFERRED)
			return NO;
		if (!(c->known[row] & MESSAGE_KNOWS_NEXT_RETRY))
			return UNKNOWN;
		return yes_if(filter_match_number(n, (int64_t)c->next_retry[row] - run->now));
	}
}

static enum answer by_any(
    struct run *run, const struct filter_node *n, const struct run_leaf *leaf, uint32_t row)
{
	enum answer address, reason;

	if (bit(leaf->bits, run->ix->c.sender[row]))
		return YES;
	address = any_address(run, row, leaf->bits2, true);
	if (address == YES)
		return YES;
	reason = any_reason(run, row, leaf->bits3);
	if (reason == YES || by_id(run, n, row) == YES)
		return YES;
	return address == UNKNOWN || reason == UNKNOWN ? UNKNOWN : NO;
}

static enum answer decide_row(
    struct run *run, const struct filter_node *n, const struct run_leaf *leaf, uint32_t row)
{
	const struct columns *c = &run->ix->c;

	if (n->kind == FILTER_NUMBER)
		return by_number(run, n, row);
	switch (n->field) {
	case FILTER_QUEUE:
		return yes_if(bit(leaf->bits, c->queue[row]));
	case FILTER_FROM:
		return yes_if(bit(leaf->bits, c->sender[row]));
	case FILTER_TO:
		return any_address(run, row, leaf->bits, true);
	case FILTER_DOMAIN:
		return any_address(run, row, leaf->bits, false);
	case FILTER_REASON:
	case FILTER_DIAGNOSIS:
		return any_reason(run, row, leaf->bits);
	case FILTER_CLIENT:
		return known_text(run, row, MESSAGE_KNOWS_ORIGIN, c->client, leaf->bits);
	case FILTER_LOGIN:
		return known_text(run, row, MESSAGE_KNOWS_ORIGIN, c->login, leaf->bits);
	case FILTER_HELO:
		return known_text(run, row, MESSAGE_KNOWS_ORIGIN, c->helo, leaf->bits);
	case FILTER_SUBJECT:
		return known_text(run, row, MESSAGE_KNOWS_SUBJECT, c->subject, leaf->bits);
	case FILTER_ANY:
		return by_any(run, n, leaf, row);
	default:
		return by_id(run, n, row);
	}
}

static void decide_leaf(struct run *run, uint32_t node, uint32_t first, const uint64_t *need,
    struct verdict *out)
{
	const struct filter_node *n = &run->nodes[node];
	const struct run_leaf *leaf = &run->leaves[node];

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

static void decide_node(struct run *run, uint32_t node, uint32_t first, const uint64_t *need,
    struct verdict *out);

/* All of (or, with the roles of yes and no exchanged, any of) the children; those that cannot change the
 * verdict of a row any more do not look at it. */
static void decide_children(struct run *run, const struct filter_node *n, uint32_t first,
    const uint64_t *need, struct verdict *out)
{
	bool all = n->kind == FILTER_AND;
	uint64_t open[RUN_WORDS];
	struct verdict child;

	memset(out->unknown, 0, sizeof(out->unknown));
	for (unsigned w = 0; w < RUN_WORDS; w++) {
		out->yes[w] = all ? need[w] : 0;
		open[w] = need[w];
	}
	for (uint32_t c = n->first_child; c != FILTER_NONE; c = run->nodes[c].next_sibling) {
		uint64_t any_open = 0;
		decide_node(run, c, first, open, &child);
		for (unsigned w = 0; w < RUN_WORDS; w++) {
			uint64_t settled = all ? open[w] & ~child.yes[w] & ~child.unknown[w] : child.yes[w];
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
static void decide_node(struct run *run, uint32_t node, uint32_t first, const uint64_t *need,
    struct verdict *out)
{
	const struct filter_node *n = &run->nodes[node];

	if (n->kind == FILTER_TEXT || n->kind == FILTER_NUMBER) {
		decide_leaf(run, node, first, need, out);
	} else if (n->kind == FILTER_NOT) {
		decide_node(run, n->first_child, first, need, out);
		for (unsigned w = 0; w < RUN_WORDS; w++)
			out->yes[w] = need[w] & ~out->yes[w] & ~out->unknown[w];
	} else {
		decide_children(run, n, first, need, out);
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
	for (uint32_t i = 0; i < run->node_count; i++) {
		if (run->nodes[i].kind == FILTER_TEXT)
			prepare(run, &run->nodes[i], &run->leaves[i]);
	}
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
				run->undecided += (uint64_t)__builtin_popcountll(verdict.unknown[w]);
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
		free(run->leaves[i].bits);
		free(run->leaves[i].bits2);
		free(run->leaves[i].bits3);
	}
	free(run->leaves);
	buffer_free(&run->scratch);
	*run = (struct run){0};
}
