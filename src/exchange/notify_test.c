/* The test plays the notifier at the far end of the channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exchange/exchange_test_ends.h"
#include "exchange/notify.h"

struct table {
	struct exchange_test_ends ends;
	int done;
	bool known;
	struct notifier_sent sent;
};

static const struct notifier_send webhook = {.way = NOTIFIER_HTTP,
    .url = {"https://hook.example/x", 22},
    .body = {"{}", 2},
    .timeout_ms = 1000};

static void on_done(void *context, const struct notifier_sent *sent)
{
	struct table *t = context;

	t->done++;
	t->known = sent != NULL;
	if (sent != NULL)
		t->sent = *sent;
}

static int set_up(void **state)
{
	struct table *t = exchange_test_set_up(state, sizeof(*t));

	return 0;
}

static void test_sent(void **state)
{
	struct table *t = *state;
	BUFFER_AUTO struct buffer frame = {0};
	struct notifier_send got;
	struct frame asked;
	uint32_t number = notify_send(t->ends.exchange, &webhook, 0, on_done, t);

	assert_int_not_equal(number, 0);
	exchange_test_receive(&t->ends, NOTIFIER_SEND, &asked);
	assert_true(notifier_send_decode(&asked, &got));
	assert_true(slice_equal(got.url, webhook.url) && asked.request == number);
	notifier_sent_encode(&frame, number,
	    &(struct notifier_sent){NOTIFIER_TRY_AGAIN, 503, 30, 12, SLICE("busy"), SLICE("no")});
	exchange_test_say(&t->ends, &frame);
	assert_true(
	    t->done == 1 && t->known && t->sent.status == 503 && t->sent.retry_after_s == 30);
	/* A second answer is nobody's. */
	exchange_test_say(&t->ends, &frame);
	assert_int_equal(t->done, 1);
}

static void test_not_known(void **state)
{
	struct table *t = *state;
	BUFFER_AUTO struct buffer mangled = {0};
	struct frame frame;
	uint32_t number = notify_send(t->ends.exchange, &webhook, 0, on_done, t), cancelled;

	/* An answer that cannot be read says nothing. */
	frame_begin(&mangled, NOTIFIER_SENT, number);
	buffer_put_u8(&mangled, 77);
	exchange_test_say(&t->ends, &mangled);
	assert_true(t->done == 1 && !t->known);
	exchange_test_receive(&t->ends, NOTIFIER_SEND, &frame);
	/* Late: the notifier is told that nobody waits. */
	number = notify_send(t->ends.exchange, &webhook, 0, on_done, t);
	exchange_test_receive(&t->ends, NOTIFIER_SEND, &frame);
	exchange_tick(t->ends.exchange, webhook.timeout_ms + NOTIFY_PATIENCE_MS);
	assert_true(t->done == 2 && !t->known);
	exchange_test_receive(&t->ends, NOTIFIER_CANCEL, &frame);
	assert_true(notifier_cancel_decode(&frame, &cancelled) && cancelled == number);
	/* Gone in the middle. */
	notify_send(t->ends.exchange, &webhook, 0, on_done, t);
	exchange_attach(t->ends.exchange, NULL);
	exchange_tick(t->ends.exchange, 0);
	assert_true(t->done == 3 && !t->known);
}

static void test_cancel(void **state)
{
	struct table *t = *state;
	uint32_t number = notify_send(t->ends.exchange, &webhook, 0, on_done, t), cancelled;
	struct frame frame;

	notify_cancel(t->ends.exchange, number);
	exchange_test_receive(&t->ends, NOTIFIER_SEND, &frame);
	exchange_test_receive(&t->ends, NOTIFIER_CANCEL, &frame);
	assert_true(notifier_cancel_decode(&frame, &cancelled) && cancelled == number);
	notify_cancel(t->ends.exchange, number); /* has ended: nothing */
	assert_int_equal(channel_receive(t->ends.far, &frame), CHANNEL_EMPTY);
	assert_int_equal(t->done, 0);
}

static void test_refused_before(void **state)
{
	struct table *t = *state;
	struct notifier_send bad = webhook;
	struct frame frame;

	bad.url = SLICE("file:///etc/passwd");
	assert_int_equal(notify_send(t->ends.exchange, &bad, 0, on_done, t), 0);
	exchange_tick(t->ends.exchange, 0);
	assert_int_equal(channel_receive(t->ends.far, &frame), CHANNEL_EMPTY);
	assert_int_equal(t->done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_sent, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(test_not_known, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(test_cancel, set_up, exchange_test_tear_down),
	    cmocka_unit_test_setup_teardown(test_refused_before, set_up, exchange_test_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
