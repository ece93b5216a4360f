/* The test plays the notifier at the far end of the channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "exchange/exchange_test_ends.h"
#include "exchange/probe.h"
#include "wire/notifier_proto.h"

struct table {
	struct exchange_test_ends ends;
	int steps, ended;
	bool answered;
	uint32_t number, asked; /* as probe_ask gave it, and as the notifier got it */
};

static void on_step(void *context, const struct probe_step *step)
{
	struct table *t = context;

	assert_int_equal(step->name, PROBE_STEP_MX);
	assert_true(slice_is(step->text, "mx1.shop.example"));
	t->steps++;
}

static void on_end(void *context, const struct probe_end *end)
{
	struct table *t = context;

	t->ended++;
	t->answered = end != NULL && end->complete;
}

static int set_up(void **state)
{
	struct table *t = calloc(1, sizeof(*t));
	const struct probe_question question = {
	    .kind = PROBE_DESTINATION, .next_hop = SLICE("shop.example"), .mx = true};
	struct probe_question got;
	struct frame frame;
	struct cursor c;

	exchange_test_open(&t->ends);
	t->number = probe_ask(
	    t->ends.exchange, &question, &(struct probe_reader){on_step, on_end, t}, 1000);
	assert_int_equal(channel_receive(t->ends.far, &frame), CHANNEL_FRAME);
	assert_int_equal(frame.type, NOTIFIER_PROBE);
	c = frame_cursor(&frame);
	assert_true(probe_get_question(&c, &got) && slice_is(got.next_hop, "shop.example"));
	t->asked = frame.request;
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct table *t = *state;

	exchange_test_close(&t->ends);
	free(t);
	return 0;
}

static void say_step(struct table *t)
{
	const struct probe_step step = {
	    .name = PROBE_STEP_MX, .outcome = PROBE_OK, .text = SLICE("mx1.shop.example")};
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, NOTIFIER_PROBE_STEP, t->asked);
	probe_put_step(&b, &step);
	exchange_test_say(&t->ends, &b);
}

static void say_end(struct table *t)
{
	const struct probe_end end = {.complete = true, .text = SLICE("All well.")};
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, NOTIFIER_PROBE_END, t->asked);
	probe_put_end(&b, &end);
	exchange_test_say(&t->ends, &b);
}

static void steps_come_and_then_the_end(void **state)
{
	struct table *t = *state;

	say_step(t);
	say_step(t);
	assert_int_equal(t->ended, 0);
	say_end(t);
	assert_true(t->steps == 2 && t->ended == 1 && t->answered);
}

/* It parses what strangers say, so it may be broken into. */
static void endless_steps_end_somewhere(void **state)
{
	struct table *t = *state;

	for (int i = 0; i < PROBE_STEPS_MAX + 50; i++)
		say_step(t);
	assert_int_equal(t->steps, PROBE_STEPS_MAX);
	say_end(t);
	assert_true(t->answered);
}

static void an_end_that_is_none_is_no_answer(void **state)
{
	struct table *t = *state;
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, NOTIFIER_PROBE_END, t->asked);
	buffer_append_string(&b, "nonsense");
	exchange_test_say(&t->ends, &b);
	assert_true(t->ended == 1 && !t->answered);
}

static void a_notifier_that_dies_ends_it(void **state)
{
	struct table *t = *state;

	say_step(t);
	exchange_attach(t->ends.exchange, NULL);
	exchange_tick(t->ends.exchange, 1001);
	assert_true(t->steps == 1 && t->ended == 1 && !t->answered);
}

static void whoever_waits_no_longer_says_so(void **state)
{
	struct table *t = *state;
	struct frame frame;
	uint32_t number;

	probe_cancel(t->ends.exchange, t->number);
	assert_int_equal(channel_receive(t->ends.far, &frame), CHANNEL_FRAME);
	assert_true(notifier_cancel_decode(&frame, &number) && number == t->asked);
	say_step(t);
	say_end(t);
	assert_true(t->steps == 0 && t->ended == 0);
	probe_cancel(t->ends.exchange, t->number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(steps_come_and_then_the_end, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(endless_steps_end_somewhere, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_end_that_is_none_is_no_answer, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_notifier_that_dies_ends_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(whoever_waits_no_longer_says_so, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
