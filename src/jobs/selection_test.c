#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index/index.h"
#include "jobs/preview.h"
#include "jobs/preview_counts.h"
#include "jobs/selection.h"

static bool has(const struct preview *p, const char *code, int64_t count)
{
	for (size_t i = 0; i < p->warning_count; i++)
		if (strcmp(p->warning[i].code, code) == 0)
			return p->warning[i].count == count;
	return false;
}

static void test_preview(void **state)
{
	struct selection *s = selection_create();
	struct target t = {.id = SLICE("ABCDEF1"),
	    .queue = QUEUE_HOLD,
	    .arrival = 100,
	    .created = 100,
	    .size = 10,
	    .sender = SLICE("a@shop.example")};
	struct preview_facts facts = {.now = 1000,
	    .maximal_lifetime = 500,
	    .bounce_lifetime = 5000,
	    .postfix_version = 307,
	    .undo_seconds = 30};
	struct preview p;
	struct error err;

	(void)state;
	assert_true(selection_add(s, &t));
	assert_false(selection_add(s, &t)); /* once each */
	t.id = SLICE("ABCDEF2");
	t.queue = QUEUE_ACTIVE;
	t.sender = SLICE("");
	selection_add(s, &t);
	t.id = SLICE("ABCDEF3");
	t.queue = QUEUE_MAILDROP;
	selection_add(s, &t);
	selection_add_missing(s, SLICE("ABCDEF4"));
	assert_true(preview_make(JOB_RELEASE, s, &facts, &p, &err));
	assert_int_equal(p.matched, 1); /* what is on hold */
	assert_int_equal(p.bytes, 10);
	assert_true(has(&p, "held_long", 1) && has(&p, "not_held", 2) && has(&p, "not_found", 1));
	assert_string_equal(p.warning[0].text, "2 are not on hold.");
	assert_true(strncmp(p.warning[1].text, "1 has been held longer than", 27) == 0);
	assert_true(preview_make(JOB_DELETE, s, &facts, &p, &err));
	assert_true(
	    has(&p, "maildrop", 1) && has(&p, "active_now", 1) && has(&p, "already_held", 1));
	assert_int_equal(p.command_count, 2);
	assert_true(preview_make(JOB_BOUNCE, s, &facts, &p, &err));
	assert_true(has(&p, "null_sender", 2) && has(&p, "on_hold", 1));
	facts.postfix_version = 304;
	assert_false(preview_make(JOB_BOUNCE, s, &facts, &p, &err));
	assert_string_equal(err.code, "unsupported_by_postfix");
	selection_destroy(&s);
}

static void test_preview_counts(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct preview_counts then = {.queue = {[QUEUE_DEFERRED] = 400, [QUEUE_HOLD] = 3}},
			      now = then, read;
	static const char *const bad[] = {"", "1", "1.0.0.0.400.3", "1.0.0.0.400.3.0.0",
	    "2.0.0.0.400.3.0", "1.0.0.0.-4.3.0", "1.0.0.0.99999999999.3.0", "1.0.0.0..3.0", "x"};
	struct error err;

	(void)state;
	preview_counts_write(&then, &text);
	assert_true(preview_counts_read(buffer_slice(&text), &read, &err));
	assert_memory_equal(&read, &then, sizeof(then));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(preview_counts_read(slice_of(bad[i]), &read, &err));
		assert_string_equal(err.code, "invalid_value");
	}
	/* Some went into delivery, some left: one in twenty of 403 is 20. */
	now.queue[QUEUE_DEFERRED] -= 20;
	now.queue[QUEUE_ACTIVE] += 15;
	assert_int_equal(preview_counts_moved(&then, &now), 20);
	assert_false(preview_counts_outdated(&then, &now));
	now.queue[QUEUE_HOLD]--;
	assert_int_equal(preview_counts_moved(&then, &now), 21);
	assert_true(preview_counts_outdated(&then, &now));
	/* Of a few, some may go without a question. */
	then = (struct preview_counts){.queue = {[QUEUE_DEFERRED] = 10}};
	now = (struct preview_counts){0};
	assert_false(preview_counts_outdated(&then, &now));
	then.queue[QUEUE_DEFERRED] = 11;
	assert_true(preview_counts_outdated(&then, &now));
}

/* ---- A selection of the index's rows ---- */

#define NOW INT64_C(1800000000)

static void tell(struct index *ix, const char *id, enum queue queue, int64_t arrival)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_FILE;
	m.arrival = m.create_time = arrival;
	m.inode = (uint64_t)arrival;
	m.size = 100;
	m.sender = SLICE("a@shop.example");
	message_add_recipient(&m)->address = SLICE("B@Mail.Example");
	index_upsert(ix, &m);
}

static const char *const ids[] = {"ABCDEF1", "ABCDEF2", "ABCDEF3", "ABCDEF4", "ABCDEF5"};
#define IDS (sizeof(ids) / sizeof(*ids))

static struct index *make_queue(void)
{
	struct index *ix = index_create();

	index_scan_begin(ix, true, IDS);
	for (size_t i = 0; i < IDS; i++)
		tell(ix, ids[i], i == 2 ? QUEUE_HOLD : QUEUE_DEFERRED, NOW - 1000 - (int64_t)i);
	index_scan_end(ix, true, NOW);
	return ix;
}

static void assert_target(const struct selection *s, size_t i, const char *id, int64_t arrival)
{
	struct target t;

	selection_get(s, i, &t);
	assert_true(slice_is(t.id, id));
	assert_int_equal(t.arrival, arrival);
	assert_int_equal(t.inode, arrival < 0 ? 0 : arrival);
	assert_true(slice_is(t.sender, arrival < 0 ? "" : "a@shop.example"));
	assert_true(slice_is(t.domain, arrival < 0 ? "" : "mail.example"));
}

/* What a job did, as its items tell: gone, another's ID by now, on hold before; and one that is. */
static void test_of_a_job(void **state)
{
	struct index *ix = make_queue();
	struct selection_left left = {.count = 0};
	struct job_item items[4] = {{.arrival = NOW - 1000, .inode = NOW - 1000, .id = "ABCDEF9"},
	    {.arrival = NOW - 500, .inode = NOW - 500, .id = "ABCDEF1"},
	    {.arrival = NOW - 1001, .inode = NOW - 1001, .id = "ABCDEF2"},
	    {.arrival = NOW - 1002, .inode = NOW - 1002, .id = "ABCDEF3"}};
	char sender[] = "a@shop.example", detail[] = "It was on hold already, for job 7.";
	struct index *empty = index_create();
	struct query *q = query_create(empty);
	struct selection *s;
	struct error err;

	(void)state;
	assert_null(selection_begin(q, query_scope_all(), &err));
	assert_string_equal(err.code, "not_current");
	query_free(q);
	index_free(empty);
	q = query_create(ix);
	s = selection_begin(q, query_scope_all(), &err);
	assert_non_null(s);
	items[3].detail = detail;
	for (size_t i = 0; i < 4; i++) {
		items[i].sender = sender;
		items[i].outcome = JOB_ITEM_DONE;
	}
	selection_add_items(s, query_scope_all(), items, 4, NOW, &left);
	selection_end(s);
	assert_int_equal(selection_count(s), 1);
	assert_target(s, 0, "ABCDEF2", NOW - 1001);
	assert_int_equal(selection_totals(s)->bytes, 100);
	assert_int_equal(left.count, 2);
	assert_string_equal(left.id[0], "ABCDEF9");
	assert_string_equal(left.id[1], "ABCDEF1");
	selection_destroy(&s);
	query_free(q);
	index_free(ix);
}

/* What was selected stays what it was, whatever becomes of the queue before it is written down:
 * messages leave, come back, move, and others get their IDs. */
static void test_frozen(void **state)
{
	struct index *ix = make_queue();
	struct query *q = query_create(ix);
	const struct query_scope *all = query_scope_all();
	struct query_view v;
	const struct slice except[] = {SLICE("ABCDEF2"), SLICE("ABCDEF2"), SLICE("ABCDEF9")};
	struct selection_left left = {.count = 0};
	struct selection *s;
	struct preview p;
	const struct preview_facts facts = {
	    .now = NOW, .maximal_lifetime = 500, .bounce_lifetime = 500};
	struct error err;

	(void)state;
	assert_true(query_view_create(
	    q, all, NULL, SLICE(""), (struct index_sort){INDEX_SORT_ARRIVAL, true}, NOW, &v, &err));
	index_remove(ix, SLICE("ABCDEF5"));
	s = selection_from_view(q, all, &v, except, 3, NOW, &left, &err);
	assert_non_null(s);
	assert_int_equal(selection_count(s), 3);
	assert_int_equal(left.count, 1);
	assert_string_equal(left.id[0], "ABCDEF5");
	assert_int_equal(selection_totals(s)->bytes, 300);
	assert_int_equal(selection_totals(s)->recipients, 3);
	assert_int_equal(selection_totals(s)->queue[QUEUE_HOLD], 1);
	assert_true(preview_make(JOB_RELEASE, s, &facts, &p, &err));
	assert_true(has(&p, "held_long", 1) && has(&p, "not_held", 2));
	assert_true(preview_make(JOB_RETRY, s, &facts, &p, &err));
	assert_true(has(&p, "on_hold", 1) && has(&p, "over_age", 2));
	query_view_drop(q, all, slice_of(v.id), NOW);
	index_remove(ix, SLICE("ABCDEF1"));
	tell(ix, "ABCDEF1", QUEUE_DEFERRED, NOW); /* another message */
	index_remove(ix, SLICE("ABCDEF3"));
	for (int i = 0; i < 100; i++) {
		char id[20];
		snprintf(id, sizeof(id), "BBBBBB%02d", i);
		tell(ix, id, QUEUE_ACTIVE, NOW);
	}
	tell(ix, "ABCDEF4", QUEUE_ACTIVE, NOW - 1003);
	assert_target(s, 0, "ABCDEF1", NOW - 1000);
	assert_target(s, 1, "ABCDEF3", NOW - 1002);
	assert_target(s, 2, "ABCDEF4", NOW - 1003);
	assert_int_equal(selection_totals(s)->queue[QUEUE_DEFERRED], 2);
	selection_destroy(&s);
	query_free(q);
	index_free(ix);
}

static void test_from_ids(void **state)
{
	struct index *ix = make_queue();
	const struct slice asked[] = {SLICE("ABCDEF3"), SLICE("DEADBEEF01"), SLICE("ABCDEF1"),
	    SLICE("ABCDEF3"), SLICE("DEADBEEF01")};
	const struct slice bad[] = {SLICE("ABCDEF3"), SLICE("ALL")};
	struct selection_left left = {.count = 0};
	struct error err;
	struct query *q = query_create(ix);
	const struct query_scope *all = query_scope_all();
	struct selection *s = selection_from_ids(q, all, asked, 5, NOW, &left, &err);
	struct groups groups;

	(void)state;
	assert_int_equal(selection_count(s), 3);
	selection_groups(s, all, GROUP_QUEUE, 10, NOW, &groups);
	assert_int_equal(groups.match.messages, 2);
	assert_int_equal(groups.count, 2);
	groups_free(&groups);
	assert_int_equal(left.count, 1);
	assert_target(s, 0, "ABCDEF3", NOW - 1002);
	assert_target(s, 1, "DEADBEEF01", -1);
	assert_target(s, 2, "ABCDEF1", NOW - 1000);
	selection_destroy(&s);
	assert_null(selection_from_ids(q, all, bad, 2, NOW, &left, &err));
	assert_string_equal(err.code, "invalid_id");
	query_free(q);
	index_free(ix);
}

/* Within a scope an ID outside is as one that is nowhere: noted, and in no job, which would look
 * for it. */
static void test_within_a_scope(void **state)
{
	struct index *ix = make_queue();
	struct query *q = query_create(ix);
	struct query_scope *held = query_scope_create(SLICE("queue:hold"), NULL);
	const struct slice asked[] = {SLICE("ABCDEF1"), SLICE("ABCDEF3"), SLICE("ABCDEF9"),
	    SLICE("ABCDEF1"), SLICE("ABCDEF9")};
	struct selection_left left = {.count = 0};
	struct job_item items[2] = {{.arrival = NOW - 1001, .inode = NOW - 1001, .id = "ABCDEF2"},
	    {.arrival = NOW - 1002, .inode = NOW - 1002, .id = "ABCDEF3"}};
	char sender[] = "a@shop.example";
	struct query_view v;
	struct query_message m;
	struct selection *s;
	struct groups groups;
	struct error err;

	(void)state;
	s = selection_from_ids(q, held, asked, 5, NOW, &left, &err);
	assert_int_equal(selection_count(s), 1);
	assert_target(s, 0, "ABCDEF3", NOW - 1002);
	assert_int_equal(left.count, 2);
	assert_string_equal(left.id[0], "ABCDEF1");
	assert_string_equal(left.id[1], "ABCDEF9");
	selection_destroy(&s);

	items[0].sender = items[1].sender = sender;
	items[0].outcome = items[1].outcome = JOB_ITEM_DONE;
	left.count = 0;
	s = selection_begin(q, held, &err);
	selection_add_items(s, held, items, 2, NOW, &left);
	selection_end(s);
	assert_int_equal(selection_count(s), 1);
	assert_int_equal(selection_totals(s)->queue[QUEUE_HOLD], 1);
	assert_string_equal(left.id[0], "ABCDEF2");
	selection_destroy(&s);

	/* What leaves the scope between view and job is not acted on; what leaves it after that is
	 * not shown. */
	left.count = 0;
	tell(ix, "ABCDEF4", QUEUE_HOLD, NOW - 1003);
	assert_true(query_view_create(q, held, NULL, SLICE(""),
	    (struct index_sort){INDEX_SORT_ARRIVAL, true}, NOW, &v, &err));
	assert_int_equal(v.length, 2);
	tell(ix, "ABCDEF3", QUEUE_ACTIVE, NOW - 1002);
	s = selection_from_view(q, held, &v, NULL, 0, NOW, &left, &err);
	assert_int_equal(selection_count(s), 1);
	assert_target(s, 0, "ABCDEF4", NOW - 1003);
	assert_int_equal(left.count, 1);
	assert_true(selection_show(s, held, 0, NOW, &m) && !m.hidden);
	tell(ix, "ABCDEF4", QUEUE_ACTIVE, NOW - 1003);
	assert_true(selection_show(s, held, 0, NOW, &m) && m.hidden && m.row.sender.len == 0);
	selection_groups(s, held, GROUP_QUEUE, 10, NOW, &groups);
	assert_int_equal(groups.count, 0);
	groups_free(&groups);
	selection_destroy(&s);
	query_scope_free(held);
	query_free(q);
	index_free(ix);
}

/* With one more recipient. */
static void tell_two(struct index *ix, const char *id, const char *second, int64_t arrival)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_FILE;
	m.arrival = arrival;
	m.inode = (uint64_t)arrival;
	m.size = 100;
	m.sender = SLICE("a@shop.example");
	message_add_recipient(&m)->address = SLICE("one@b.example");
	message_add_recipient(&m)->address = slice_of(second);
	index_upsert(ix, &m);
}

/* What also goes to somebody outside is chosen by nobody who does not see him, by no way; and a job
 * that has it learns of it before it acts. */
static void test_not_whole(void **state)
{
	struct index *ix = make_queue();
	struct query *q = query_create(ix);
	struct query_scope *b = query_scope_create(SLICE("domain:=b.example"), NULL);
	const struct slice asked[] = {SLICE("CCCCCC1"), SLICE("CCCCCC2"), SLICE("CCCCCC1")};
	struct job_item items[3] = {{.arrival = NOW - 10, .inode = NOW - 10, .id = "CCCCCC1"},
	    {.arrival = NOW - 11, .inode = NOW - 11, .id = "CCCCCC2"},
	    {.arrival = NOW - 12, .inode = NOW - 12, .id = "CCCCCC3"}};
	struct selection_left left = {.count = 0};
	char sender[] = "a@shop.example";
	struct filter *filter = filter_parse(SLICE("id:CCCCCC*"), NULL);
	const struct preview_facts facts = {
	    .now = NOW, .maximal_lifetime = -1, .bounce_lifetime = -1};
	struct query_view v;
	struct selection *s;
	struct preview p;
	struct error err;
	bool allowed[3];

	(void)state;
	tell_two(ix, "CCCCCC1", "two@c.example", NOW - 10);
	tell_two(ix, "CCCCCC2", "two@b.example", NOW - 11);
	s = selection_from_ids(q, b, asked, 3, NOW, &left, &err);
	assert_int_equal(selection_count(s), 1);
	assert_int_equal(selection_not_whole(s), 1);
	assert_int_equal(left.count, 0);
	assert_int_equal(selection_totals(s)->recipients, 2);
	assert_true(preview_make(JOB_DELETE, s, &facts, &p, &err));
	assert_int_equal(p.matched, 1);
	assert_true(has(&p, "not_all_yours", 1));
	selection_destroy(&s);
	s = selection_from_ids(q, query_scope_all(), asked, 3, NOW, &left, &err);
	assert_int_equal(selection_count(s), 2);
	assert_int_equal(selection_not_whole(s), 0);
	selection_destroy(&s);

	assert_true(query_view_create(q, b, filter, SLICE("id:CCCCCC*"),
	    (struct index_sort){INDEX_SORT_ARRIVAL, true}, NOW, &v, &err));
	assert_int_equal(v.length, 2);
	s = selection_from_view(q, b, &v, &asked[1], 1, NOW, &left, &err);
	assert_int_equal(selection_count(s), 0);
	assert_int_equal(selection_not_whole(s), 1);
	selection_destroy(&s);
	s = selection_from_view(q, b, &v, &asked[0], 1, NOW, &left, &err);
	assert_int_equal(selection_count(s), 1);
	assert_int_equal(selection_not_whole(s), 0);
	selection_destroy(&s);

	for (int i = 0; i < 3; i++) {
		items[i].sender = sender;
		items[i].outcome = JOB_ITEM_DONE;
	}
	s = selection_begin(q, b, &err);
	selection_add_items(s, b, items, 3, NOW, &left);
	selection_end(s);
	assert_int_equal(selection_count(s), 1);
	assert_int_equal(selection_not_whole(s), 1);
	selection_destroy(&s);

	selection_allowed(q, b, items, 3, NOW, allowed);
	assert_true(!allowed[0] && allowed[1] && !allowed[2]);
	tell_two(ix, "CCCCCC2", "two@c.example", NOW - 11);
	selection_allowed(q, b, items, 3, NOW, allowed);
	assert_true(!allowed[0] && !allowed[1] && !allowed[2]);
	tell_two(ix, "CCCCCC1", "two@b.example", NOW - 10);
	items[0].inode++;
	selection_allowed(q, b, items, 3, NOW, allowed);
	assert_false(allowed[0]); /* another message has the ID */
	filter_free(filter);
	query_scope_free(b);
	query_free(q);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_preview),
	    cmocka_unit_test(test_preview_counts), cmocka_unit_test(test_frozen),
	    cmocka_unit_test(test_of_a_job), cmocka_unit_test(test_from_ids),
	    cmocka_unit_test(test_within_a_scope), cmocka_unit_test(test_not_whole)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
