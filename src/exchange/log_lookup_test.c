/* The test plays the log reader at the far end of the channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exchange/exchange_test_ends.h"
#include "exchange/log_lookup.h"

struct table {
	struct exchange_test_ends ends;
	int events, ended;
	bool answered;
	uint32_t number, asked; /* as log_lookup_ask gave it, and as the log reader got it */
	int cancel_at;		/* the event at which the reader has enough; 0: never */
};

static void on_event(void *context, const struct log_proto_event *event)
{
	struct table *t = context;

	assert_true(slice_is(event->id, "ABCDEF1"));
	if (++t->events == t->cancel_at)
		log_lookup_cancel(t->ends.exchange, t->number);
}

static void on_end(void *context, const struct log_proto_end *end)
{
	struct table *t = context;

	t->ended++;
	t->answered = end != NULL;
	if (end != NULL)
		assert_true(end->complete && end->oldest_us == 77);
}

static int set_up(void **state)
{
	struct table *t = exchange_test_set_up(state, sizeof(*t));
	struct log_proto_lookup question = {.id = SLICE("ABCDEF1"), .since_us = 5}, got;
	struct frame frame;
	struct cursor c;

	t->number = log_lookup_ask(
	    t->ends.exchange, &question, &(struct log_lookup_reader){on_event, on_end, t}, 1000);
	t->asked = exchange_test_receive(&t->ends, LOG_PROTO_LOOKUP, &frame);
	c = frame_cursor(&frame);
	assert_true(log_proto_get_lookup(&c, &got) && slice_is(got.id, "ABCDEF1"));
	return 0;
}

static void say_events(struct table *t, int count)
{
	const struct log_proto_event event = {.id = SLICE("ABCDEF1")};
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, LOG_PROTO_EVENTS, t->asked);
	for (int i = 0; i < count; i++)
		log_proto_put_event(&b, &event);
	exchange_test_say(&t->ends, &b);
}

static void say_end(struct table *t, bool malformed)
{
	const struct log_proto_end end = {.complete = true, .oldest_us = 77};
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, LOG_PROTO_END, t->asked);
	if (!malformed)
		log_proto_put_end(&b, &end);
	exchange_test_say(&t->ends, &b);
}

static void test_events_and_end(void **state)
{
	struct table *t = *state;

	say_events(t, 3);
	say_events(t, 2);
	assert_true(t->events == 5 && t->ended == 0);
	say_end(t, false);
	say_events(t, 1);
	say_end(t, false);
	assert_true(t->events == 5 && t->ended == 1 && t->answered);
}

static void test_cancelled_from_within(void **state)
{
	struct table *t = *state;

	t->cancel_at = 2;
	say_events(t, 3);
	say_events(t, 1);
	say_end(t, false);
	exchange_tick(t->ends.exchange, 100000);
	assert_true(t->events == 2 && t->ended == 0);
}

static void test_cancelled_before(void **state)
{
	struct table *t = *state;

	log_lookup_cancel(t->ends.exchange, t->number);
	log_lookup_cancel(t->ends.exchange, t->number);
	say_events(t, 1);
	say_end(t, false);
	assert_true(t->events == 0 && t->ended == 0);
}

static void test_malformed_end(void **state)
{
	struct table *t = *state;

	say_end(t, true);
	assert_true(t->ended == 1 && !t->answered);
}

static void test_no_answer(void **state)
{
	struct table *t = *state;

	exchange_tick(t->ends.exchange, 1000 + LOG_LOOKUP_TIMEOUT_MS - 1);
	assert_int_equal(t->ended, 0);
	exchange_tick(t->ends.exchange, 1000 + LOG_LOOKUP_TIMEOUT_MS);
	assert_true(t->ended == 1 && !t->answered);
}

static void test_log_reader_dies(void **state)
{
	struct table *t = *state;

	say_events(t, 1);
	exchange_attach(t->ends.exchange, NULL);
	exchange_tick(t->ends.exchange, 1000);
	assert_true(t->events == 1 && t->ended == 1 && !t->answered);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, exchange_test_tear_down)
	const struct CMUnitTest tests[] = {TEST(test_events_and_end),
	    TEST(test_cancelled_from_within), TEST(test_cancelled_before), TEST(test_malformed_end),
	    TEST(test_no_answer), TEST(test_log_reader_dies)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
