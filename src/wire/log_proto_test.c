#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "wire/log_proto.h"

static struct cursor over(const struct buffer *b)
{
	return cursor_init(b->data, b->len);
}

static void test_event_round_trip(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	char long_text[LOG_PROTO_TEXT_MAX + 100];
	struct log_proto_event in = {.time_us = 5,
	    .event = 5,
	    .verb = 2,
	    .severity = 1,
	    .pid = 9,
	    .id = SLICE("ABCDEF"),
	    .other_id = SLICE("FEDCBA"),
	    .process = SLICE("smtp"),
	    .address = SLICE("a@b.test"),
	    .dsn = SLICE("4.0.0"),
	    .delay_ms = -1,
	    .delays_ms = {1, 2, 3, 4},
	    .size = UINT64_MAX,
	    .recipients = 7,
	    .uid = 8};
	struct log_proto_event out;
	struct cursor c;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	in.reason = slice_make(long_text, sizeof(long_text));
	log_proto_put_event(&b, &in);
	log_proto_put_event(&b, &in);
	assert_true(b.len <= (size_t)2 * LOG_PROTO_EVENT_SIZE_MAX);
	c = over(&b);
	for (int i = 0; i < 2; i++) {
		assert_true(log_proto_get_event(&c, &out));
		assert_int_equal(out.time_us, 5);
		assert_true(slice_is(out.other_id, "FEDCBA"));
		assert_true(slice_is(out.dsn, "4.0.0"));
		assert_int_equal(out.reason.len, LOG_PROTO_TEXT_MAX);
		assert_int_equal(out.delays_ms[3], 4);
		assert_int_equal(out.size, UINT64_MAX);
		assert_int_equal(out.uid, 8);
	}
	assert_false(log_proto_get_event(&c, &out));
	assert_true(cursor_finished(&c));
	for (size_t cut = 1; cut < 100; cut++) {
		c = cursor_init(b.data, b.len - cut);
		assert_true(log_proto_get_event(&c, &out));
		assert_false(log_proto_get_event(&c, &out));
		assert_true(c.failed);
	}
}

static void test_the_rest_round_trips(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct log_proto_lookup lookup = {SLICE("ABCDEF"), -1, 2, 3}, lookup_out;
	struct log_proto_end end = {true, false, INT64_MAX, SLICE("why")}, end_out;
	struct log_proto_status status = {LOG_PROTO_FAILED, 1, 2, 3, 4, 5, SLICE("gone"),
				    SLICE("strange")},
				status_out;
	struct slice id;
	struct cursor c;

	(void)state;
	log_proto_put_lookup(&b, &lookup);
	c = over(&b);
	assert_true(log_proto_get_lookup(&c, &lookup_out));
	assert_int_equal(lookup_out.since_us, -1);
	assert_true(slice_is(lookup_out.id, "ABCDEF"));
	buffer_clear(&b);
	log_proto_put_end(&b, &end);
	c = over(&b);
	assert_true(log_proto_get_end(&c, &end_out));
	assert_true(end_out.truncated && !end_out.complete && slice_is(end_out.error, "why"));
	b.data[0] = 2;
	c = over(&b);
	assert_false(log_proto_get_end(&c, &end_out));
	buffer_clear(&b);
	log_proto_put_status(&b, &status);
	c = over(&b);
	assert_true(log_proto_get_status(&c, &status_out));
	assert_int_equal(status_out.unreadable, 5);
	assert_true(slice_is(status_out.foreign, "strange"));
	b.data[0] = 4;
	c = over(&b);
	assert_false(log_proto_get_status(&c, &status_out));
	buffer_clear(&b);
	log_proto_put_id(&b, SLICE("ABCDEF"));
	log_proto_put_id(&b, SLICE("ABCDEF0"));
	c = over(&b);
	assert_true(log_proto_get_id(&c, &id));
	assert_true(log_proto_get_id(&c, &id) && slice_is(id, "ABCDEF0"));
	assert_false(log_proto_get_id(&c, &id));
	assert_false(c.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_event_round_trip),
	    cmocka_unit_test(test_the_rest_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
