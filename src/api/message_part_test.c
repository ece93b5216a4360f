#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "api/message_part.h"
#include "index/index.h"
#include "postfix/log_line.h"

#define NOW INT64_C(1800000000)

static struct index *make_queue(void)
{
	struct index *ix = index_create();
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "ABCDEF1");
	m.queue = QUEUE_DEFERRED;
	m.arrival = m.create_time = NOW - 1000;
	r = message_add_recipient(&m);
	r->address = SLICE("his@customer.example");
	r->original = SLICE("team@customer.example");
	message_add_recipient(&m)->address = SLICE("other@bank.example");
	index_upsert(ix, &m);
	return ix;
}

static bool tells(const struct message_part *part, int event, const char *to, const char *orig_to)
{
	return message_part_tells(part,
	    &(struct log_proto_event){
		.event = (uint8_t)event, .address = slice_of(to), .orig_to = slice_of(orig_to)});
}

static void test_lines_about_others(void **state)
{
	struct index *ix = make_queue();
	struct query *q = query_create(ix);
	struct query_scope *scope = query_scope_create(SLICE("domain:=customer.example"), NULL);
	struct query_scope *both = query_scope_create(SLICE("id:=ABCDEF1"), NULL);
	struct message_part part;
	struct query_message m;

	(void)state;
	assert_true(query_find(q, scope, SLICE("ABCDEF1"), NOW, &m));
	message_part_note(&part, q, scope, &m);
	query_find(q, query_scope_all(), SLICE("ABCDEF1"), NOW, &m);
	assert_true(tells(&part, LOG_EVENT_DELIVERY, "His@customer.example", ""));
	assert_false(tells(&part, LOG_EVENT_DELIVERY, "other@bank.example", ""));
	/* One alias of both. */
	assert_false(
	    tells(&part, LOG_EVENT_DELIVERY, "other@bank.example", "team@customer.example"));
	assert_false(tells(&part, LOG_EVENT_DELIVERY, "", ""));
	assert_true(tells(&part, LOG_EVENT_REMOVED, "", ""));
	assert_false(tells(&part, LOG_EVENT_FILTERED, "", ""));
	assert_false(tells(&part, LOG_EVENT_PROBLEM, "", ""));
	assert_false(tells(&part, LOG_EVENT_NOTIFIED, "", ""));
	message_part_free(&part);

	/* All that are known are his; one that is not is not told of. */
	assert_true(query_find(q, both, SLICE("ABCDEF1"), NOW, &m));
	message_part_note(&part, q, both, &m);
	assert_true(tells(&part, LOG_EVENT_DELIVERY, "other@bank.example", ""));
	assert_true(tells(&part, LOG_EVENT_PROBLEM, "", ""));
	assert_false(tells(&part, LOG_EVENT_DELIVERY, "third@bank.example", ""));
	message_part_free(&part);

	query_find(q, query_scope_all(), SLICE("ABCDEF1"), NOW, &m);
	message_part_note(&part, q, query_scope_all(), &m);
	assert_true(tells(&part, LOG_EVENT_DELIVERY, "third@bank.example", ""));
	assert_int_equal(part.addresses.len, 0);
	message_part_free(&part);
	query_scope_free(both);
	query_scope_free(scope);
	query_free(q);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines_about_others)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
