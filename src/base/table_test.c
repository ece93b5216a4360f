/* The table against an array that is searched: random adding, removing and renumbering. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"

#define THINGS 500
#define NAMES 1500

struct things {
	char name[THINGS][8];
	uint32_t count;
	struct table table;
};

static struct slice name_of(const void *owner, uint32_t number)
{
	const struct things *things = owner;

	return slice_of(things->name[number]);
}

static uint32_t search(const struct things *things, const char *name)
{
	for (uint32_t i = 0; i < things->count; i++) {
		if (strcmp(things->name[i], name) == 0)
			return i;
	}
	return TABLE_NONE;
}

static void take_out(struct things *things, uint32_t number)
{
	uint32_t last = things->count - 1;

	table_remove(&things->table, things, number);
	if (number != last) {
		table_renumber(&things->table, things, last, number);
		memcpy(things->name[number], things->name[last], sizeof(things->name[last]));
	}
	things->count--;
}

static void check_all(const struct things *things)
{
	char name[8];

	assert_int_equal(things->table.used, things->count);
	for (unsigned n = 0; n < NAMES; n++) {
		snprintf(name, sizeof(name), "n%u", n);
		assert_int_equal(
		    table_find(&things->table, things, slice_of(name)), search(things, name));
	}
}

static void test_random(void **state)
{
	struct things things = {.count = 0};
	uint64_t random = 1;
	char name[8];

	(void)state;
	table_init(&things.table, name_of);
	check_all(&things);
	for (unsigned step = 0; step < 20000; step++) {
		uint32_t at;
		random = hash_u64(random + step);
		snprintf(name, sizeof(name), "n%u", (unsigned)(random % NAMES));
		at = search(&things, name);
		if (at != TABLE_NONE) {
			take_out(&things, at);
		} else if (things.count < THINGS) {
			memcpy(things.name[things.count], name, sizeof(name));
			table_add(&things.table, &things, things.count++);
		}
		if (step % 1000 == 0)
			check_all(&things);
	}
	check_all(&things);
	while (things.count > 0)
		take_out(&things, things.count / 2);
	check_all(&things);
	table_free(&things.table);
	assert_int_equal(table_find(&things.table, &things, SLICE("n1")), TABLE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
