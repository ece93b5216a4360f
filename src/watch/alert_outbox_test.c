/* The outbox on a real store, with a notifier that the test plays and a clock that it moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/clock_test_moved.h"
#include "base/memory.h"
#include "store/store_test_place.h"
#include "watch/alert_outbox.h"

#define DAY INT64_C(86400)

struct world {
	void *place;
	struct store *store;
	struct exchange *notifier;
	struct channel *near, *far;
	struct notices *notices;
	struct alert_outbox *outbox;
	struct alert_setup setup;
	struct alert_channel channel;
	enum notifier_result answer;
	uint32_t retry_after;
	struct buffer taken;  /* keys of what was taken, in order: "k1 k2 " */
	struct buffer tokens; /* of each try */
	int tries;
	bool answers;
};

static char empty[] = "";

static const struct alert_setup *setup_of(void *context)
{
	const struct world *w = context;

	return &w->setup;
}

static void place_of(void *context, struct alerts_place *out)
{
	(void)context;
	*out = (struct alerts_place){SLICE(""), SLICE("mail.example")};
}

static void counted(void *context, const char *result)
{
	(void)context;
	assert_true(strcmp(result, "sent") == 0 || strcmp(result, "failed") == 0 ||
		    strcmp(result, "given_up") == 0);
}

static void changed(void *context)
{
	(void)context;
}

static void open_outbox(struct world *w)
{
	w->outbox = alert_outbox_create(w->store, w->notifier, w->notices,
	    &(struct alert_outbox_events){w, setup_of, place_of, changed, counted});
}

static int set_up(void **state)
{
	struct world *w = memory_zero(1, sizeof(*w));
	int fds[2];

	assert_int_equal(place_set_up(&w->place), 0);
	w->store = store_create(((struct place *)w->place)->path);
	assert_true(channel_pair(fds, NULL));
	w->near = channel_create(fds[0]);
	w->far = channel_create(fds[1]);
	w->notifier = exchange_create();
	exchange_attach(w->notifier, w->near);
	w->notices = notices_create();
	w->channel = (struct alert_channel){.id = "ops",
	    .name = empty,
	    .kind = ALERT_WEBHOOK,
	    .enabled = true,
	    .url = memory_strdup("https://hook.example/x"),
	    .hmac = empty,
	    .template = empty,
	    .command = empty,
	    .relay = empty,
	    .from = empty,
	    .user = empty,
	    .password = empty};
	w->setup = (struct alert_setup){.channels = &w->channel, .channel_count = 1};
	w->answers = true;
	open_outbox(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	alert_outbox_stop(w->outbox);
	store_destroy(&w->store);
	alert_outbox_destroy(&w->outbox);
	exchange_destroy(&w->notifier);
	channel_destroy(&w->near);
	channel_destroy(&w->far);
	notices_destroy(&w->notices);
	free(w->channel.url);
	buffer_free(&w->taken);
	buffer_free(&w->tokens);
	assert_int_equal(place_tear_down(&w->place), 0);
	free(w);
	return 0;
}

/* ---- The notifier ---- */

/* The value of a header. */
static struct slice header_of(struct slice headers, const char *name)
{
	struct slice line, key;

	while (slice_split(&headers, '\n', &line))
		if (slice_split(&line, ':', &key) && slice_is(key, name))
			return slice_trim(line);
	return SLICE("");
}

/* Of the body: "groupKey":"ops/r/k1" */
static void note_taken(struct world *w, struct slice body)
{
	ptrdiff_t at = slice_find(body, SLICE("\"groupKey\":\""));
	struct slice key = slice_from(body, (size_t)at + strlen("\"groupKey\":\""));

	assert_true(at >= 0);
	buffer_append_slice(&w->taken, slice_first(key, (size_t)slice_find_char(key, '"')));
	buffer_append_char(&w->taken, ' ');
}

static void serve(struct world *w)
{
	struct frame frame;

	while (channel_receive(w->far, &frame) == CHANNEL_FRAME) {
		BUFFER_AUTO struct buffer reply = {0};
		struct notifier_send send;

		if (!notifier_send_decode(&frame, &send)) {
			frame_close(&frame);
			continue;
		}
		w->tries++;
		buffer_append_slice(&w->tokens, header_of(send.headers, "Idempotency-Key"));
		buffer_append_char(&w->tokens, ' ');
		if (w->answers && w->answer == NOTIFIER_DONE)
			note_taken(w, send.body);
		notifier_sent_encode(&reply, frame.request,
		    &(struct notifier_sent){.result = w->answer,
			.status = 200,
			.retry_after_s = w->retry_after,
			.text = SLICE("said")});
		if (w->answers)
			assert_true(channel_send(w->far, &reply, NULL, 0));
		frame_close(&frame);
	}
}

/* One turn of the loop, until nothing moves any more. */
static void settle(struct world *w)
{
	struct frame frame;

	alert_outbox_tick(w->outbox, clock_now());
	for (int i = 0; i < 4; i++) {
		while (store_pending(w->store) > 0) {
			struct pollfd poll_fd = {.fd = store_fd(w->store), .events = POLLIN};

			assert_true(poll(&poll_fd, 1, 60000) > 0);
			store_dispatch(w->store);
		}
		serve(w);
		while (channel_receive(w->near, &frame) == CHANNEL_FRAME) {
			(void)exchange_frame(w->notifier, &frame);
			frame_close(&frame);
		}
		exchange_tick(w->notifier, clock_monotonic_ms());
	}
}

static void pass(struct world *w, int64_t seconds)
{
	for (int64_t i = 0; i < seconds; i++) {
		int64_t due = alert_outbox_deadline(w->outbox);

		clock_pass(1000);
		if (due != 0 && due <= clock_now())
			settle(w);
	}
	settle(w);
}

/* ---- Rows ---- */

static enum db_result write_row(struct db *db, void *context, struct error *err)
{
	return alert_rows_add(db, context, err);
}

static struct alert_row make_row(const char *key)
{
	struct alerts_message m = {.channel = "ops", .rule = "r", .at = clock_now()};
	struct alerts_item item = {.id = 1,
	    .title = memory_strdup("t"),
	    .why = memory_strdup("w"),
	    .todo = memory_strdup("d"),
	    .key = memory_strdup(""),
	    .cause = memory_strdup(""),
	    .filter = memory_strdup("")};
	struct alert_row row;

	m.key = memory_strdup(key);
	alerts_message_add(&m, &item);
	alerts_message_to_row(&m, &row);
	alerts_message_clear(&m);
	return row;
}

static void add(struct world *w, const char *key)
{
	struct alert_row row = make_row(key);

	store_write(w->store, write_row, NULL, &row);
	settle(w);
	assert_true(row.id > 0);
	alert_outbox_add(w->outbox, &row);
}

struct reading {
	struct alert_rows rows;
};

static enum db_result read_all(struct db *db, void *context, struct error *err)
{
	struct reading *reading = context;

	return alert_rows_list(db,
	    &(struct alert_rows_query){.limit = 50, .state = -1, .tried = -1}, &reading->rows, err);
}

static void expect_states(struct world *w, enum alert_state newest, enum alert_state oldest)
{
	struct reading reading = {{0}};

	store_read(w->store, read_all, NULL, &reading);
	settle(w);
	assert_true(reading.rows.count > 0);
	assert_int_equal(reading.rows.items[0].state, newest);
	assert_int_equal(reading.rows.items[reading.rows.count - 1].state, oldest);
	alert_rows_free(&reading.rows);
}

/* ---- */

static void test_sent(void **state)
{
	struct world *w = *state;

	add(w, "k1");
	add(w, "k2");
	settle(w);
	settle(w);
	assert_string_equal(buffer_string(&w->taken), "k1 k2 ");
	expect_states(w, ALERT_SENT, ALERT_SENT);
	assert_int_equal(alert_outbox_deadline(w->outbox), 0);
}

/* The number of the issue: none lost, none twice, and in their order. */
static void test_dead_for_an_hour(void **state)
{
	struct world *w = *state;

	w->answer = NOTIFIER_TRY_AGAIN;
	add(w, "fired");
	add(w, "resolved");
	add(w, "other");
	pass(w, 3600);
	assert_in_range(w->tries, 10, 25);
	assert_true(alert_outbox_failing_since(w->outbox, "ops") > 0);
	assert_true(notices_version(w->notices) > 0);
	w->answer = NOTIFIER_DONE;
	pass(w, 400);
	assert_string_equal(buffer_string(&w->taken), "fired resolved other ");
	assert_int_equal(alert_outbox_failing_since(w->outbox, "ops"), 0);
	expect_states(w, ALERT_SENT, ALERT_SENT);
}

static void test_retry_after(void **state)
{
	struct world *w = *state;

	w->answer = NOTIFIER_TRY_AGAIN;
	w->retry_after = 1000;
	add(w, "k1");
	settle(w);
	pass(w, 990);
	assert_int_equal(w->tries, 1);
	pass(w, 20);
	assert_int_equal(w->tries, 2);
}

/* One that is refused again and again does not keep back what comes behind it. */
static void test_refused(void **state)
{
	struct world *w = *state;

	w->answer = NOTIFIER_REFUSED;
	add(w, "k1");
	pass(w, 1500);
	assert_int_equal(w->tries, ALERT_OUTBOX_REFUSALS_MAX);
	expect_states(w, ALERT_GIVEN_UP, ALERT_GIVEN_UP);
	w->answer = NOTIFIER_DONE;
	add(w, "k2");
	pass(w, 1);
	assert_string_equal(buffer_string(&w->taken), "k2 ");
}

static void test_given_up(void **state)
{
	struct world *w = *state;

	w->answer = NOTIFIER_TRY_AGAIN;
	w->retry_after = 80000;
	add(w, "k1");
	settle(w);
	clock_pass((3 * DAY + 10) * 1000);
	settle(w);
	expect_states(w, ALERT_GIVEN_UP, ALERT_GIVEN_UP);
}

static enum db_result read_open(struct db *db, void *context, struct error *err)
{
	return alert_rows_open(db, 10, context, err);
}

/* Killed while it was under way: it is sent again, with the same token. */
static void test_killed(void **state)
{
	struct world *w = *state;
	struct alert_rows rows;
	struct slice both, first;

	w->answers = false;
	add(w, "k1");
	settle(w);
	assert_int_equal(w->tries, 1);
	expect_states(w, ALERT_SENDING, ALERT_SENDING);
	alert_outbox_stop(w->outbox);
	alert_outbox_destroy(&w->outbox);
	open_outbox(w);
	store_read(w->store, read_open, NULL, &rows);
	settle(w);
	alert_outbox_add(w->outbox, &rows.items[0]);
	alert_rows_free(&rows);
	w->answers = true;
	pass(w, 1);
	assert_string_equal(buffer_string(&w->taken), "k1 ");
	both = buffer_slice(&w->tokens);
	assert_true(slice_split(&both, ' ', &first));
	assert_int_equal(first.len, 32);
	assert_true(slice_equal(first, slice_first(both, 32)));
}

/* A notifier that dies while it sends: not known, so again. One that is not there is waited for. */
static void test_notifier_gone(void **state)
{
	struct world *w = *state;

	w->answers = false;
	add(w, "k1");
	settle(w);
	exchange_attach(w->notifier, NULL);
	settle(w);
	pass(w, 60);
	assert_int_equal(w->tries, 1);
	w->answers = true;
	exchange_attach(w->notifier, w->near);
	pass(w, 10);
	assert_string_equal(buffer_string(&w->taken), "k1 ");
}

static void test_full_and_removed(void **state)
{
	struct world *w = *state;

	w->answer = NOTIFIER_TRY_AGAIN;
	for (int i = 0; i < ALERT_OUTBOX_WAITING_MAX; i++) {
		struct alert_row row = make_row("k");

		assert_false(alert_outbox_is_full(w->outbox, "ops"));
		/* While the store is away they have no number, and are sent all the same. */
		alert_outbox_add(w->outbox, &row);
	}
	assert_true(alert_outbox_is_full(w->outbox, "ops"));
	settle(w);
	assert_int_equal(w->tries, 1);
	w->setup.channel_count = 0;
	settle(w);
	assert_false(alert_outbox_is_full(w->outbox, "ops"));
	assert_int_equal(alert_outbox_failing(w->outbox), 1);
	alert_outbox_channels_changed(w->outbox);
	assert_int_equal(alert_outbox_failing(w->outbox), 0);
}

static void test_clock_set_back(void **state)
{
	struct world *w = *state;

	w->answer = NOTIFIER_TRY_AGAIN;
	add(w, "k1");
	settle(w);
	assert_int_equal(w->tries, 1);
	/* The wall clock alone. */
	clock_pass(-30 * DAY * 1000);
	clock_move(30 * DAY * 1000);
	settle(w);
	settle(w);
	assert_int_equal(w->tries, 2);
	clock_pass(30 * DAY * 1000);
	clock_move(-30 * DAY * 1000);
}

/* What the notifier would not even look at, while the store is away: given up, and gone. */
static void test_never_asked(void **state)
{
	struct world *w = *state;
	struct alert_row row = make_row("k1");

	free(w->channel.url);
	w->channel.url = memory_strdup("ftp://hook.example/");
	alert_outbox_add(w->outbox, &row);
	pass(w, 1500);
	assert_int_equal(w->tries, 0);
	assert_int_equal(alert_outbox_deadline(w->outbox), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_dead_for_an_hour, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_retry_after, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_given_up, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_notifier_gone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_clock_set_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_never_asked, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_full_and_removed, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
