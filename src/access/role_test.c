#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/role.h"

/* The table once more, as a picture: a line for each role, a column for each right. */
static void test_table(void **state)
{
	static const char *const wanted[ACCESS_ROLES] = {
	    /* nobody public viewer content operator admin */
	    [ACCESS_ROLE_NONE] = "-p----",
	    [ACCESS_ROLE_VIEWER] = "-pv---",
	    [ACCESS_ROLE_OPERATOR] = "-pvco-",
	    [ACCESS_ROLE_ADMIN] = "-pvcoa",
	};

	(void)state;
	assert_int_equal(RIGHTS, 6);
	for (int role = 0; role < ACCESS_ROLES; role++)
		for (int right = 0; right < RIGHTS; right++)
			assert_int_equal(
			    access_role_has((enum access_role)role, (enum access_right)right),
			    wanted[role][right] != '-');
}

/* What a database that was damaged may hold: it opens nothing, and nothing is read beyond. */
static void test_other_numbers(void **state)
{
	static const int numbers[] = {-1, RIGHTS, 1000, INT32_MAX, INT32_MIN};

	(void)state;
	assert_false(access_role_has((enum access_role)ACCESS_ROLES, RIGHT_PUBLIC));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		for (int right = 0; right < RIGHTS; right++)
			assert_false(access_role_has(
			    (enum access_role)numbers[i], (enum access_right)right));
		assert_false(access_role_has(ACCESS_ROLE_ADMIN, (enum access_right)numbers[i]));
		assert_string_equal(access_role_name((enum access_role)numbers[i]), "none");
		assert_string_equal(access_right_name((enum access_right)numbers[i]), "nobody");
	}
}

static void test_words(void **state)
{
	static const char *const others[] = {"", "none", "root", "Admin", "admin ", "nobody"};
	enum access_role role = ACCESS_ROLE_NONE;

	(void)state;
	for (int r = ACCESS_ROLE_VIEWER; r < ACCESS_ROLES; r++) {
		assert_true(
		    access_role_parse(slice_of(access_role_name((enum access_role)r)), &role));
		assert_int_equal(role, r);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(access_role_parse(slice_of(others[i]), &role));
	assert_int_equal(role, ACCESS_ROLE_ADMIN); /* stays */
	assert_string_equal(access_right_name(RIGHT_CONTENT), "content");
	assert_string_equal(access_right_name(RIGHT_PUBLIC), "public");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
	    cmocka_unit_test(test_other_numbers), cmocka_unit_test(test_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
