/* What somebody within a scope is told, against a queue that holds only what the scope matches,
 * with no other recipients: the answers must be the same, for random queues, scopes and questions.
 * MODEL_SEED=n in the environment begins with another seed; a failure prints its own. */
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
#include "query/completions.h"
#include "query/groups.h"

#define SEEDS 40
#define STEPS 8
#define QUESTIONS 3
#define MESSAGES 90

/* The whole queue and who asks; and a queue that holds what he may see, and nobody else knows of a
 * scope there. */
struct round {
	unsigned seed;
	struct model model;
	struct index *whole_index, *part_index;
	struct query *whole, *part;
	struct buffer scope_text, text;
	struct query_scope *scope;
	struct filter *filter;
};

static void expect(const struct round *r, bool good, const char *what)
{
	if (!good)
		fail_msg("%s is not as in a queue without the rest; MODEL_SEED=%u, scope: %s, "
			 "filter: %s",
		    what, r->seed, buffer_string((struct buffer *)&r->scope_text),
		    buffer_string((struct buffer *)&r->text));
}

static struct index *new_index(void)
{
	struct index *ix = index_create();

	index_scan_begin(ix, true, 0);
	index_scan_end(ix, true, MODEL_NOW);
	index_deleting_known(ix);
	return ix;
}

static void forget_part(struct round *r)
{
	query_free(r->part);
	index_free(r->part_index);
	r->part = NULL;
	r->part_index = NULL;
}

/* The queue of what the model says that the scope matches. */
static void make_part(struct round *r)
{
	struct filter *scope = filter_parse(buffer_slice(&r->scope_text), NULL);
	struct model_message seen;
	bool whole;

	forget_part(r);
	r->part_index = new_index();
	r->part = query_create(r->part_index);
	for (size_t i = 0; i < r->model.count; i++) {
		if (model_cut(&r->model.m[i], scope, &seen, &whole))
			model_tell(r->part_index, &seen);
	}
	filter_free(scope);
}

static void new_scope(struct round *r)
{
	/* As people write them; what else is a filter is a scope, too. */
	static const char *const usual[] = {"domain:=d0.test", "domain:=d0.test or domain:=d3.test",
	    "to:*@d3.test or from:*@d3.test", "domain:=d1.test -size>20k", "-domain:d0.test",
	    "domain:d2 or login:=login1", "reason:quota", "recipients=1 domain:test"};
	struct filter_error err;

	buffer_clear(&r->scope_text);
	if (model_below(2))
		buffer_append_string(&r->scope_text, usual[model_below(8)]);
	else
		model_random_filter(&r->scope_text);
	if (r->scope_text.len == 0)
		buffer_append_string(&r->scope_text, "size>=0");
	query_scope_free(r->scope);
	r->scope = query_scope_create(buffer_slice(&r->scope_text), &err);
	assert_non_null(r->scope);
}

static void new_filter(struct round *r)
{
	buffer_clear(&r->text);
	if (model_below(8) > 0)
		model_random_filter(&r->text);
	filter_free(r->filter);
	r->filter = filter_parse(buffer_slice(&r->text), NULL);
	assert_non_null(r->filter);
}

/* Of several fields that are not known, any may be named. */
static bool same_match(const struct index_match *a, const struct index_match *b)
{
	return a->messages == b->messages && a->bytes == b->bytes && a->undecided == b->undecided &&
	       a->too_costly == b->too_costly;
}

static bool same_recipient(const struct index_recipient *a, const struct index_recipient *b)
{
	return slice_equal(a->address, b->address) && slice_equal(a->original, b->original) &&
	       slice_equal(a->reason, b->reason) && slice_equal(a->dsn, b->dsn) &&
	       slice_equal(a->remote, b->remote) && a->flags == b->flags;
}

/* A message of either queue. */
static bool same_message(
    struct round *r, const struct query_message *a, const struct query_message *b)
{
	struct index_recipient x, y;
	bool more = true;

	if (a->hidden || b->hidden || strcmp(a->row.id, b->row.id) != 0 ||
	    a->row.arrival != b->row.arrival || a->row.queue != b->row.queue ||
	    a->row.recipient_count != b->row.recipient_count ||
	    a->row.recipient_kept != b->row.recipient_kept ||
	    a->row.recipients_cut != b->row.recipients_cut ||
	    query_diagnosis(r->whole, a) != query_diagnosis(r->part, b))
		return false;
	for (uint32_t n = 0; more; n++) {
		more = query_recipient(r->whole, a, n, &x);
		if (query_recipient(r->part, b, n, &y) != more || (more && !same_recipient(&x, &y)))
			return false;
	}
	return true;
}

/* ---- The questions ---- */

static void check_status(struct round *r)
{
	struct index_status a, b;

	query_status(r->whole, r->scope, MODEL_NOW, &a);
	query_status(r->part, query_scope_all(), MODEL_NOW, &b);
	expect(r, memcmp(a.counts, b.counts, sizeof(a.counts)) == 0, "how many are in each queue");
	expect(r, a.messages == b.messages && a.bytes == b.bytes, "how many there are");
	expect(r, a.messages == 0 || a.oldest_arrival == b.oldest_arrival, "the oldest");
	expect(r, a.damaged == b.damaged && a.deleting == b.deleting, "damaged and deleting");
}

/* Whether it may be acted on, by what the model says. */
static bool is_whole(struct round *r, const struct model_message *m)
{
	struct filter *scope = filter_parse(buffer_slice(&r->scope_text), NULL);
	struct model_message seen;
	bool whole;

	model_cut(m, scope, &seen, &whole);
	filter_free(scope);
	return whole;
}

static void check_messages(struct round *r)
{
	for (size_t i = 0; i < r->model.count; i++) {
		struct slice id = slice_of(r->model.m[i].id);
		struct query_message a, b;
		bool found = query_find(r->whole, r->scope, id, MODEL_NOW, &a);

		expect(r, query_find(r->part, query_scope_all(), id, MODEL_NOW, &b) == found,
		    "whether a message is there");
		expect(r, !found || same_message(r, &a, &b), "a message");
		expect(r, !found || a.whole == is_whole(r, &r->model.m[i]),
		    "whether a message may be acted on");
	}
}

/* What a scope has of everything with one value, against each message that has it. */
static void check_holds(struct round *r)
{
	struct filter *scope = filter_parse(buffer_slice(&r->scope_text), NULL);

	for (size_t i = 0; i < r->model.count; i++) {
		const struct model_message *m = &r->model.m[i];
		enum query_holds sender =
		    query_scope_holds(r->scope, GROUP_SENDER, slice_of(m->sender));
		enum query_holds login =
		    m->known & MESSAGE_KNOWS_ORIGIN
			? query_scope_holds(r->scope, GROUP_LOGIN, slice_of(m->login))
			: QUERY_HOLDS_UNCERTAIN;

		for (size_t n = 0; n < m->count; n++) {
			const struct model_recipient *to = &m->recipient[n];
			const char *at = strrchr(to->address, '@');
			enum query_holds domain = query_scope_holds(
			    r->scope, GROUP_RECIPIENT_DOMAIN, slice_of(at ? at + 1 : ""));
			bool inside = model_matches_alone(m, to, false, scope);

			expect(r,
			    inside || (sender != QUERY_HOLDS_ALL && login != QUERY_HOLDS_ALL &&
					  domain != QUERY_HOLDS_ALL),
			    "what a scope holds");
			expect(r,
			    !inside || (sender != QUERY_HOLDS_NONE && login != QUERY_HOLDS_NONE &&
					   domain != QUERY_HOLDS_NONE),
			    "what a scope does not hold");
		}
	}
	filter_free(scope);
}

static void check_pages(struct round *r)
{
	struct index_sort sort = {(enum index_sort_field)model_below(6), model_below(2)};
	uint32_t limit = 1 + model_below(40);
	BUFFER_AUTO struct buffer after = {0};
	struct query_page a, b;
	struct error err;
	bool more = true;

	while (more) {
		expect(r,
		    query_page(r->whole, r->scope, r->filter, sort, buffer_slice(&after), limit,
			MODEL_NOW, &a, &err),
		    "a page");
		expect(r,
		    query_page(r->part, query_scope_all(), r->filter, sort, buffer_slice(&after),
			limit, MODEL_NOW, &b, &err),
		    "a page");
		expect(r, same_match(&a.match, &b.match), "the total of a page");
		expect(r, a.count == b.count, "the length of a page");
		for (size_t i = 0; i < a.count; i++) {
			struct query_message x, y;

			expect(r,
			    query_page_message(r->whole, &a, i, &x) &&
				query_page_message(r->part, &b, i, &y) && same_message(r, &x, &y),
			    "the order of a page");
		}
		expect(
		    r, slice_equal(buffer_slice(&a.next), buffer_slice(&b.next)), "the next page");
		buffer_clear(&after);
		buffer_append_slice(&after, buffer_slice(&a.next));
		more = after.len > 0;
		query_page_free(&a);
		query_page_free(&b);
	}
}

static bool same_group(const struct group *a, const struct group *b)
{
	return slice_equal(a->key, b->key) && a->messages == b->messages &&
	       a->recipients == b->recipients && a->bytes == b->bytes &&
	       a->oldest_arrival == b->oldest_arrival;
}

/* A class has the diagnosis of one of its reasons: of one that is in the scope. */
static bool is_of_part(struct round *r, const struct group *g)
{
	for (size_t i = 0; g->diagnosis && i < r->model.count; i++) {
		struct query_message m;

		if (!query_find(
			r->part, query_scope_all(), slice_of(r->model.m[i].id), MODEL_NOW, &m))
			continue;
		for (uint32_t n = 0; n < m.row.recipient_kept; n++) {
			if (query_recipient_diagnosis(r->part, &m, n) == g->diagnosis)
				return true;
		}
	}
	return !g->diagnosis;
}

static void check_groups(struct round *r)
{
	enum group_key key = (enum group_key)model_below(GROUP_KEY_COUNT);
	struct groups a, b;
	struct error err;

	expect(r,
	    query_groups(r->whole, r->scope, r->filter, key, GROUPS_LIMIT_MAX, MODEL_NOW, &a, &err),
	    "groups");
	expect(r,
	    query_groups(
		r->part, query_scope_all(), r->filter, key, GROUPS_LIMIT_MAX, MODEL_NOW, &b, &err),
	    "groups");
	expect(r, same_match(&a.match, &b.match), "the total of groups");
	expect(r, a.count == b.count && a.other_groups == b.other_groups, "how many groups");
	for (size_t i = 0; i < a.count; i++)
		expect(r, same_group(&a.items[i], &b.items[i]) && is_of_part(r, &a.items[i]),
		    "a group");
	groups_free(&a);
	groups_free(&b);
}

/* Which of those that are equal come into a short table is left to chance: all of them do here. */
static void check_table(struct round *r)
{
	static const enum group_key keys[] = {GROUP_QUEUE, GROUP_CAUSE};
	static const size_t limits[] = {GROUPS_LIMIT_MAX, GROUPS_COLUMNS_MAX};
	struct groups_table a, b;
	struct error err;

	expect(r,
	    query_groups_table(r->whole, r->scope, r->filter, keys, limits, MODEL_NOW, &a, &err),
	    "a table");
	expect(r,
	    query_groups_table(
		r->part, query_scope_all(), r->filter, keys, limits, MODEL_NOW, &b, &err),
	    "a table");
	expect(r, a.row_count == b.row_count && a.column_count == b.column_count, "its size");
	expect(r,
	    memcmp(a.cells, b.cells, (a.row_count + 1) * (a.column_count + 1) * sizeof(*a.cells)) ==
		0,
	    "its cells");
	expect(r, a.total.messages == b.total.messages, "its total");
	groups_table_free(&a);
	groups_table_free(&b);
}

static bool is_offered(
    const struct complete_value *values, size_t count, const struct complete_value *value)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_equal(values[i].text, value->text))
			return values[i].messages == value->messages;
	}
	return false;
}

/* Of more than are asked for, those that are used most often are picked, and ties as they come. So
 * each value is looked for by itself. */
static bool is_offered_alone(
    struct round *r, enum complete_kind kind, const struct complete_value *value)
{
	ptrdiff_t address = kind == COMPLETE_CLIENT ? slice_find_char(value->text, '[') : -1;
	struct slice typed = address > 0 ? slice_first(value->text, (size_t)address) : value->text;
	struct complete_value found[COMPLETE_MAX];
	BUFFER_AUTO struct buffer texts = {0};
	size_t count = query_complete(
	    r->part, query_scope_all(), kind, typed, COMPLETE_MAX, MODEL_NOW, &texts, found);

	return is_offered(found, count, value);
}

static void check_completions(struct round *r)
{
	static const char *const typed[] = {"", "a", "1", "*s*", "e.t"};
	enum complete_kind kind = (enum complete_kind)model_below(COMPLETE_SUBJECT + 1);
	struct slice text = slice_of(typed[model_below(5)]);
	struct complete_value a[COMPLETE_MAX], b[COMPLETE_MAX];
	BUFFER_AUTO struct buffer a_texts = {0}, b_texts = {0};
	size_t count =
	    query_complete(r->whole, r->scope, kind, text, COMPLETE_MAX, MODEL_NOW, &a_texts, a);
	size_t others = query_complete(
	    r->part, query_scope_all(), kind, text, COMPLETE_MAX, MODEL_NOW, &b_texts, b);

	for (size_t i = 0; i < count; i++)
		expect(r, is_offered_alone(r, kind, &a[i]), "a completion");
	for (size_t i = 0; count < COMPLETE_MAX && i < others; i++)
		expect(r, is_offered(a, count, &b[i]), "what is offered");
}

/* ---- Views ---- */

static bool is_listed(struct round *r, const struct query_page *page, const struct query_message *m)
{
	for (size_t i = 0; i < page->count; i++) {
		struct query_message other;

		if (query_page_message(r->part, page, i, &other) &&
		    strcmp(other.row.id, m->row.id) == 0 && other.row.arrival == m->row.arrival)
			return true;
	}
	return false;
}

static void make_view(struct round *r, struct query_view *view, struct index_sort sort)
{
	struct query_view other;
	struct query_page a, b;
	struct error err;

	expect(r,
	    query_view_create(
		r->whole, r->scope, r->filter, buffer_slice(&r->text), sort, MODEL_NOW, view, &err),
	    "a view");
	expect(r,
	    query_view_create(r->part, query_scope_all(), r->filter, buffer_slice(&r->text), sort,
		MODEL_NOW, &other, &err),
	    "a view");
	expect(r, view->length == other.length && same_match(&view->match, &other.match),
	    "the total of a view");
	expect(r, query_view_actionable(view, NULL) == query_view_actionable(&other, NULL),
	    "whether a view may be acted on");
	query_view_page(r->whole, r->scope, view, 0, INDEX_PAGE_MAX, MODEL_NOW, &a);
	query_view_page(r->part, query_scope_all(), &other, 0, INDEX_PAGE_MAX, MODEL_NOW, &b);
	expect(r, a.count == b.count, "the rows of a view");
	for (size_t i = 0; i < a.count; i++) {
		struct query_message x, y;

		expect(r,
		    query_page_message(r->whole, &a, i, &x) &&
			query_page_message(r->part, &b, i, &y) && same_message(r, &x, &y),
		    "a row of a view");
	}
}

struct chosen_count {
	uint64_t chosen, not_whole;
};

static void choose_one(void *context, uint32_t number)
{
	struct chosen_count *count = context;

	(void)number;
	count->chosen++;
}

static void refuse_one(void *context, struct slice id)
{
	struct chosen_count *count = context;

	(void)id;
	count->not_whole++;
}

static bool see_left(void *context, struct slice id)
{
	(void)context;
	(void)id;
	return true;
}

/* After the queue has changed: what has left it, or the scope, is not shown and not chosen. */
static void check_view(struct round *r, const struct query_view *view)
{
	struct query_chosen *chosen = query_chosen_create(r->whole);
	struct query_chosen *none = query_chosen_create(r->whole);
	uint64_t arrived, left, there = 0, whole = 0;
	struct chosen_count count = {0, 0};
	struct query_page page, now;
	struct error err;

	assert_true(query_page(r->part, query_scope_all(), NULL,
	    (struct index_sort){INDEX_SORT_ARRIVAL, true}, SLICE(""), INDEX_PAGE_MAX, MODEL_NOW,
	    &now, &err));
	query_view_page(r->whole, r->scope, view, 0, INDEX_PAGE_MAX, MODEL_NOW, &page);
	for (size_t i = 0; i < page.count; i++) {
		struct query_message m;
		struct index_recipient recipient;

		expect(r, query_page_message(r->whole, &page, i, &m), "a row");
		expect(r,
		    !m.hidden ||
			(m.row.left && m.row.arrival == 0 && m.row.size == 0 &&
			    m.row.sender.len == 0 && m.row.fate.len == 0 &&
			    !query_recipient(r->whole, &m, 0, &recipient) &&
			    !query_diagnosis(r->whole, &m) && query_deleting(r->whole, &m) == 0),
		    "what is not shown");
		expect(r, m.row.left || is_listed(r, &now, &m), "what is shown of a view");
		there += !m.row.left;
		whole += !m.row.left && m.whole;
	}
	query_view_changes(r->whole, view, MODEL_NOW, &arrived, &left);
	expect(r, left == view->length - there, "how many have left");
	query_choose_view(chosen, r->scope, view, none, MODEL_NOW,
	    &(struct query_chooser){choose_one, see_left, refuse_one, &count});
	expect(r, count.chosen == whole && count.not_whole == there - whole,
	    "what is chosen of a view");
	query_chosen_free(&chosen);
	query_chosen_free(&none);
	query_page_free(&now);
}

/* ---- Rounds ---- */

static void ask(struct round *r)
{
	struct query_view view;

	new_filter(r);
	check_pages(r);
	check_groups(r);
	check_table(r);
	check_completions(r);
	make_view(r, &view, (struct index_sort){(enum index_sort_field)model_below(6), true});
	for (unsigned changes = model_below(8); changes > 0; changes--)
		model_change(&r->model, r->whole_index, MESSAGES);
	make_part(r);
	check_view(r, &view);
}

static void round_free(struct round *r)
{
	forget_part(r);
	query_scope_free(r->scope);
	query_free(r->whole);
	index_free(r->whole_index);
	filter_free(r->filter);
	buffer_free(&r->scope_text);
	buffer_free(&r->text);
	model_free(&r->model);
}

static void test_as_if_there_were_nothing_else(void **state)
{
	const char *seed = getenv("MODEL_SEED");

	(void)state;
	for (unsigned n = 0; n < SEEDS; n++) {
		struct round r = {.seed = (seed ? (unsigned)strtoul(seed, NULL, 10) : 1) + n,
		    .whole_index = new_index()};

		srandom(r.seed);
		r.whole = query_create(r.whole_index);
		while (r.model.count < MESSAGES)
			model_change(&r.model, r.whole_index, MESSAGES);
		for (int step = 0; step < STEPS; step++) {
			new_scope(&r);
			make_part(&r);
			check_status(&r);
			check_messages(&r);
			check_holds(&r);
			for (int i = 0; i < QUESTIONS; i++)
				ask(&r);
		}
		round_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_as_if_there_were_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
