/* Both ends of a channel in one process: the exchange asks at the near end, the test plays the peer
 * at the far end, and hands over the time. Nothing waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#include "base/loop.h"
#include "exchange/exchange.h"
#include "exchange/exchange_test_ends.h"
#include "exchange/loop_exchange.h"

#define QUESTION 1
#define PART 2
#define END 3

/* What one question was told. */
struct told {
	struct exchange_test_ends *table;
	int parts, ends;
	enum exchange_failure failure;
	/* What the function does while it is called. */
	bool cancel, ask_another, attach_nobody;
	uint32_t victim; /* another question, which it cancels */
	struct told *another;
	uint32_t another_number;
	int fd; /* taken from a part; -1 where it had none */
};

static int set_up(void **state)
{
	exchange_test_set_up(state, sizeof(struct exchange_test_ends));
	return 0;
}

static bool answered(void *context, struct frame *frame, enum exchange_failure failure);

static uint32_t ask(struct exchange_test_ends *t, struct told *told, int64_t deadline_ms)
{
	BUFFER_AUTO struct buffer frame = {0};

	told->table = t;
	frame_begin(&frame, QUESTION, 0);
	return exchange_ask(t->exchange, &frame, deadline_ms, answered, told);
}

static bool answered(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct told *told = context;
	struct exchange_test_ends *t = told->table;

	told->failure = failure;
	if (frame == NULL)
		assert_int_not_equal(failure, EXCHANGE_ANSWERED);
	else
		assert_int_equal(failure, EXCHANGE_ANSWERED);
	if (frame != NULL && frame->type == PART) {
		told->parts++;
		told->fd = frame_take_fd(frame, 0);
	} else {
		told->ends++;
	}
	if (told->ask_another)
		told->another_number = ask(t, told->another, EXCHANGE_NO_DEADLINE);
	if (told->victim != 0)
		exchange_cancel(t->exchange, told->victim);
	if (told->attach_nobody)
		exchange_attach(t->exchange, NULL);
	if (told->cancel)
		assert_ptr_equal(exchange_cancel(t->exchange, frame->request), told);
	return frame != NULL && frame->type == END;
}

/* The peer gets what was asked. */
static uint32_t got(struct exchange_test_ends *t)
{
	struct frame frame;

	return exchange_test_receive(t, QUESTION, &frame);
}

static enum exchange_taken say(struct exchange_test_ends *t, uint8_t type, uint32_t number)
{
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, type, number);
	return exchange_test_say(t, &b);
}

static void test_several_frames_and_several_questions(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {0}, two = {0};
	uint32_t first = ask(t, &one, EXCHANGE_NO_DEADLINE),
		 second = ask(t, &two, EXCHANGE_NO_DEADLINE);

	assert_int_not_equal(first, 0);
	assert_int_not_equal(first, second);
	assert_int_equal(got(t), first);
	assert_int_equal(got(t), second);
	assert_int_equal(say(t, PART, second), EXCHANGE_TAKEN);
	assert_int_equal(say(t, PART, first), EXCHANGE_TAKEN);
	assert_int_equal(say(t, PART, first), EXCHANGE_TAKEN);
	assert_int_equal(say(t, END, first), EXCHANGE_TAKEN);
	assert_int_equal(say(t, END, second), EXCHANGE_TAKEN);
	assert_true(one.parts == 2 && one.ends == 1 && two.parts == 1 && two.ends == 1);
	assert_int_equal(exchange_deadline_ms(t->exchange), -1);
}

static void test_peer_dies_in_the_middle(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {0}, two = {0}, after = {0};
	uint32_t first = ask(t, &one, 1000);

	ask(t, &two, EXCHANGE_NO_DEADLINE);
	assert_int_equal(say(t, PART, first), EXCHANGE_TAKEN);
	exchange_attach(t->exchange, NULL);
	assert_false(exchange_is_up(t->exchange));
	/* Never from within that call; then at once, whatever the time is. */
	assert_true(one.ends == 0 && two.ends == 0);
	assert_int_equal(exchange_deadline_ms(t->exchange), 0);
	exchange_tick(t->exchange, 0);
	assert_true(one.parts == 1 && one.ends == 1 && one.failure == EXCHANGE_GONE);
	assert_true(two.ends == 1 && two.failure == EXCHANGE_GONE);
	/* What is asked of nobody ends too, and not from within the call. */
	ask(t, &after, EXCHANGE_NO_DEADLINE);
	assert_int_equal(after.ends, 0);
	exchange_tick(t->exchange, 0);
	assert_true(after.ends == 1 && after.failure == EXCHANGE_GONE);
	exchange_tick(t->exchange, INT64_MAX - 1);
	assert_true(one.ends == 1 && two.ends == 1 && after.ends == 1);
}

/* The peer is gone, and nobody has noticed yet. */
static void test_sending_to_a_dead_peer(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {0};

	channel_destroy(&t->far);
	ask(t, &one, EXCHANGE_NO_DEADLINE);
	exchange_tick(t->exchange, 0);
	assert_true(one.ends == 1 && one.failure == EXCHANGE_GONE);
}

static void test_a_new_peer_owes_nothing(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told old = {0}, new = {0};
	uint32_t first = ask(t, &old, EXCHANGE_NO_DEADLINE), second;

	exchange_attach(t->exchange, t->near);
	second = ask(t, &new, EXCHANGE_NO_DEADLINE);
	assert_int_equal(say(t, END, first), EXCHANGE_STALE);
	assert_int_equal(old.ends, 0);
	exchange_tick(t->exchange, 0);
	assert_true(old.ends == 1 && old.failure == EXCHANGE_GONE && new.ends == 0);
	assert_int_equal(say(t, END, second), EXCHANGE_TAKEN);
	assert_int_equal(new.ends, 1);
}

static void test_never_answers(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {0}, patient = {0}, last = {0};
	uint32_t first = ask(t, &one, 1000);

	ask(t, &patient, 5000);
	ask(t, &last, 7000);
	assert_int_equal(exchange_deadline_ms(t->exchange), 1000);
	exchange_tick(t->exchange, 999);
	assert_int_equal(one.ends, 0);
	exchange_tick(t->exchange, 1000);
	assert_true(one.ends == 1 && one.failure == EXCHANGE_LATE);
	assert_true(patient.ends == 0 && last.ends == 0);
	/* Too late. */
	assert_int_equal(say(t, PART, first), EXCHANGE_STALE);
	assert_int_equal(say(t, END, first), EXCHANGE_STALE);
	assert_true(one.parts == 0 && one.ends == 1);
	exchange_tick(t->exchange, 5000);
	assert_true(patient.ends == 1 && last.ends == 0);
	exchange_tick(t->exchange, 7000);
	assert_true(last.ends == 1 && last.failure == EXCHANGE_LATE);
}

static void test_answers_after_cancel(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {0}, two = {0}, three = {0};
	uint32_t first = ask(t, &one, 1000), second = ask(t, &two, 1000);

	ask(t, &three, 1000);
	assert_ptr_equal(exchange_cancel(t->exchange, first), &one);
	assert_null(exchange_cancel(t->exchange, first));
	assert_false(exchange_is_open(t->exchange, first));
	assert_true(exchange_is_open(t->exchange, second));
	assert_int_equal(say(t, PART, first), EXCHANGE_STALE);
	exchange_forget(t->exchange, &two);
	assert_int_equal(say(t, END, second), EXCHANGE_STALE);
	exchange_tick(t->exchange, 2000);
	assert_true(one.parts == 0 && one.ends == 0 && two.ends == 0);
	assert_true(three.ends == 1 && three.failure == EXCHANGE_LATE);
}

/* A descriptor that comes with a frame nobody waits for is closed. */
static void test_descriptors_of_a_late_answer(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {.fd = -1};
	uint32_t first = ask(t, &one, 1000);
	BUFFER_AUTO struct buffer b = {0};
	struct frame frame;
	char byte;
	int ends[2];

	exchange_cancel(t->exchange, first);
	assert_int_equal(pipe(ends), 0);
	frame_begin(&b, PART, first);
	assert_true(channel_send(t->far, &b, &ends[1], 1));
	close(ends[1]);
	assert_int_equal(channel_receive(t->near, &frame), CHANNEL_FRAME);
	assert_int_equal(exchange_frame(t->exchange, &frame), EXCHANGE_STALE);
	frame_close(&frame);
	assert_int_equal(one.fd, -1);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody has the other end */
	close(ends[0]);
}

static void test_numbers_never_asked_and_answers_twice(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {0};
	uint32_t first = ask(t, &one, EXCHANGE_NO_DEADLINE);

	assert_int_equal(say(t, END, 0), EXCHANGE_UNASKED);
	assert_int_equal(say(t, END, first + 1), EXCHANGE_UNASKED);
	assert_int_equal(say(t, END, UINT32_MAX), EXCHANGE_UNASKED);
	assert_int_equal(one.ends, 0);
	assert_int_equal(say(t, END, first), EXCHANGE_TAKEN);
	assert_int_equal(say(t, END, first), EXCHANGE_STALE);
	assert_int_equal(say(t, PART, first), EXCHANGE_STALE);
	assert_true(one.ends == 1 && one.parts == 0);
	/* What was said before it was asked is no answer to it. */
	assert_int_not_equal(ask(t, &one, EXCHANGE_NO_DEADLINE), first);
	assert_int_equal(one.ends, 1);
}

/* The socket is full, then the queue: what cannot be asked fails, and memory stays bounded. */
static void test_peer_that_takes_nothing(void **state)
{
	static struct told told[200], after;
	struct exchange_test_ends *t = *state;
	BUFFER_AUTO struct buffer frame = {0};
	char body[60000] = {0};
	size_t asked = 0, failed = 0;
	struct frame received;

	frame_begin(&frame, QUESTION, 0);
	buffer_append(&frame, body, sizeof(body));
	for (; asked < 200; asked++) {
		told[asked].table = t;
		exchange_ask(t->exchange, &frame, EXCHANGE_NO_DEADLINE, answered, &told[asked]);
	}
	assert_true(channel_wants_write(t->near));
	assert_true(channel_queued(t->near) <= EXCHANGE_QUEUE_MAX + WIRE_FRAME_MAX);
	exchange_tick(t->exchange, 0);
	for (size_t i = 0; i < asked; i++) {
		if (told[i].ends > 0)
			assert_int_equal(told[i].failure, EXCHANGE_FULL);
		/* Those that were asked are all before those that were not. */
		assert_true(i == 0 || told[i].ends >= told[i - 1].ends);
		failed += (size_t)told[i].ends;
	}
	assert_in_range(failed, 1, asked - 1);
	/* It takes them after all: what waits goes out, and it can be asked again. */
	while (channel_wants_write(t->near)) {
		while (channel_receive(t->far, &received) == CHANNEL_FRAME)
			frame_close(&received);
		assert_true(channel_flush(t->near));
	}
	ask(t, &after, EXCHANGE_NO_DEADLINE);
	exchange_tick(t->exchange, 0);
	assert_int_equal(after.ends, 0);
}

static void test_functions_that_change_the_list(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told next = {0}, victim = {0}, none = {0};
	struct told one = {.cancel = true};
	struct told two = {.ask_another = true, .another = &next};
	struct told three = {.attach_nobody = true};
	uint32_t first = ask(t, &one, 1000);

	/* It cancels itself while it is told a part, and is told nothing more. */
	assert_int_equal(say(t, PART, first), EXCHANGE_TAKEN);
	assert_int_equal(say(t, END, first), EXCHANGE_STALE);
	assert_true(one.parts == 1 && one.ends == 0);
	/* It asks the next when it ends by its time: that waits for the next tick. */
	ask(t, &two, 1000);
	two.victim = ask(t, &victim, 1000);
	exchange_attach(t->exchange, NULL);
	exchange_tick(t->exchange, 2000);
	assert_true(two.ends == 1 && victim.ends == 0 && next.ends == 0);
	exchange_tick(t->exchange, 2000);
	assert_true(next.ends == 1 && next.failure == EXCHANGE_GONE);
	/* It finds out itself that the peer is of no use. */
	exchange_attach(t->exchange, t->near);
	first = ask(t, &three, 1000);
	ask(t, &none, EXCHANGE_NO_DEADLINE);
	assert_int_equal(say(t, PART, first), EXCHANGE_TAKEN);
	three.attach_nobody = false;
	exchange_tick(t->exchange, 0);
	assert_true(three.ends == 1 && three.failure == EXCHANGE_GONE && none.ends == 1);
}

static void test_destroyed_with_open_questions(void **state)
{
	struct exchange_test_ends *t = *state;
	struct told one = {0};

	ask(t, &one, 1000);
	exchange_destroy(&t->exchange);
	assert_int_equal(one.ends, 0);
	exchange_destroy(&t->exchange);
}

/* ---- on base/loop ---- */

struct timer {
	int turns;
	struct told *told;
	int parts_at_first_turn;
};

static void on_turn(void *context, short revents)
{
	struct timer *timer = context;

	(void)revents;
	if (timer->turns++ == 0)
		timer->parts_at_first_turn = timer->told->parts;
}

/* A flood leaves the others on the loop their turn; and the end of the peer is told. */
static void test_flood_on_a_loop(void **state)
{
	struct loop *loop = loop_create();
	struct loop_exchange *x = loop_exchange_create(loop, "peer");
	struct exchange *questions = loop_exchange_questions(x);
	struct told told = {.fd = -1};
	struct timer timer = {.told = &told};
	BUFFER_AUTO struct buffer b = {0};
	struct loop_watch *watch;
	struct channel *far;
	struct frame frame;
	int ends[2], sent = 0;

	assert_true(channel_pair(ends, NULL));
	loop_exchange_connect(x, ends[0]);
	far = channel_create(ends[1]);
	frame_begin(&b, QUESTION, 0);
	exchange_ask(questions, &b, EXCHANGE_NO_DEADLINE, answered, &told);
	assert_int_equal(channel_receive(far, &frame), CHANNEL_FRAME);
	frame_begin(&b, PART, frame.request);
	for (; !channel_wants_write(far); sent++)
		assert_true(channel_send(far, &b, NULL, 0));
	watch = loop_add(loop, -1, 0, on_turn, &timer);
	while (told.parts < sent - 1) {
		loop_deadline(watch, 0);
		loop_exchange_tick(x);
		loop_exchange_update(x);
		assert_true(loop_once(loop, -1));
	}
	assert_true(timer.turns > 1 && timer.parts_at_first_turn < sent / 2);
	assert_int_equal(told.ends, 0);
	channel_destroy(&far);
	while (told.ends == 0) {
		loop_exchange_tick(x);
		loop_exchange_update(x);
		if (told.ends == 0)
			assert_true(loop_once(loop, -1));
	}
	assert_int_equal(told.failure, EXCHANGE_GONE);
	assert_false(exchange_is_up(questions));
	loop_remove(&watch);
	loop_exchange_destroy(&x);
	loop_destroy(&loop);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, exchange_test_tear_down)
	const struct CMUnitTest tests[] = {TEST(test_several_frames_and_several_questions),
	    TEST(test_peer_dies_in_the_middle), TEST(test_sending_to_a_dead_peer),
	    TEST(test_a_new_peer_owes_nothing), TEST(test_never_answers),
	    TEST(test_answers_after_cancel), TEST(test_descriptors_of_a_late_answer),
	    TEST(test_numbers_never_asked_and_answers_twice), TEST(test_peer_that_takes_nothing),
	    TEST(test_functions_that_change_the_list), TEST(test_destroyed_with_open_questions),
	    cmocka_unit_test(test_flood_on_a_loop)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
