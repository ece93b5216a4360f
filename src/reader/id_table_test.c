#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "reader/id_table.h"

#define COUNT 20000

static struct slice id_of(char text[64], size_t i)
{
	/* Every seventh is one of those that are kept outside. */
	return slice_make(text,
	    (size_t)snprintf(text, 64, i % 7 == 0 ? "4jXJD647cH0000bz%012zX" : "%05zXAB80A3", i));
}

static void test_add_find_remove(void **state)
{
	struct id_table *seen = id_table_create();
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		id_table_add(seen, id_of(text, i))->signature = i;
	assert_int_equal(id_table_count(seen), COUNT);
	assert_int_equal(id_table_add(seen, id_of(text, 5))->signature, 5);
	assert_int_equal(id_table_count(seen), COUNT);
	for (size_t i = 0; i < COUNT; i += 3)
		id_table_remove(seen, id_table_find(seen, id_of(text, i)));
	for (size_t i = 0; i < COUNT; i++) {
		struct id_entry *e = id_table_find(seen, id_of(text, i));

		if (i % 3 == 0) {
			assert_null(e);
			continue;
		}
		assert_non_null(e);
		assert_int_equal(e->signature, i);
		assert_true(slice_equal(id_entry_id(e), id_of(text, i)));
	}
	id_table_clear(seen);
	assert_int_equal(id_table_count(seen), 0);
	assert_null(id_table_find(seen, id_of(text, 1)));
	id_table_destroy(&seen);
	id_table_destroy(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_add_find_remove)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
