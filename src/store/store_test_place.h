/* For tests of what stands in the database: each has one of its own, in a folder of its own. */
#ifndef STORE_STORE_TEST_PLACE_H
#define STORE_STORE_TEST_PLACE_H

#include "store/db.h"

struct place {
	char folder[64];
	char path[80];
	struct db *db;
};

/* For cmocka_unit_test_setup_teardown: *state becomes a struct place. */
int place_set_up(void **state);
int place_tear_down(void **state);

#endif
