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

static void test_minutes_round_trip(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct log_proto_minute in = {600, 540, true, false, true, .other[RATE_LOGIN] = {{1, 2}},
				    .sums = {{3, 4, 5}, {6, [RATE_DELAY_BOUNDS] = 7}, UINT64_MAX}},
				out;
	struct log_proto_tally tally = {RATE_SENDER, SLICE("<>"), {{0, 7, 0, UINT32_MAX, 0}}}, told;
	struct log_proto_count count = {-5}, asked;
	struct cursor c;

	(void)state;
	log_proto_put_minute(&b, &in);
	log_proto_put_tally(&b, &tally);
	log_proto_put_tally(&b, &tally);
	c = over(&b);
	assert_true(log_proto_get_minute(&c, &out));
	assert_int_equal(out.minute, 600);
	assert_int_equal(out.quiet, 540);
	assert_true(out.first && !out.last && out.past);
	assert_int_equal(out.other[RATE_LOGIN].n[1], 2);
	assert_memory_equal(&out.sums, &in.sums, sizeof(out.sums));
	for (int i = 0; i < 2; i++) {
		assert_true(log_proto_get_tally(&c, &told));
		assert_true(told.kind == RATE_SENDER && slice_is(told.key, "<>"));
		assert_memory_equal(&told.counts, &tally.counts, sizeof(told.counts));
	}
	assert_false(log_proto_get_tally(&c, &told));
	assert_false(c.failed);
	/* Cut anywhere between two counts' ends it is malformed. */
	c = cursor_init(b.data, b.len - 1);
	assert_true(log_proto_get_minute(&c, &out));
	assert_true(log_proto_get_tally(&c, &told));
	assert_false(log_proto_get_tally(&c, &told));
	assert_true(c.failed);
	buffer_clear(&b);
	log_proto_put_count(&b, &count);
	c = over(&b);
	assert_true(log_proto_get_count(&c, &asked));
	assert_int_equal(asked.from, -5);
}

/* What would make the server go through years, or count for nobody. */
static void test_wrong_minutes(void **state)
{
	static const int64_t wrong[][2] = {
	    {601, 540}, {600, 541}, {600, 660}, {600, -60}, {0, 0}, {604800 + 660, 540}};
	struct log_proto_tally told;
	struct cursor c;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		BUFFER_AUTO struct buffer b = {0};
		struct log_proto_minute minute = {
		    wrong[i][0], wrong[i][1], true, true, true, {{{0}}}, {.delay_ms = 0}};

		log_proto_put_minute(&b, &minute);
		c = over(&b);
		assert_false(log_proto_get_minute(&c, &minute));
	}
	{
		BUFFER_AUTO struct buffer b = {0};
		struct log_proto_minute minute = {
		    600, 540, true, true, true, {{{0}}}, {.delay_ms = 0}};

		log_proto_put_minute(&b, &minute);
		/* Of another build. */
		b.data[0]++;
		c = over(&b);
		assert_false(log_proto_get_minute(&c, &minute));
	}
	for (int kind = 0; kind < 2; kind++) {
		BUFFER_AUTO struct buffer b = {0};

		log_proto_put_tally(
		    &b, &(struct log_proto_tally){kind == 0 ? RATE_KINDS : RATE_LOGIN, SLICE("x"),
			    {{(uint32_t)(kind == 0)}}});
		c = over(&b);
		assert_false(log_proto_get_tally(&c, &told));
	}
}

static void test_repeats(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct log_proto_repeats head = {1764496800};
	struct log_proto_repeat in = {true, 12, SLICE("<>"), SLICE("<4711@shop.example>")}, out;
	struct cursor c;

	(void)state;
	log_proto_put_repeats(&b, &head);
	log_proto_put_repeat(&b, &in);
	c = over(&b);
	head.as_of = 0;
	assert_true(log_proto_get_repeats(&c, &head));
	assert_int_equal(head.as_of, 1764496800);
	assert_true(log_proto_get_repeat(&c, &out));
	assert_true(out.message_id && out.times == 12 && slice_is(out.sender, "<>"));
	assert_true(slice_is(out.text, "<4711@shop.example>"));
	assert_false(log_proto_get_repeat(&c, &out));
	assert_false(c.failed);
	c = cursor_init(b.data, b.len - 1);
	assert_true(log_proto_get_repeats(&c, &head));
	assert_false(log_proto_get_repeat(&c, &out));
	assert_true(c.failed);
	/* Of another build; of no time; of nobody. */
	b.data[0]++;
	c = over(&b);
	assert_false(log_proto_get_repeats(&c, &head));
	buffer_clear(&b);
	log_proto_put_repeats(&b, &(struct log_proto_repeats){0});
	c = over(&b);
	assert_false(log_proto_get_repeats(&c, &head));
	buffer_clear(&b);
	in.sender = SLICE("");
	log_proto_put_repeat(&b, &in);
	c = over(&b);
	assert_false(log_proto_get_repeat(&c, &out));
	assert_true(c.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_event_round_trip),
	    cmocka_unit_test(test_the_rest_round_trips),
	    cmocka_unit_test(test_minutes_round_trip),
	    cmocka_unit_test(test_wrong_minutes),
	    cmocka_unit_test(test_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
