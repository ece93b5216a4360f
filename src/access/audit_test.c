#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "access/audit.h"
#include "store/store.h"
#include "store/store_test_place.h"

static void finish(struct store *store)
{
	while (store_pending(store) > 0) {
		struct pollfd answer = {.fd = store_fd(store), .events = POLLIN};

		assert_true(poll(&answer, 1, -1) >= 0);
		store_dispatch(store);
	}
}

/* The last row, its texts with | between them. */
static void last_row(struct db *db, char out[1000])
{
	struct db_statement *s = db_statement(db,
	    "SELECT at || '|' || who || '|' || source || '|' || action || '|' || target || '|' || "
	    "detail FROM audit ORDER BY id DESC LIMIT 1",
	    NULL);

	assert_non_null(s);
	assert_int_equal(db_step(s, NULL), DB_OK);
	snprintf(out, 1000, "%.*s", SLICE_ARGS(db_text(s, 0)));
	db_reset(s);
}

static void test_whole_row(void **state)
{
	struct place *p = *state;
	struct store *store = store_create(p->path);
	char row[1000];

	audit_record(
	    store, &(struct audit_entry){7, SLICE("ann"), SLICE("127.0.0.1:5"), SLICE("POST"),
		       SLICE("/api/v1/jobs"), SLICE("201 job 1: delete of 2 messages")});
	finish(store);
	last_row(p->db, row);
	assert_string_equal(
	    row, "7|ann|127.0.0.1:5|POST|/api/v1/jobs|201 job 1: delete of 2 messages");
	store_destroy(&store);
}

/* Whoever sends a path of kilobytes gets a row, and it stays one of a few hundred bytes. */
static void test_long_texts_are_cut(void **state)
{
	struct place *p = *state;
	struct store *store = store_create(p->path);
	char text[5000], row[1000];
	struct slice all;

	memset(text, 'x', sizeof(text));
	all = slice_make(text, sizeof(text));
	audit_record(store, &(struct audit_entry){7, all, all, all, all, all});
	finish(store);
	last_row(p->db, row);
	assert_true(strlen(row) < 800 && strncmp(row, "7|xxx", 5) == 0);
	assert_string_equal(row + strlen(row) - 3, "xxx");
	store_destroy(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_whole_row, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_long_texts_are_cut, place_set_up, place_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
