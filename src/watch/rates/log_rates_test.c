#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>

#include "store/series.h"
#include "store/store_test_place.h"
#include "watch/rates/log_rates.h"

#define DAY INT64_C(86400)
#define START (INT64_C(20000) * DAY)

struct world {
	struct store *store;
	struct log_rates *rates;
	uint64_t learned;
};

static void wait_for_store(struct world *w)
{
	while (store_pending(w->store) > 0) {
		struct pollfd answer = {.fd = store_fd(w->store), .events = POLLIN};

		assert_true(poll(&answer, 1, -1) >= 0);
		store_dispatch(w->store);
	}
}

static void learn(void *context, int64_t minute, enum rate_kind kind, struct slice key,
    const struct rate_counts *counts)
{
	struct world *w = context;

	assert_true(minute > 0 && (key.len > 0 || kind == RATE_TOTAL));
	w->learned += counts->n[RATE_RECEIVED];
}

static void open_world(struct world *w, const char *path)
{
	w->store = store_create(path);
	w->rates = log_rates_create(w->store);
	log_rates_set_learner(w->rates, learn, w);
}

/* In the order of the server. */
static void close_world(struct world *w)
{
	store_destroy(&w->store);
	log_rates_destroy(&w->rates);
	log_rates_destroy(&w->rates);
}

/* A minute as one frame. */
static void tell(struct world *w, int64_t minute, int64_t quiet, uint32_t received)
{
	struct log_rates_minute head = {.minute = minute,
	    .quiet = quiet,
	    .first = true,
	    .last = true,
	    .other[RATE_LOGIN] = {{1}}};
	struct rate_counts counts = {{received}};

	log_rates_begin(w->rates, &head, START + 2 * DAY);
	log_rates_put(w->rates, RATE_TOTAL, SLICE(""), &counts);
	log_rates_put(w->rates, RATE_LOGIN, SLICE("info"), &counts);
	log_rates_end(w->rates);
}

static enum db_result read(struct db *db, void *context, struct error *err)
{
	return series_read(db, context, err);
}

static void read_range(struct world *w, enum rate_kind kind, struct series_range *range)
{
	*range = (struct series_range){.kind = kind,
	    .what = SERIES_RECEIVED,
	    .from = START,
	    .to = START + 2 * DAY,
	    .max_points = 1000,
	    .limit = 8};
	wait_for_store(w);
	store_read(w->store, read, NULL, range);
	wait_for_store(w);
	assert_int_equal(range->step, 300);
	assert_true(range->line_count >= 1);
}

static void test_steps(void **state)
{
	struct place *p = *state;
	struct world w = {.learned = 0};
	struct series_range range;

	open_world(&w, p->path);
	for (int again = 0; again < 2; again++) {
		for (int i = 0; i < 12; i++)
			tell(&w, START + i * 60, START + i * 60, 10);
		read_range(&w, RATE_LOGIN, &range);
		assert_int_equal(range.lines[0].values[0], 50);
		assert_int_equal(range.other[0], 5);
		assert_int_equal(range.lines[0].values[1], 50);
		assert_int_equal(range.lines[0].values[2], SERIES_GAP); /* it is not over */
		series_free(&range);
	}
	/* A late line: the minute again, and its step. */
	tell(&w, START + 120, START + 120, 11);
	/* Hours of quiet, some of it longer ago than what is in memory. */
	tell(&w, START + 36000, START + 720, 7);
	tell(&w, START + 36240, START + 36060, 7);
	/* Too old by now: it says nothing of its step. */
	tell(&w, START + 180, START + 180, 99);
	read_range(&w, RATE_LOGIN, &range);
	assert_int_equal(range.lines[0].values[0], 51);
	assert_int_equal(range.lines[0].values[3], 0);
	assert_int_equal(range.lines[0].values[60], 0);
	assert_int_equal(range.lines[0].values[119], 0);
	assert_int_equal(range.lines[0].values[120], 14);
	assert_int_equal(range.lines[0].values[121], SERIES_GAP);
	assert_int_equal(range.lines[0].values[2], 20); /* the quiet began in it */
	series_free(&range);
	read_range(&w, RATE_TOTAL, &range);
	assert_string_equal(range.lines[0].key, "");
	assert_int_equal(range.lines[0].values[120], 14);
	series_free(&range);
	/* Told anew from long ago, with times of another zone. */
	for (int i = 0; i < 10; i++) {
		struct log_rates_minute head = {.minute = START + i * 60,
		    .quiet = START + i * 60,
		    .first = true,
		    .last = true,
		    .past = true};

		log_rates_begin(w.rates, &head, START + 2 * DAY);
		log_rates_put(w.rates, RATE_TOTAL, SLICE(""), &(struct rate_counts){{3}});
		log_rates_end(w.rates);
	}
	read_range(&w, RATE_TOTAL, &range);
	assert_int_equal(range.lines[0].values[0], 15);
	assert_int_equal(range.lines[0].values[1], 15);
	series_free(&range);
	assert_int_equal(w.learned, 30 + 2 * (2 * 120 + 11 + 7 + 7 + 99));
	close_world(&w);
}

static void test_what_is_asked(void **state)
{
	struct place *p = *state;
	struct world w = {.learned = 0};
	int64_t from = -1;

	open_world(&w, p->path);
	log_rates_restart(w.rates);
	assert_false(log_rates_ask(w.rates, START, &from)); /* the store has not answered */
	wait_for_store(&w);
	assert_true(log_rates_ask(w.rates, START, &from));
	assert_int_equal(from, 0); /* all that the log has */
	assert_false(log_rates_ask(w.rates, START, &from));
	for (int i = 0; i < 130; i++)
		tell(&w, START + i * 60, START + i * 60, 1);
	assert_true(log_rates_are_current(w.rates, START + 7800));
	assert_false(log_rates_are_current(w.rates, START + 9000));
	/* The log reader again: minutes that are known, none of them too old. */
	log_rates_restart(w.rates);
	assert_true(log_rates_ask(w.rates, START + 7800, &from));
	assert_int_equal(from, START + 4200);
	wait_for_store(&w);
	close_world(&w);
	/* The server again. */
	open_world(&w, p->path);
	log_rates_restart(w.rates);
	wait_for_store(&w);
	assert_true(log_rates_ask(w.rates, START + 100000, &from));
	assert_int_equal(from, START + 4200);
	close_world(&w);
}

static void test_clocks(void **state)
{
	struct place *p = *state;
	struct world w = {.learned = 0};
	struct log_rates_minute head = {
	    .minute = START + DAY, .quiet = START + DAY, .first = true, .last = true};

	open_world(&w, p->path);
	log_rates_begin(w.rates, &head, START); /* of a clock that is a day ahead */
	log_rates_put(w.rates, RATE_TOTAL, SLICE(""), &(struct rate_counts){{1}});
	log_rates_end(w.rates);
	assert_int_equal(rates_newest(log_rates_minutes(w.rates)), 0);
	tell(&w, START + DAY, START + DAY, 1);
	/* The clock was set back by that day. */
	head.minute = head.quiet = START;
	log_rates_begin(w.rates, &head, START);
	log_rates_end(w.rates);
	assert_int_equal(rates_newest(log_rates_minutes(w.rates)), START);
	close_world(&w);
}

/* Of a log reader that has been broken into: fifty years of quiet minutes would be gone through. */
static void test_impossible_minutes(void **state)
{
	static const struct {
		int64_t minute, quiet;
	} heads[] = {{START, 0}, {START, -60}, {START, INT64_MIN}, {START, START + 60},
	    {START, START - LOG_RATES_QUIET_MAX - 60}, {START + 1, START}, {START, START - 59},
	    {0, 0}, {-60, -120}, {INT64_MAX, 60}, {INT64_MIN, INT64_MIN}};
	struct place *p = *state;
	struct world w = {.learned = 0};

	open_world(&w, p->path);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		tell(&w, heads[i].minute, heads[i].quiet, 1);
	assert_int_equal(w.learned, 0);
	assert_int_equal(rates_newest(log_rates_minutes(w.rates)), 0);
	assert_false(log_rates_are_behind(w.rates));
	tell(&w, START, START - LOG_RATES_QUIET_MAX, 1);
	assert_int_equal(rates_newest(log_rates_minutes(w.rates)), START);
	wait_for_store(&w);
	close_world(&w);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_steps),
	    TEST(test_what_is_asked),
	    TEST(test_clocks),
	    TEST(test_impossible_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
