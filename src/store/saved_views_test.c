#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/saved_views.h"
#include "store/store_test_place.h"

static struct saved_view view_named(const char *name, const char *address)
{
	return (struct saved_view){.name = memory_strdup(name),
	    .address = memory_strdup(address),
	    .scope = "",
	    .by = "anna",
	    .at = 5};
}

static void set(char **text, const char *to)
{
	free(*text);
	*text = memory_strdup(to);
}

static size_t count_of(struct place *p)
{
	struct saved_view list[SAVED_VIEWS_MAX] = {0};
	struct error err;
	size_t count;

	assert_int_equal(saved_views_list(p->db, "", list, &count, &err), DB_OK);
	for (size_t i = 0; i < count; i++)
		saved_view_clear(&list[i]);
	return count;
}

static void test_life(void **state)
{
	struct place *p = *state;
	struct saved_view night = view_named("night", "?filter=queue:hold"),
			  big = view_named("Big", "?sort=-size"), list[SAVED_VIEWS_MAX] = {0};
	struct error err;
	size_t count;

	assert_int_equal(saved_views_add(p->db, &night, &err), DB_OK);
	assert_int_equal(saved_views_add(p->db, &big, &err), DB_OK);
	assert_true(night.id > 0 && big.id > night.id);
	assert_int_equal(saved_views_list(p->db, "", list, &count, &err), DB_OK);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].name, "Big"); /* by name, without regard to case */
	assert_string_equal(list[1].address, "?filter=queue:hold");
	assert_string_equal(list[1].by, "anna");
	assert_int_equal(list[1].at, 5);
	saved_view_clear(&list[0]);
	saved_view_clear(&list[1]);

	set(&big.name, "night");
	assert_int_equal(saved_views_change(p->db, &big, &err), DB_CONFLICT);
	assert_string_equal(err.code, "name_taken");
	/* Its own name is no other's. */
	set(&night.address, "?filter=queue:active");
	assert_int_equal(saved_views_change(p->db, &night, &err), DB_OK);
	assert_int_equal(saved_views_delete(p->db, &night, &err), DB_OK);
	assert_int_equal(saved_views_delete(p->db, &night, &err), DB_NOT_FOUND);
	assert_int_equal(saved_views_change(p->db, &night, &err), DB_NOT_FOUND);
	assert_int_equal(count_of(p), 1);
	saved_view_clear(&night);
	saved_view_clear(&big);
}

static void test_full(void **state)
{
	struct place *p = *state;
	struct error err;
	char name[16];

	for (int i = 0; i < SAVED_VIEWS_MAX; i++) {
		struct saved_view view;

		snprintf(name, sizeof(name), "view %d", i);
		view = view_named(name, "?");
		assert_int_equal(saved_views_add(p->db, &view, &err), DB_OK);
		saved_view_clear(&view);
	}
	for (int more = 0; more < 2; more++) {
		struct saved_view view = view_named(more == 0 ? "one more" : "view 7", "?");

		assert_int_equal(saved_views_add(p->db, &view, &err), DB_CONFLICT);
		assert_string_equal(err.code, more == 0 ? "saved_views_full" : "name_taken");
		saved_view_clear(&view);
	}
	assert_int_equal(count_of(p), SAVED_VIEWS_MAX);
}

/* Whoever sees a part of the queue neither finds nor meets what others have saved. */
static void test_scopes(void **state)
{
	struct place *p = *state;
	struct saved_view all = view_named("night", "?filter=from:x"),
			  part = view_named("night", "?");
	struct saved_view list[SAVED_VIEWS_MAX] = {0};
	struct error err;
	size_t count;

	part.scope = "domain:=a.example";
	assert_int_equal(saved_views_add(p->db, &all, &err), DB_OK);
	assert_int_equal(saved_views_add(p->db, &part, &err), DB_OK);
	assert_int_equal(saved_views_list(p->db, part.scope, list, &count, &err), DB_OK);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].address, "?");
	saved_view_clear(&list[0]);
	assert_int_equal(count_of(p), 1);
	/* Under its number, too, there is none of another scope. */
	all.scope = part.scope;
	assert_int_equal(saved_views_change(p->db, &all, &err), DB_CONFLICT);
	set(&all.name, "day");
	assert_int_equal(saved_views_change(p->db, &all, &err), DB_NOT_FOUND);
	assert_int_equal(saved_views_delete(p->db, &all, &err), DB_NOT_FOUND);
	assert_int_equal(saved_views_delete(p->db, &part, &err), DB_OK);
	assert_int_equal(count_of(p), 1);
	saved_view_clear(&all);
	saved_view_clear(&part);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {TEST(test_life), TEST(test_full), TEST(test_scopes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
