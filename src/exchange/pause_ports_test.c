/* The test plays the helper at the far end of the channel. */
#include "exchange/pause_ports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>

struct world {
	struct exchange *exchange;
	struct channel *near, *far;
	struct pause_wire *wire;
	const struct pause_ports *ports;
	unsigned answers, failures;
	char code[ERROR_CODE_MAX];
	uint32_t entries;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int ends[2];

	assert_true(channel_pair(ends, NULL));
	w->near = channel_create(ends[0]);
	w->far = channel_create(ends[1]);
	w->exchange = exchange_create();
	exchange_attach(w->exchange, w->near);
	w->wire = pause_wire_create(w->exchange);
	w->ports = pause_wire_ports(w->wire);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	pause_wire_destroy(&w->wire);
	exchange_destroy(&w->exchange);
	channel_destroy(&w->near);
	channel_destroy(&w->far);
	free(w);
	return 0;
}

static void answered(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	struct world *w = context;

	w->answers++;
	w->failures += err != NULL;
	if (err != NULL)
		snprintf(w->code, sizeof(w->code), "%s", err->code);
	else
		assert_true(count == 1 && slice_is(answers[0].found, "dst.example"));
}

static void ask(struct world *w)
{
	struct slice key = SLICE("a@dst.example");

	w->ports->query(w->ports->owner, PAUSE_QUERY_TRANSPORT, &key, 1, answered, w);
}

static void say(struct world *w, const struct buffer *b)
{
	struct frame frame;

	assert_true(channel_send(w->far, b, NULL, 0));
	assert_int_equal(channel_receive(w->near, &frame), CHANNEL_FRAME);
	exchange_frame(w->exchange, &frame);
	frame_close(&frame);
}

static void answer(struct world *w, uint32_t request)
{
	BUFFER_AUTO struct buffer b = {0};

	frame_begin(&b, HELPER_PAUSE_ANSWERS, request);
	pause_answer_put(
	    &b, &(struct pause_answer){SLICE("dst.example"), SLICE("smtp:"), false, false});
	say(w, &b);
}

/* However many ask: root runs a few commands at a time, and all are answered. */
static void asks_a_few_at_a_time(void **state)
{
	struct world *w = *state;
	struct frame frame;
	unsigned open = 0, most = 0;
	uint32_t numbers[PAUSE_AT_ONCE];

	for (int i = 0; i < 100; i++)
		ask(w);
	while (w->answers < 100) {
		while (channel_receive(w->far, &frame) == CHANNEL_FRAME) {
			assert_in_range(open, 0, PAUSE_AT_ONCE - 1);
			numbers[open++] = frame.request;
		}
		most = open > most ? open : most;
		answer(w, numbers[--open]);
	}
	assert_in_range(most, 2, PAUSE_AT_ONCE);
	assert_int_equal(w->failures, 0);
}

static void gives_the_reason_of_a_refusal(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer b = {0};
	struct frame frame;

	ask(w);
	assert_int_equal(channel_receive(w->far, &frame), CHANNEL_FRAME);
	helper_refused_encode(&b, frame.request, "postmap_failed", "it did not want to");
	say(w, &b);
	assert_string_equal(w->code, "postmap_failed");
}

static void says_so_when_the_helper_is_gone(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 20; i++)
		ask(w);
	exchange_attach(w->exchange, NULL);
	for (int i = 0; i < 20; i++)
		exchange_tick(w->exchange, 0);
	assert_int_equal(w->failures, 20);
	assert_string_equal(w->code, "helper_unavailable");
}

static void written(void *context, const struct pause_written *done, const struct error *err)
{
	struct world *w = context;

	assert_null(err);
	w->entries = done->entries;
	w->answers++;
}

/* In pieces that fit into frames, each going on where the one before ended. */
static void sends_a_large_table_in_pieces(void **state)
{
	struct world *w = *state;
	struct pause_entry *entries = calloc(PAUSE_ENTRIES_MAX, sizeof(*entries));
	BUFFER_AUTO struct buffer b = {0};
	struct pause_piece piece = {0};
	struct frame frame;
	uint32_t count = 0, request = 0;

	for (size_t i = 0; i < PAUSE_ENTRIES_MAX; i++)
		entries[i] = (struct pause_entry){7, i % 2 == 0, 0, SLICE("some-domain.example")};
	w->ports->table(
	    w->ports->owner, PAUSE_TABLE_TRANSPORT, entries, PAUSE_ENTRIES_MAX, written, w);
	while (!piece.last) {
		struct pause_entry entry;
		struct cursor c;

		channel_flush(w->near);
		assert_int_equal(channel_receive(w->far, &frame), CHANNEL_FRAME);
		assert_true(pause_piece_decode(&frame, &piece, &c));
		assert_int_equal(piece.at, count);
		while (pause_entry_get(&c, &entry)) {
			assert_int_equal(entry.subdomains, count % 2 == 0);
			count++;
		}
		assert_true(cursor_finished(&c));
		request = frame.request;
	}
	assert_int_equal(count, PAUSE_ENTRIES_MAX);
	pause_written_encode(&b, request, &(struct pause_written){count, false, true, SLICE("")});
	say(w, &b);
	assert_int_equal(w->entries, PAUSE_ENTRIES_MAX);
	free(entries);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(asks_a_few_at_a_time),
	    TEST(gives_the_reason_of_a_refusal),
	    TEST(says_so_when_the_helper_is_gone),
	    TEST(sends_a_large_table_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
