#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/rate_table.h"

#define KEYS 5000

static struct slice key_of(char out[32], unsigned number)
{
	return slice_make(out, (size_t)snprintf(out, 32, "user%u@example.com", number));
}

/* A fixed sequence that favours small numbers, as mail favours few senders. */
static unsigned next_key(uint64_t *seed)
{
	uint64_t r = *seed = hash_u64(*seed + 1);

	return (unsigned)(r % (1 + (r >> 40) % KEYS));
}

static void count(struct rate_table *t, uint64_t counted[KEYS], unsigned events)
{
	uint64_t seed = 7;
	char text[32];

	for (unsigned i = 0; i < events; i++) {
		unsigned key = next_key(&seed);
		struct rate_counts one = {.n = {[RATE_DEFERRED] = 1 + i % 3}};

		rate_table_add(t, key_of(text, key), &one);
		counted[key] += 1 + i % 3;
	}
}

static void test_below_the_bound_all_is_exact(void **state)
{
	static uint64_t counted[KEYS];
	struct rate_table t;
	char text[32];

	(void)state;
	rate_table_init(&t, KEYS);
	count(&t, counted, 100000);
	for (unsigned key = 0; key < KEYS; key++) {
		const struct rate_entry *entry = rate_table_find(&t, key_of(text, key));

		assert_int_equal(entry == NULL ? 0 : entry->counts.n[RATE_DEFERRED], counted[key]);
		assert_true(entry == NULL || entry->error == 0);
	}
	assert_int_equal(rate_counts_sum(&t.other), 0);
	rate_table_clear(&t);
}

static void test_above_it_the_error_is_bounded(void **state)
{
	static uint64_t counted[KEYS];
	struct rate_table t;
	uint64_t all = 0, told = 0;
	char text[32];

	(void)state;
	rate_table_init(&t, 200);
	count(&t, counted, 100000);
	assert_int_equal(t.count, 200);
	for (unsigned key = 0; key < KEYS; key++)
		all += counted[key];
	for (unsigned key = 0; key < KEYS; key++) {
		const struct rate_entry *entry = rate_table_find(&t, key_of(text, key));

		/* Who has more than his share is told. */
		assert_true(entry != NULL || counted[key] <= all / t.max);
		if (entry == NULL)
			continue;
		assert_true(entry->counts.n[RATE_DEFERRED] <= counted[key]);
		assert_true(counted[key] - entry->counts.n[RATE_DEFERRED] <= entry->error);
		assert_true(entry->error <= all / t.max);
		told += entry->counts.n[RATE_DEFERRED];
	}
	assert_int_equal(told + rate_counts_sum(&t.other), all);
	rate_table_clear(&t);
}

static void test_the_largest(void **state)
{
	const struct rate_entry *largest[3];
	struct rate_table t;
	char text[32];

	(void)state;
	rate_table_init(&t, 100);
	for (uint32_t i = 0; i < 50; i++)
		rate_table_add(
		    &t, key_of(text, i), &(struct rate_counts){.n = {i % 10, i == 7 ? 1 : 0}});
	assert_int_equal(rate_table_largest(&t, RATE_RECEIVED, 3, largest), 3);
	assert_true(slice_is(rate_entry_key(largest[0]), "user19@example.com"));
	assert_true(slice_is(rate_entry_key(largest[2]), "user39@example.com"));
	assert_int_equal(rate_table_largest(&t, RATE_DELIVERED, 3, largest), 1);
	assert_int_equal(rate_table_largest(&t, RATE_EXPIRED, 3, largest), 0);
	rate_table_clear(&t);
}

static void test_long_keys_and_large_numbers(void **state)
{
	static char login[1024];
	struct rate_table t;
	struct rate_counts many = {.n = {UINT32_MAX - 1}};

	(void)state;
	memset(login, 'x', sizeof(login));
	rate_table_init(&t, 1);
	rate_table_add(&t, slice_make(login, sizeof(login)), &(struct rate_counts){.n = {5}});
	assert_int_equal(t.count, 0);
	assert_int_equal(t.other.n[RATE_RECEIVED], 5);
	rate_table_add(&t, slice_make(login, RATES_KEY_MAX), &many);
	rate_table_add(&t, slice_make(login, RATES_KEY_MAX), &many);
	assert_int_equal(
	    rate_table_find(&t, slice_make(login, RATES_KEY_MAX))->counts.n[0], UINT32_MAX);
	rate_table_add(&t, SLICE("a\0b"), &(struct rate_counts){.n = {3}});
	assert_int_equal(rate_table_find(&t, SLICE("a\0b"))->counts.n[0], 3);
	assert_null(rate_table_find(&t, SLICE("a")));
	rate_table_add(&t, SLICE(""), &(struct rate_counts){.n = {1}});
	assert_int_equal(rate_table_find(&t, SLICE(""))->counts.n[0], 1);
	assert_null(rate_table_find(&t, slice_make(login, RATES_KEY_MAX)));
	rate_table_clear(&t);
	assert_null(rate_table_find(&t, SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_below_the_bound_all_is_exact),
	    cmocka_unit_test(test_above_it_the_error_is_bounded),
	    cmocka_unit_test(test_the_largest),
	    cmocka_unit_test(test_long_keys_and_large_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
