/* Refusals of people who are known: the first one by one, then sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "access/refusals.h"

struct told {
	size_t records;
	uint64_t times;
	char last[200];
};

static void tell(void *context, const struct audit_entry *entry)
{
	struct told *told = context;

	told->records++;
	told->times += entry->times;
	snprintf(told->last, sizeof(told->last), "%.*s %.*s %.*s %llu", SLICE_ARGS(entry->who),
	    SLICE_ARGS(entry->via), SLICE_ARGS(entry->object), (unsigned long long)entry->times);
}

static size_t refuse(struct refusals *r, const char *who, size_t count, int64_t now_ms)
{
	struct audit_entry entry = {.action = AUDIT_JOB,
	    .who = slice_of(who),
	    .via = SLICE("session"),
	    .object = SLICE("/api/v1/jobs")};
	size_t recorded = 0;

	for (size_t i = 0; i < count; i++)
		recorded += refusals_take(r, &entry, now_ms);
	return recorded;
}

static void test_the_first_one_by_one(void **state)
{
	struct refusals *r = refusals_create();
	struct told told = {0};

	assert_int_equal(refuse(r, "desk", REFUSALS_EACH, 1000), REFUSALS_EACH);
	refusals_write(r, 1000 + REFUSALS_MS, false, tell, &told);
	assert_int_equal(told.records, 0);
	/* Later as many again. */
	assert_int_equal(refuse(r, "desk", REFUSALS_EACH, 2 * REFUSALS_MS), REFUSALS_EACH);
	refusals_destroy(&r);
}

static void test_a_flood_is_one_record(void **state)
{
	struct refusals *r = refusals_create();
	struct told told = {0};

	assert_int_equal(refuse(r, "desk", 100000, 1000), REFUSALS_EACH);
	/* What others do is told all the same. */
	assert_int_equal(refuse(r, "anna", 3, 2000), 3);
	refusals_write(r, 999 + REFUSALS_MS, false, tell, &told);
	assert_int_equal(told.records, 0);
	refusals_write(r, 1000 + REFUSALS_MS, false, tell, &told);
	assert_int_equal(told.records, 1);
	assert_string_equal(told.last, "desk session /api/v1/jobs 99880");
	refusals_write(r, 2 * REFUSALS_MS, true, tell, &told);
	assert_int_equal(told.records, 1);
	refusals_destroy(&r);
}

/* Tokens can be made with many names. */
static void test_many_names(void **state)
{
	struct refusals *r = refusals_create();
	struct told told = {0};
	size_t recorded = 0;
	char who[20];

	for (int i = 0; i < 1000; i++) {
		snprintf(who, sizeof(who), "name%d", i);
		recorded += refuse(r, who, 1, 1000);
	}
	assert_int_equal(recorded, REFUSALS_PEOPLE);
	refusals_write(r, 1000, true, tell, &told);
	assert_int_equal(told.records, 1);
	assert_int_equal(told.times, 1000 - REFUSALS_PEOPLE);
	refusals_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_first_one_by_one),
	    cmocka_unit_test(test_a_flood_is_one_record), cmocka_unit_test(test_many_names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
