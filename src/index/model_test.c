/* Filters, counts, pages and groups against a plain, slow model, on random queues and random
 * changes. MODEL_SEED=n in the environment begins with another seed; a failure prints its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/model_test_world.h"

#define ROUNDS 3000
#define MESSAGES 120
/* Enough for two threads, and for texts to be decided before they are asked for. */
#define MANY 60000

struct round {
	struct model model;
	struct index *ix;
	unsigned seed;
	struct buffer text, recent[3]; /* filters that were asked for before, to be asked again */
	struct filter *filter;
	struct model_message **matching; /* in no order, then in that of the page */
	size_t count;
	uint64_t bytes, undecided;
};

static void expect(struct round *r, bool good, const char *what)
{
	if (!good)
		fail_msg("%s is not as in the model; MODEL_SEED=%u, filter: %s", what, r->seed,
		    buffer_string(&r->text));
}

static void take_filter(struct round *r)
{
	struct filter_error err;

	struct buffer *recent = &r->recent[model_below(3)];
	if (model_below(2)) {
		buffer_clear(recent);
		model_random_filter(recent);
	}
	buffer_clear(&r->text);
	buffer_append_slice(&r->text, buffer_slice(recent));
	r->filter = filter_parse(buffer_slice(&r->text), &err);
	if (!r->filter)
		fail_msg("column %u of %s: expected %s", err.column, buffer_string(&r->text),
		    err.expected);
	r->matching = memory_resize(r->matching, r->model.count, sizeof(struct model_message *));
	r->count = r->bytes = r->undecided = 0;
	for (size_t i = 0; i < r->model.count; i++) {
		enum model_answer answer = model_decide(&r->model.m[i], r->filter);
		r->undecided += answer == MODEL_UNKNOWN;
		if (answer != MODEL_YES)
			continue;
		r->matching[r->count++] = &r->model.m[i];
		r->bytes += r->model.m[i].size;
	}
}

static void check_match(struct round *r, const struct index_match *match)
{
	expect(r, match->messages == r->count, "how many messages match");
	expect(r, match->bytes == r->bytes, "their bytes");
	expect(r, match->undecided == r->undecided, "how many are undecided");
	expect(r, !match->too_costly, "the cost");
}

static int compare_for_qsort(const void *a, const void *b, void *context)
{
	const struct index_sort *sort = context;

	return model_compare(
	    *(struct model_message *const *)a, *(struct model_message *const *)b, *sort);
}

/* All pages of a random length in a random order. */
static void check_pages(struct round *r)
{
	struct index_sort sort = {(enum index_sort_field)model_below(6), model_below(2)};
	BUFFER_AUTO struct buffer after = {0}, next = {0};
	uint32_t rows[INDEX_PAGE_MAX], limit = 1 + model_below(r->count > 1000 ? 1000 : 60);
	struct index_match match;
	struct index_row row;
	struct error err;
	size_t at = 0;

	if (r->count > 0)
		qsort_r(r->matching, r->count, sizeof(struct model_message *), compare_for_qsort,
		    &sort);
	do {
		buffer_clear(&next);
		int count = index_page(r->ix, r->filter, sort, buffer_slice(&after), limit,
		    MODEL_NOW, rows, &match, &next, &err);
		expect(r, count >= 0, "a page");
		check_match(r, &match);
		for (int i = 0; i < count; i++, at++) {
			expect(r, at < r->count && index_row(r->ix, rows[i], &row), "its length");
			expect(r, strcmp(row.id, r->matching[at]->id) == 0, "the order of a page");
		}
		buffer_clear(&after);
		buffer_append_slice(&after, buffer_slice(&next));
	} while (after.len > 0 && at < 3000);
	expect(r, after.len > 0 || at == r->count, "the end of the pages");
}

static const struct model_group *find_group(
    const struct model_groups *groups, const struct group *g)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (slice_is(g->key, groups->items[i].key[0]) &&
		    slice_is(g->key2, groups->items[i].key[1]))
			return &groups->items[i];
	}
	return NULL;
}

static bool same_group(const struct group *g, const struct model_group *m)
{
	return m && g->messages == m->messages && g->recipients == m->recipients &&
	       g->bytes == m->bytes && g->oldest_arrival == m->oldest;
}

static void compare_groups(
    struct round *r, const struct groups *groups, const struct model_groups *expected, size_t limit)
{
	struct model_group other = {.oldest = INT64_MAX};

	expect(r, groups->count == (expected->count < limit ? expected->count : limit),
	    "how many groups there are");
	expect(r, groups->other_groups == expected->count - groups->count, "how many others");
	for (size_t i = 0; i < expected->count; i++) {
		other.messages += expected->items[i].messages;
		other.recipients += expected->items[i].recipients;
		other.bytes += expected->items[i].bytes;
	}
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *g = &groups->items[i];
		expect(r, same_group(g, find_group(expected, g)), "a group");
		expect(r, i == 0 || g[-1].messages >= g->messages, "the order of groups");
		other.messages -= g->messages;
		other.recipients -= g->recipients;
		other.bytes -= g->bytes;
	}
	expect(r, groups->other.messages == other.messages, "messages of others");
	expect(r, groups->other.recipients == other.recipients, "recipients of others");
	expect(r, groups->other.bytes == other.bytes, "bytes of others");
	/* What was left out is not larger than the smallest that is there. */
	for (size_t i = 0, larger = 0; limit > 0 && i < expected->count; i++) {
		larger += groups->count > 0 &&
			  expected->items[i].messages > groups->items[groups->count - 1].messages;
		expect(r, larger < groups->count || groups->count == 0, "which groups are largest");
	}
}

static void check_groups(struct round *r)
{
	enum group_key keys[2] = {(enum group_key)model_below(GROUP_KEY_COUNT),
	    (enum group_key)model_below(GROUP_KEY_COUNT)};
	/* The model looks through all groups for each message: there must not be very many. */
	for (int k = 0; r->model.count > 10000 && k < 2; k++)
		keys[k] = keys[k] == GROUP_SENDER ? GROUP_RECIPIENT_DOMAIN : keys[k];
	size_t key_count = keys[0] == keys[1] ? 1 : 1 + model_below(2);
	size_t limit = model_below(2) ? GROUPS_LIMIT_MAX : 1 + model_below(5);
	struct model_groups expected = {0};
	struct groups groups;

	for (size_t i = 0; i < r->count; i++)
		model_count(&expected, r->matching[i], keys, key_count);
	groups_count(r->ix, r->filter, keys, key_count, limit, MODEL_NOW, &groups);
	check_match(r, &groups.match);
	compare_groups(r, &groups, &expected, limit);
	groups_free(&groups);
	free(expected.items);
}

static void round_free(struct round *r)
{
	filter_free(r->filter);
	buffer_free(&r->text);
	for (size_t i = 0; i < 3; i++)
		buffer_free(&r->recent[i]);
	free(r->matching);
	model_free(&r->model);
	index_free(r->ix);
}

static unsigned first_seed(void)
{
	const char *text = getenv("MODEL_SEED");

	return text ? (unsigned)strtoul(text, NULL, 10) : 1;
}

static void one_round(struct round *r)
{
	take_filter(r);
	check_pages(r);
	check_groups(r);
	filter_free(r->filter);
	r->filter = NULL;
}

/* Each seed has a queue of its own, which some rounds change and look at. */
static void test_rounds(void **state)
{
	(void)state;
	for (unsigned n = 0; n < ROUNDS / 30; n++) {
		struct round r = {.ix = index_create(), .seed = first_seed() + n};
		srandom(r.seed);
		for (int i = 0; i < MESSAGES; i++)
			model_change(&r.model, r.ix, MESSAGES);
		for (int i = 0; i < 30; i++) {
			for (unsigned changes = model_below(20); changes > 0; changes--)
				model_change(&r.model, r.ix, MESSAGES);
			one_round(&r);
		}
		round_free(&r);
	}
}

static void test_many(void **state)
{
	struct round r = {.ix = index_create(), .seed = first_seed()};

	(void)state;
	srandom(r.seed);
	while (r.model.count < MANY)
		model_change(&r.model, r.ix, MANY);
	while (index_settle(r.ix, 1000))
		continue;
	for (int i = 0; i < 10; i++)
		one_round(&r);
	round_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rounds),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
