/* The door's own rules: refusals, whose view a view is, what is said of a message that leaves the
 * scope, and that nothing of what is outside shows. scope_test.c compares whole answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/index.h"
#include "query/completions.h"
#include "query/groups.h"

#define NOW INT64_C(1800000000)

static const struct index_sort newest = {INDEX_SORT_ARRIVAL, true};

struct fixture {
	struct index *ix;
	struct query *q;
	struct query_scope *shop; /* from:*@shop.example */
};

static void tell(struct index *ix, const char *id, enum queue queue, const char *sender,
    const char *recipient, const char *reason)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_REASONS;
	m.arrival = m.create_time = NOW - 1000;
	m.size = 100;
	m.sender = slice_of(sender);
	r = message_add_recipient(&m);
	r->address = slice_of(recipient);
	r->reason = slice_of(reason);
	index_upsert(ix, &m);
}

/* One more recipient of a message, in deferred. */
static void tell_two(struct index *ix, const char *id, const char *first, const char *first_reason,
    const char *second, const char *second_reason)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_REASONS;
	m.arrival = m.create_time = NOW - 1000;
	m.sender = SLICE("a@shop.example");
	r = message_add_recipient(&m);
	r->address = slice_of(first);
	r->reason = slice_of(first_reason);
	r = message_add_recipient(&m);
	r->address = slice_of(second);
	r->reason = slice_of(second_reason);
	index_upsert(ix, &m);
}

static struct query_scope *scope_of(const char *text)
{
	struct query_scope *scope = query_scope_create(slice_of(text), NULL);

	assert_non_null(scope);
	return scope;
}

static int set_up(void **state)
{
	struct fixture *f = memory_zero(1, sizeof(*f));

	f->ix = index_create();
	f->q = query_create(f->ix);
	f->shop = scope_of("from:*@shop.example");
	index_scan_begin(f->ix, true, 4);
	tell(f->ix, "AAAAAA1", QUEUE_DEFERRED, "a@shop.example", "x@one.example", "over quota");
	tell(f->ix, "AAAAAA2", QUEUE_HOLD, "b@shop.example", "y@two.example", "try later");
	tell(f->ix, "BBBBBB1", QUEUE_DEFERRED, "c@bank.example", "z@one.example", "over quota");
	tell(f->ix, "BBBBBB2", QUEUE_HOLD, "", "secret@three.example", "");
	index_scan_end(f->ix, true, NOW);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	query_scope_free(f->shop);
	query_free(f->q);
	index_free(f->ix);
	free(f);
	return 0;
}

static uint64_t count(struct fixture *f, const struct query_scope *scope, const char *text)
{
	struct filter *filter = filter_parse(slice_of(text), NULL);
	struct index_match match;

	assert_non_null(filter);
	query_count(f->q, scope, filter, NOW, &match);
	assert_int_equal(match.undecided, 0);
	filter_free(filter);
	return match.messages;
}

static void test_no_filter_gets_out(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(count(f, query_scope_all(), ""), 4);
	assert_int_equal(count(f, f->shop, ""), 2);
	assert_int_equal(count(f, f->shop, "from:a@ or id:BBBBBB1"), 1);
	assert_int_equal(count(f, f->shop, "from:bank or size>0"), 2);
	assert_int_equal(count(f, f->shop, "not from:shop"), 0);
	assert_int_equal(count(f, f->shop, "-(from:shop)"), 0);
	assert_int_equal(count(f, f->shop, "three"), 0);
	/* A scope with an `or` at its top, and a question beside it. */
	struct query_scope *two = scope_of("from:a@ or from:c@");
	assert_int_equal(count(f, two, ""), 2);
	assert_int_equal(count(f, two, "queue:hold"), 0);
	assert_int_equal(count(f, two, "queue:hold or to:one"), 2);
	query_scope_free(two);
}

static void test_scopes(void **state)
{
	struct query_scope *blank = scope_of("  ");
	struct filter_error err;

	(void)state;
	assert_true(query_scope_is_all(query_scope_all()));
	assert_true(query_scope_is_all(blank));
	assert_null(query_scope_create(SLICE("from:("), &err));
	assert_true(err.column > 0);
	query_scope_free(blank);
	query_scope_free(NULL);
}

/* That a message goes to somebody else as well, and to whom, is told by nothing. */
static void test_others_do_not_show(void **state)
{
	struct fixture *f = *state;
	struct query_scope *two = scope_of("domain:=two.example");
	struct query_message m;
	struct index_recipient r;

	tell_two(f->ix, "CCCCCC1", "p@one.example", "over quota", "q@two.example", "");
	assert_true(query_find(f->q, two, SLICE("CCCCCC1"), NOW, &m));
	assert_false(m.whole);
	assert_int_equal(m.row.recipient_count, 1);
	assert_int_equal(m.row.recipient_kept, 1);
	assert_true(query_recipient(f->q, &m, 0, &r) && slice_is(r.address, "q@two.example"));
	assert_false(query_recipient(f->q, &m, 1, &r));
	assert_null(query_diagnosis(f->q, &m));
	assert_int_equal(count(f, two, "to:p@ or domain:one or quota or cause:=over-quota"), 0);
	assert_int_equal(count(f, two, "recipients>1"), 0);
	assert_int_equal(count(f, two, "id:CCCCCC1 recipients=1 -domain:one reason:\"\""), 1);
	/* The same message for those who see all of it, from the same cache. */
	assert_int_equal(count(f, query_scope_all(), "id:CCCCCC1 to:p@"), 1);
	assert_true(query_find(f->q, f->shop, SLICE("CCCCCC1"), NOW, &m));
	assert_true(m.whole && m.row.recipient_count == 2);
	/* The first scope's message does not read what another one sees. */
	assert_true(query_find(f->q, two, SLICE("CCCCCC1"), NOW, &m));
	for (int i = 0; i < 40; i++) {
		char text[40];
		struct query_message other;
		struct query_scope *more;

		snprintf(text, sizeof(text), "domain:=one.example or size=%d", i);
		more = scope_of(text);
		assert_true(query_find(f->q, more, SLICE("CCCCCC1"), NOW, &other));
		query_scope_free(more);
	}
	assert_false(query_recipient(f->q, &m, 0, &r));
	/* It may be acted on once the other has got his. */
	tell_two(f->ix, "CCCCCC1", "s@two.example", "", "q@two.example", "");
	assert_true(query_find(f->q, two, SLICE("CCCCCC1"), NOW, &m));
	assert_true(m.whole && m.row.recipient_count == 2);
	query_scope_free(two);
}

static enum query_holds holds(const char *text, enum group_key key, const char *value)
{
	struct query_scope *scope = scope_of(text);
	enum query_holds answer = query_scope_holds(scope, key, slice_of(value));

	query_scope_free(scope);
	return answer;
}

/* An incident has a name and no messages: it is shown where each message of that name would be. */
static void test_what_a_scope_holds(void **state)
{
	static const struct {
		const char *scope;
		enum group_key key;
		const char *value;
		enum query_holds holds;
	} cases[] = {
	    {"", GROUP_SENDER, "a@b.example", QUERY_HOLDS_ALL},
	    {"domain:=c.example", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_ALL},
	    {"domain:=c.example", GROUP_RECIPIENT_DOMAIN, "C.example", QUERY_HOLDS_ALL},
	    {"domain:=c.example", GROUP_RECIPIENT_DOMAIN, "d.c.example", QUERY_HOLDS_NONE},
	    {"domain:=c.example", GROUP_SENDER, "a@c.example", QUERY_HOLDS_UNCERTAIN},
	    {"domain:=c.example size<1M", GROUP_RECIPIENT_DOMAIN, "c.example",
		QUERY_HOLDS_UNCERTAIN},
	    {"domain:=c.example size<1M", GROUP_RECIPIENT_DOMAIN, "d.example", QUERY_HOLDS_NONE},
	    {"domain:=c.example or size<1M", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_ALL},
	    {"-domain:c.example", GROUP_RECIPIENT_DOMAIN, "d.example", QUERY_HOLDS_ALL},
	    {"-domain:c.example", GROUP_RECIPIENT_DOMAIN, "x.c.example", QUERY_HOLDS_NONE},
	    {"to:*@c.example", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_ALL},
	    {"to:*.example", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_ALL},
	    {"to:@c.exam", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_ALL},
	    {"to:a@c.example", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_UNCERTAIN},
	    {"to:?@c.example", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_UNCERTAIN},
	    {"to:=@c.example", GROUP_RECIPIENT_DOMAIN, "c.example", QUERY_HOLDS_UNCERTAIN},
	    {"from:*@s.example", GROUP_SENDER_DOMAIN, "s.example", QUERY_HOLDS_ALL},
	    {"from:*@s.example", GROUP_SENDER, "a@s.example", QUERY_HOLDS_ALL},
	    {"from:*@s.example", GROUP_SENDER, "a@t.example", QUERY_HOLDS_NONE},
	    {"from:<>", GROUP_SENDER, "<>", QUERY_HOLDS_ALL},
	    {"login:=max", GROUP_LOGIN, "max", QUERY_HOLDS_ALL},
	    {"login:=max", GROUP_LOGIN, "maxi", QUERY_HOLDS_NONE},
	    {"client:=192.0.2.1", GROUP_CLIENT, "192.0.2.1", QUERY_HOLDS_ALL},
	    {"client:=192.0.2.1", GROUP_CLIENT, "192.0.2.2", QUERY_HOLDS_UNCERTAIN},
	    {"client:=192.0.2.1", GROUP_CLIENT, "m.example[192.0.2.1]", QUERY_HOLDS_ALL},
	    {"client:=192.0.2.1", GROUP_CLIENT, "m.example[192.0.2.2]", QUERY_HOLDS_NONE},
	    {"host:*.outlook.com", GROUP_REMOTE_DOMAIN, "outlook.com", QUERY_HOLDS_UNCERTAIN},
	    {"host:outlook.com", GROUP_REMOTE_DOMAIN, "outlook.com", QUERY_HOLDS_ALL},
	    {"queue:hold", GROUP_QUEUE, "deleting", QUERY_HOLDS_ALL},
	    {"cause:=over-quota", GROUP_CAUSE, "over-quota", QUERY_HOLDS_ALL},
	    {"cause:=over-quota", GROUP_CAUSE, "no-such-cause", QUERY_HOLDS_UNCERTAIN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (holds(cases[i].scope, cases[i].key, cases[i].value) != cases[i].holds)
			fail_msg("%s of %s", cases[i].scope, cases[i].value);
	}
}

/* What was found for others is in the index's cache: it must not come into an answer here, nor what
 * is found here into theirs, however often both ask. */
static void test_the_cache_tells_nothing(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(count(f, query_scope_all(), "to:one"), 2);
		assert_int_equal(count(f, f->shop, "to:one"), 1);
		tell(f->ix, i % 2 ? "AAAAAA1" : "BBBBBB1", QUEUE_ACTIVE,
		    i % 2 ? "a@shop.example" : "c@bank.example", "x@one.example", "");
	}
	index_remove(f->ix, SLICE("AAAAAA1"));
	assert_int_equal(count(f, query_scope_all(), "to:one"), 1);
	assert_int_equal(count(f, f->shop, "to:one"), 0);
}

/* A field that is not known: for the scope the message is outside, and nowhere among the undecided.
 */
static void test_what_is_not_known_is_outside(void **state)
{
	struct fixture *f = *state;
	struct query_scope *login = scope_of("not login:x");
	struct filter *subject = filter_parse(SLICE("subject:x"), NULL);
	struct index_match match;
	struct query_view view;
	struct error err;

	assert_int_equal(count(f, login, ""), 0);
	query_count(f->q, login, subject, NOW, &match);
	assert_int_equal(match.undecided, 0);
	/* The same for the question is undecided, of those that are in the scope. */
	query_count(f->q, query_scope_all(), subject, NOW, &match);
	assert_int_equal(match.undecided, 4);
	assert_true(query_view_create(
	    f->q, f->shop, subject, SLICE("subject:x"), newest, NOW, &view, &err));
	assert_int_equal(view.match.undecided, 2);
	assert_false(query_view_actionable(&view, &err));
	assert_string_equal(err.code, "field_unavailable");
	filter_free(subject);
	query_scope_free(login);
}

static void test_one_message(void **state)
{
	struct fixture *f = *state;
	struct query_message m;
	struct index_recipient r;

	assert_true(query_find(f->q, query_scope_all(), SLICE("BBBBBB2"), NOW, &m));
	assert_true(query_recipient(f->q, &m, 0, &r));
	assert_false(query_recipient(f->q, &m, 1, &r));
	assert_false(query_find(f->q, f->shop, SLICE("BBBBBB2"), NOW, &m));
	assert_false(query_find(f->q, f->shop, SLICE("CCCCCC1"), NOW, &m));
	assert_true(query_find(f->q, f->shop, SLICE("AAAAAA2"), NOW, &m));
	assert_int_equal(query_deleting(f->q, &m), 0);
	index_set_deleting(f->ix, SLICE("AAAAAA2"), NOW - 1000, 0, 7);
	assert_int_equal(query_deleting(f->q, &m), 7);
}

static void note_found(void *context, size_t i, const struct query_message *m)
{
	char *seen = context;

	seen[i] = m ? m->row.id[strlen(m->row.id) - 1] : '-';
}

static void test_many_messages(void **state)
{
	struct fixture *f = *state;
	const struct slice ids[] = {SLICE("BBBBBB1"), SLICE("AAAAAA2"), SLICE("CCCCCC1"),
	    SLICE("AAAAAA1"), SLICE("AAAAAA2")};
	char seen[6] = "";

	query_find_all(f->q, f->shop, ids, 5, NOW, note_found, seen);
	assert_string_equal(seen, "-2-12");
	query_find_all(f->q, query_scope_all(), ids, 5, NOW, note_found, seen);
	assert_string_equal(seen, "12-12");
}

static void test_status(void **state)
{
	struct fixture *f = *state;
	struct index_status s;

	index_deleting_known(f->ix);
	index_set_deleting(f->ix, SLICE("AAAAAA2"), NOW - 1000, 0, 7);
	index_set_deleting(f->ix, SLICE("BBBBBB2"), NOW - 1000, 0, 7);
	index_set_corrupt(f->ix, 5);
	query_status(f->q, query_scope_all(), NOW, &s);
	assert_int_equal(s.messages, 4);
	assert_int_equal(s.deleting, 2);
	assert_true(s.corrupt_known);
	query_status(f->q, f->shop, NOW, &s);
	assert_int_equal(s.messages, 2);
	assert_int_equal(s.counts[QUEUE_HOLD], 1);
	assert_int_equal(s.bytes, 200);
	assert_int_equal(s.deleting, 1);
	assert_false(s.corrupt_known);
	assert_int_equal(s.corrupt, 0);
	assert_int_equal(s.upserted + s.removed + s.loaded + s.expected, 0);
	assert_int_equal(s.state, INDEX_CURRENT);
	assert_int_equal(count(f, f->shop, "deleting:yes"), 1);
}

static void test_a_view_belongs_to_its_scope(void **state)
{
	struct fixture *f = *state;
	struct query_scope *same = scope_of("( FROM:*@shop.example )");
	struct query_scope *other = scope_of("from:*@bank.example");
	const struct query_scope *all = query_scope_all();
	struct query_view view, found;
	struct error err;
	char id[40];

	assert_true(query_view_create(f->q, f->shop, NULL, SLICE(""), newest, NOW, &view, &err));
	assert_true(query_view_actionable(&view, &err));
	assert_int_equal(view.length, 2);
	snprintf(id, sizeof(id), "%s", view.id);
	assert_true(query_view_find(f->q, same, slice_of(id), NOW, &found));
	assert_int_equal(found.length, 2);
	assert_false(query_view_find(f->q, other, slice_of(id), NOW, &found));
	assert_false(query_view_find(f->q, all, slice_of(id), NOW, &found));
	query_view_drop(f->q, all, slice_of(id), NOW);
	assert_true(query_view_find(f->q, f->shop, slice_of(id), NOW, &found));
	query_view_drop(f->q, f->shop, slice_of(id), NOW);
	assert_false(query_view_find(f->q, f->shop, slice_of(id), NOW, &found));
	assert_true(query_view_create(f->q, all, NULL, SLICE(""), newest, NOW, &view, &err));
	snprintf(id, sizeof(id), "%s", view.id);
	assert_false(query_view_find(f->q, f->shop, slice_of(id), NOW, &found));
	assert_true(query_view_find(f->q, all, slice_of(id), NOW, &found));
	query_scope_free(same);
	query_scope_free(other);
}

/* A view within a scope that a message may leave while it is queued. */
static void test_what_leaves_the_scope_is_hidden(void **state)
{
	struct fixture *f = *state;
	struct query_scope *held = scope_of("queue:hold");
	struct query_view view;
	struct query_page page;
	struct query_message m;
	uint64_t arrived, left;
	struct error err;

	assert_true(query_view_create(f->q, held, NULL, SLICE(""), newest, NOW, &view, &err));
	assert_int_equal(view.length, 2);
	tell(f->ix, "BBBBBB2", QUEUE_ACTIVE, "", "secret@three.example", "");
	index_set_fate(f->ix, SLICE("AAAAAA2"), -1, SLICE("delivered"));
	index_remove(f->ix, SLICE("AAAAAA2"));
	tell(f->ix, "BBBBBB1", QUEUE_HOLD, "c@bank.example", "z@one.example", "");
	query_view_page(f->q, held, &view, 0, 10, NOW, &page);
	assert_int_equal(page.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(query_page_message(f->q, &page, i, &m));
		assert_true(m.row.left);
		/* What has left the queue was in the scope to the last. */
		assert_int_equal(m.hidden, strcmp(m.row.id, "BBBBBB2") == 0);
		assert_true(slice_is(m.row.fate, m.hidden ? "" : "delivered"));
		assert_int_equal(m.row.size, m.hidden ? 0 : 100);
	}
	query_view_changes(f->q, &view, NOW + 1, &arrived, &left);
	assert_int_equal(arrived, 1);
	assert_int_equal(left, 2);
	query_page_free(&page);
	query_scope_free(held);
}

static void test_completions(void **state)
{
	struct fixture *f = *state;
	struct complete_value values[COMPLETE_MAX];
	BUFFER_AUTO struct buffer memory = {0};

	assert_int_equal(query_complete(f->q, f->shop, COMPLETE_RECIPIENT_DOMAIN, SLICE(""), 10,
			     NOW, &memory, values),
	    2);
	assert_int_equal(values[0].messages, 1);
	assert_int_equal(
	    query_complete(f->q, f->shop, COMPLETE_SENDER, SLICE("<>"), 10, NOW, &memory, values),
	    0);
	assert_int_equal(query_complete(f->q, f->shop, COMPLETE_RECIPIENT, SLICE("secret"), 10, NOW,
			     &memory, values),
	    0);
	/* The most frequent of the whole queue must not take the place of what is in the scope. */
	for (int i = 0; i < 30; i++) {
		char id[20], to[40];
		snprintf(id, sizeof(id), "DDDDDD%02d", i);
		snprintf(to, sizeof(to), "u@d%d.example", i / 3);
		tell(f->ix, id, QUEUE_DEFERRED, "c@bank.example", to, "");
	}
	assert_int_equal(query_complete(f->q, f->shop, COMPLETE_RECIPIENT_DOMAIN, SLICE("example"),
			     2, NOW, &memory, values),
	    2);
}

static void test_groups(void **state)
{
	struct fixture *f = *state;
	struct query_chosen *chosen = query_chosen_create(f->q);
	struct query_message m;
	struct groups groups;
	struct error err;

	assert_true(
	    query_groups(f->q, f->shop, NULL, GROUP_RECIPIENT_DOMAIN, 1, NOW, &groups, &err));
	assert_int_equal(groups.items[0].messages, 1);
	assert_int_equal(groups.other.messages, 1);
	groups_free(&groups);
	/* Of what was chosen, what has left the scope is not counted. */
	assert_true(query_find(f->q, f->shop, SLICE("AAAAAA1"), NOW, &m));
	assert_true(query_choose(chosen, &m));
	assert_false(query_choose(chosen, &m));
	assert_true(query_find(f->q, f->shop, SLICE("AAAAAA2"), NOW, &m));
	assert_true(query_choose(chosen, &m));
	query_groups_chosen(chosen, f->shop, GROUP_QUEUE, 10, NOW, &groups);
	assert_int_equal(groups.match.messages, 2);
	groups_free(&groups);
	struct query_scope *held = scope_of("queue:hold");
	query_groups_chosen(chosen, held, GROUP_QUEUE, 10, NOW, &groups);
	assert_int_equal(groups.match.messages, 1);
	groups_free(&groups);
	/* A number that was not chosen opens nothing. */
	assert_true(query_find(f->q, query_scope_all(), SLICE("BBBBBB2"), NOW, &m));
	assert_false(query_chosen_get(chosen, m.number, &m));
	assert_false(query_chosen_get(chosen, UINT32_MAX, &m));
	query_scope_free(held);
	query_chosen_free(&chosen);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	struct index *empty = index_create();
	struct query *q = query_create(empty);
	struct query_page page;
	struct query_view view;
	struct error err;

	assert_true(query_current(f->q, f->shop, &err));
	assert_false(query_current(q, query_scope_all(), &err));
	assert_string_equal(err.code, "not_current");
	assert_true(
	    query_view_create(q, query_scope_all(), NULL, SLICE(""), newest, NOW, &view, &err));
	assert_false(query_view_actionable(&view, &err));
	assert_string_equal(err.code, "not_current");
	assert_false(
	    query_page(f->q, f->shop, NULL, newest, SLICE("nonsense"), 10, NOW, &page, &err));
	assert_string_equal(err.code, "invalid_cursor");
	query_page_free(&page);
	assert_false(query_page(f->q, f->shop, NULL, newest, SLICE(""), 0, NOW, &page, &err));
	assert_string_equal(err.code, "invalid_value");
	query_page_free(&page);
	query_free(q);
	index_free(empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void add_domain(void *context, struct slice domain)
{
	buffer_printf(context, "%.*s ", SLICE_ARGS(domain));
}

/* A provider by its name, one of its hosts by its own. A name that only ends the same is another's.
 */
static void test_domains_of_a_host(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer found = {0};

	tell(f->ix, "CCCCCC1", QUEUE_DEFERRED, "a@b.example", "x@one.example",
	    "host mx1.provider.test[192.0.2.1] said: 421 later");
	tell(f->ix, "CCCCCC2", QUEUE_DEFERRED, "a@b.example", "x@two.example",
	    "host mx2.provider.test[192.0.2.2] said: 421 later");
	tell(f->ix, "CCCCCC3", QUEUE_DEFERRED, "a@b.example", "x@three.example",
	    "host mx.noprovider.test[192.0.2.3] said: 421 later");
	query_domains_of_host(f->q, SLICE("mx2.Provider.test"), NOW, add_domain, &found);
	assert_string_equal(buffer_string(&found), "two.example ");
	buffer_clear(&found);
	query_domains_of_host(f->q, SLICE("provider.test"), NOW, add_domain, &found);
	assert_string_equal(buffer_string(&found), "one.example two.example ");
	buffer_clear(&found);
	query_domains_of_host(f->q, SLICE("*"), NOW, add_domain, &found);
	query_domains_of_host(f->q, SLICE(""), NOW, add_domain, &found);
	assert_int_equal(found.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_no_filter_gets_out),
	    TEST(test_scopes),
	    TEST(test_others_do_not_show),
	    TEST(test_what_a_scope_holds),
	    TEST(test_the_cache_tells_nothing),
	    TEST(test_what_is_not_known_is_outside),
	    TEST(test_one_message),
	    TEST(test_many_messages),
	    TEST(test_status),
	    TEST(test_a_view_belongs_to_its_scope),
	    TEST(test_what_leaves_the_scope_is_hidden),
	    TEST(test_completions),
	    TEST(test_groups),
	    TEST(test_domains_of_a_host),
	    TEST(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
