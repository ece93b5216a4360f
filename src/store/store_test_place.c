#include "store/store_test_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int place_set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct db_health health;

	strcpy(p->folder, "/tmp/postroom-store-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/postroom.db", p->folder);
	p->db = db_open(p->path, &health, NULL);
	assert_non_null(p->db);
	*state = p;
	return 0;
}

int place_tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	db_close(&p->db);
	snprintf(command, sizeof(command), "rm -rf %s", p->folder);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}
