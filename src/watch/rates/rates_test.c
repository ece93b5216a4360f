#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/rates/rates.h"

#define START (INT64_C(1764500000) / 60 * 60)

static void put(struct rates *rates, int64_t minute, const char *login, uint32_t received)
{
	rates_put(rates, minute, RATE_LOGIN, slice_of(login),
	    &(struct rate_counts){.n = {[RATE_RECEIVED] = received}});
}

static uint32_t received(const struct rates *rates, const char *login, int64_t from, int64_t to)
{
	return rates_sum(rates, RATE_LOGIN, slice_of(login), from, to).n[RATE_RECEIVED];
}

static void test_a_minute_replaces(void **state)
{
	struct rates *rates = rates_create();

	(void)state;
	assert_int_equal(rates_newest(rates), 0);
	put(rates, START, "info", 5); /* never begun */
	assert_int_equal(received(rates, "info", 0, INT64_MAX), 0);
	for (int again = 0; again < 3; again++) {
		rates_begin(rates, START);
		put(rates, START, "info", 5);
	}
	rates_begin(rates, START + 60);
	put(rates, START + 60, "info", 7);
	assert_int_equal(received(rates, "info", START, START + 60), 5);
	assert_int_equal(received(rates, "info", START, START + 61), 12);
	assert_int_equal(received(rates, "info", START + 1, START + 120), 7);
	assert_int_equal(received(rates, "other", 0, INT64_MAX), 0);
	assert_int_equal(rates_newest(rates), START + 60);
	rates_free(rates);
}

static void test_an_hour_is_kept(void **state)
{
	struct rates *rates = rates_create();

	(void)state;
	for (int i = 0; i < 100; i++) {
		rates_begin(rates, START + i * 60);
		put(rates, START + i * 60, "info", 1);
	}
	assert_int_equal(received(rates, "info", 0, INT64_MAX), RATES_MINUTES);
	rates_begin(rates, START);
	put(rates, START, "info", 1); /* too old: it would stand in the place of a newer one */
	assert_int_equal(received(rates, "info", 0, INT64_MAX), RATES_MINUTES);
	/* A gap: what was before it is older than an hour. */
	rates_begin(rates, START + 1000 * 60);
	assert_int_equal(received(rates, "info", 0, INT64_MAX), 0);
	rates_free(rates);
}

static void test_a_clock_set_back(void **state)
{
	struct rates *rates = rates_create();

	(void)state;
	rates_begin(rates, START);
	put(rates, START, "info", 1);
	rates_begin(rates, START + 86400);
	rates_forget_after(rates, START + 60);
	assert_int_equal(rates_newest(rates), 0);
	rates_begin(rates, START + 60);
	put(rates, START + 60, "info", 2);
	assert_int_equal(received(rates, "info", 0, INT64_MAX), 2);
	rates_free(rates);
	rates_free(NULL);
}

struct seen {
	unsigned keys;
	uint32_t sum;
	struct slice last;
};

static void on_each(void *context, struct slice key, const struct rate_counts *counts)
{
	struct seen *seen = context;

	seen->keys++;
	seen->sum += counts->n[RATE_RECEIVED];
	seen->last = key;
}

static void test_each_key_once(void **state)
{
	struct rates *rates = rates_create();
	struct seen seen = {0};

	(void)state;
	for (int i = 0; i < 10; i++) {
		rates_begin(rates, START + i * 60);
		put(rates, START + i * 60, "info", 1);
		put(rates, START + i * 60, i % 2 ? "odd" : "even", 10);
	}
	rates_each(rates, RATE_LOGIN, START + 60, START + 600, on_each, &seen);
	assert_int_equal(seen.keys, 3);
	assert_int_equal(seen.sum, 99);
	assert_true(seen.last.len > 0 && received(rates, "info", START + 60, START + 600) == 9);
	seen = (struct seen){0};
	rates_each(rates, RATE_SENDER, 0, INT64_MAX, on_each, &seen);
	rates_each(rates, RATE_LOGIN, START, START, on_each, &seen);
	assert_int_equal(seen.keys, 0);
	rates_free(rates);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_minute_replaces),
	    cmocka_unit_test(test_an_hour_is_kept),
	    cmocka_unit_test(test_a_clock_set_back),
	    cmocka_unit_test(test_each_key_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
