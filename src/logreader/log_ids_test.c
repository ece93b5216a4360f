#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/hash.h"
#include "logreader/log_ids.h"
#include "logreader/log_lines.h"

static void test_set(void **state)
{
	struct log_ids ids = {0};

	(void)state;
	assert_false(log_ids_contains(&ids, 5));
	assert_false(log_ids_remove(&ids, 5));
	for (uint64_t i = 0; i < 10000; i++)
		assert_true(log_ids_add(&ids, hash_u64(i)));
	assert_false(log_ids_add(&ids, hash_u64(7)));
	for (uint64_t i = 0; i < 10000; i += 2)
		assert_true(log_ids_remove(&ids, hash_u64(i)));
	assert_int_equal(ids.count, 5000);
	for (uint64_t i = 0; i < 20000; i++)
		assert_int_equal(log_ids_contains(&ids, hash_u64(i)), i < 10000 && i % 2 == 1);
	log_ids_clear(&ids);
	assert_false(log_ids_contains(&ids, hash_u64(1)));
	/* Neighbours in one place, and the hash that marks a free slot. */
	for (uint64_t i = 0; i < 5; i++)
		log_ids_add(&ids, i << 32);
	assert_true(log_ids_contains(&ids, 0) && log_ids_contains(&ids, UINT64_C(4) << 32));
	assert_true(log_ids_remove(&ids, UINT64_C(1) << 32));
	assert_true(log_ids_contains(&ids, UINT64_C(4) << 32));
	log_ids_free(&ids);
}

static void test_filter(void **state)
{
	struct log_ids ids = {0};
	struct log_filter filter;
	unsigned alarms = 0;

	(void)state;
	log_filter_make(&filter, &ids);
	assert_false(log_filter_may_contain(&filter, 1));
	for (uint64_t i = 0; i < 1000; i++)
		log_ids_add(&ids, hash_u64(i));
	log_filter_make(&filter, &ids);
	for (uint64_t i = 0; i < 1000; i++)
		assert_true(log_filter_may_contain(&filter, hash_u64(i)));
	for (uint64_t i = 1000; i < 101000; i++)
		alarms += log_filter_may_contain(&filter, hash_u64(i));
	assert_true(alarms < 400);
	assert_true(log_filter_memory(&filter) <= 2008);
	log_filter_free(&filter);
	log_ids_free(&ids);
}

struct seen {
	unsigned count;
	size_t longest;
	uint64_t last_start, last_next;
};

static void see(void *context, struct slice line, uint64_t start, uint64_t next)
{
	struct seen *seen = context;

	seen->count++;
	if (line.len > seen->longest)
		seen->longest = line.len;
	seen->last_start = start;
	seen->last_next = next;
}

static void test_lines(void **state)
{
	static char much[LOG_LINE_MAX];
	struct log_lines lines = {0};
	struct seen seen = {0};

	(void)state;
	log_lines_feed(&lines, SLICE("a\n\nbc"), see, &seen);
	assert_int_equal(seen.count, 2);
	log_lines_feed(&lines, SLICE("d\n"), see, &seen);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.longest, 3);
	assert_int_equal(seen.last_start, 3);
	assert_int_equal(seen.last_next, 7);
	/* Exactly as long as may be, and one more. */
	memset(much, 'x', sizeof(much));
	log_lines_feed(&lines, slice_make(much, sizeof(much)), see, &seen);
	log_lines_feed(&lines, SLICE("\n"), see, &seen);
	assert_int_equal(seen.longest, LOG_LINE_MAX);
	log_lines_feed(&lines, slice_make(much, sizeof(much)), see, &seen);
	log_lines_feed(&lines, SLICE("y"), see, &seen);
	log_lines_feed(&lines, SLICE("z\nq"), see, &seen);
	assert_int_equal(seen.count, 4);
	assert_int_equal(lines.too_long, 1);
	log_lines_finish(&lines, see, &seen);
	assert_int_equal(seen.count, 5);
	assert_int_equal(seen.last_next, 7 + 2 * (LOG_LINE_MAX + 1) + 3);
	log_lines_free(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_filter),
	    cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
