/* The test plays the log reader at the far end of the channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exchange/exchange_test_ends.h"
#include "exchange/log_trace.h"

struct table {
	struct exchange_test_ends ends;
	int messages, recipients, ended;
	bool answered;
	uint32_t number, asked; /* as log_trace_ask gave it, and as the log reader got it */
	int cancel_at;		/* the recipient at which the reader has enough; 0: never */
};

static void on_message(void *context, const struct log_traced_message *message)
{
	struct table *t = context;

	assert_int_equal(message->id_count, 2);
	assert_true(slice_is(message->ids[1], "ABCDEF2") && slice_is(message->sender, ""));
	assert_true(message->has_sender && message->ended && message->size == 7);
	t->messages++;
}

static void on_recipient(void *context, const struct log_traced_recipient *recipient)
{
	struct table *t = context;

	assert_true(slice_is(recipient->address, "ann@x.example"));
	assert_int_equal(recipient->result, LOG_TRACE_DELETED);
	if (++t->recipients == t->cancel_at)
		log_trace_cancel(t->ends.exchange, t->number);
}

static void on_end(void *context, const struct log_trace_end *end)
{
	struct table *t = context;

	t->ended++;
	t->answered = end != NULL;
	assert_true(end == NULL || (end->complete && end->more));
}

static int set_up(void **state)
{
	struct table *t = exchange_test_set_up(state, sizeof(*t));
	const struct log_trace_question question = {.text = SLICE("x.example"),
	    .from_us = -5,
	    .to_us = 5,
	    .limit = 9,
	    .after = {3, SLICE("ABCDEF0")}};
	struct log_trace_question got;
	struct frame frame;
	struct cursor c;

	t->number = log_trace_ask(t->ends.exchange, &question,
	    &(struct log_trace_reader){on_message, on_recipient, on_end, t}, 1000);
	t->asked = exchange_test_receive(&t->ends, LOG_PROTO_TRACE, &frame);
	c = frame_cursor(&frame);
	assert_true(log_trace_get_question(&c, &got) && slice_is(got.text, "x.example"));
	assert_true(got.from_us == -5 && got.to_us == 5 && got.limit == 9);
	assert_true(got.after.last_us == 3 && slice_is(got.after.id, "ABCDEF0"));
	return 0;
}

static void say_message(struct table *t, int recipients)
{
	const struct log_traced_message message = {.ids = {SLICE("ABCDEF1"), SLICE("ABCDEF2")},
	    .id_count = 2,
	    .ended = true,
	    .has_sender = true,
	    .size = 7};
	const struct log_traced_recipient recipient = {
	    .address = SLICE("ann@x.example"), .result = LOG_TRACE_DELETED};
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, LOG_PROTO_TRACED, t->asked);
	log_trace_put_message(&b, &message);
	exchange_test_say(&t->ends, &b);
	buffer_clear(&b);
	frame_begin(&b, LOG_PROTO_TRACED_RECIPIENTS, t->asked);
	for (int i = 0; i < recipients; i++)
		log_trace_put_recipient(&b, &recipient);
	exchange_test_say(&t->ends, &b);
}

static void say_end(struct table *t, bool malformed)
{
	const struct log_trace_end end = {.more = true, .complete = true, .error = SLICE("")};
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, LOG_PROTO_TRACE_END, t->asked);
	if (!malformed)
		log_trace_put_end(&b, &end);
	exchange_test_say(&t->ends, &b);
}

/* The log reader is told, with the number that it knows the question by. */
static void must_be_cancelled(struct table *t)
{
	struct frame frame;
	struct cursor c;
	uint32_t request = 0;

	exchange_test_receive(&t->ends, LOG_PROTO_CANCEL, &frame);
	c = frame_cursor(&frame);
	assert_true(log_trace_get_cancel(&c, &request));
	assert_int_equal(request, t->asked);
	frame_close(&frame);
}

static void test_messages_and_end(void **state)
{
	struct table *t = *state;

	say_message(t, 3);
	say_message(t, 1);
	assert_true(t->messages == 2 && t->recipients == 4 && t->ended == 0);
	say_end(t, false);
	say_end(t, false);
	assert_true(t->ended == 1 && t->answered);
}

static void test_a_malformed_end_is_none(void **state)
{
	struct table *t = *state;

	say_end(t, true);
	assert_true(t->ended == 1 && !t->answered);
}

/* From within the reader's own call: the other recipients of that frame are nobody's. */
static void test_cancel(void **state)
{
	struct table *t = *state;

	t->cancel_at = 2;
	say_message(t, 5);
	say_end(t, false);
	assert_true(t->recipients == 2 && t->ended == 0);
	must_be_cancelled(t);
	log_trace_cancel(t->ends.exchange, t->number);
}

static void test_too_late(void **state)
{
	struct table *t = *state;

	exchange_tick(t->ends.exchange, 1000 + LOG_TRACE_TIMEOUT_MS);
	assert_true(t->ended == 1 && !t->answered);
	must_be_cancelled(t);
}

static void test_nobody_there(void **state)
{
	struct table *t = *state;

	exchange_attach(t->ends.exchange, NULL);
	exchange_tick(t->ends.exchange, 1001);
	assert_true(t->ended == 1 && !t->answered);
}

/* A log reader that has been broken into: nine messages were asked for. */
static void test_more_than_was_asked_for(void **state)
{
	struct table *t = *state;

	for (int i = 0; i < 20; i++)
		say_message(t, LOG_TRACE_RECIPIENTS_MAX + 7);
	assert_int_equal(t->messages, 9);
	assert_int_equal(t->recipients, 9 * LOG_TRACE_RECIPIENTS_MAX);
	say_end(t, false);
	assert_true(t->ended == 1 && t->answered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_messages_and_end, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_more_than_was_asked_for, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_a_malformed_end_is_none, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(test_cancel, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(test_too_late, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(test_nobody_there, set_up, exchange_test_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
