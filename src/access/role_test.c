#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "access/caller.h"

static uint32_t rights(enum access_role role, uint32_t given, uint32_t taken, bool scoped)
{
	struct access_grant grant = {.role = role, .given = given, .taken = taken};

	if (scoped)
		access_grant_set_scope(&grant, SLICE("from:shop"));
	return access_rights(&grant);
}

/* As a picture: a letter for each right in their order, "-" where it is not there. */
static void assert_rights(uint32_t found, const char *picture)
{
	static const char letters[] = "npvcopsaA";
	char text[RIGHTS + 1] = "";

	assert_int_equal(RIGHTS, sizeof(letters) - 1);
	assert_int_equal(found >> RIGHTS, 0);
	for (int right = 0; right < RIGHTS; right++)
		text[right] = found & ACCESS_RIGHT_BIT(right) ? letters[right] : '-';
	assert_string_equal(text, picture);
}

/* The table once more: a line for each role; by itself, with all given, with all taken away, and
 * the last two with a scope. */
static void test_table(void **state)
{
	static const char *const wanted[ACCESS_ROLES][5] = {
	    [ACCESS_ROLE_NONE] = {"---------", "---------", "---------", "---------", "---------"},
	    [ACCESS_ROLE_VIEWER] = {"--v------", "--vc----A", "--v------", "--vc-----",
		"--v------"},
	    [ACCESS_ROLE_OPERATOR] = {"--vcop---", "--vcops-A", "--v-o----", "--vco----",
		"--v-o----"},
	    [ACCESS_ROLE_ADMIN] = {"--vcopsaA", "--vcopsaA", "--v-opsaA", "--vco----", "--v-o----"},
	};

	(void)state;
	for (int i = 0; i < ACCESS_ROLES; i++) {
		enum access_role role = (enum access_role)i;

		assert_rights(rights(role, 0, 0, false), wanted[i][0]);
		assert_rights(rights(role, UINT32_MAX, 0, false), wanted[i][1]);
		assert_rights(rights(role, 0, UINT32_MAX, false), wanted[i][2]);
		assert_rights(rights(role, UINT32_MAX, 0, true), wanted[i][3]);
		assert_rights(rights(role, 0, UINT32_MAX, true), wanted[i][4]);
	}
}

/* What is shown as given must be what one has. */
static void test_given_beside_a_scope(void **state)
{
	struct access_grant grant = {.role = ACCESS_ROLE_VIEWER, .given = UINT32_MAX};
	uint32_t given, taken;

	(void)state;
	access_grant_effective(&grant, &given, &taken);
	assert_int_equal(given, ACCESS_RIGHT_BIT(RIGHT_CONTENT) | ACCESS_RIGHT_BIT(RIGHT_AUDIT));
	grant.scoped = true;
	access_grant_effective(&grant, &given, &taken);
	assert_int_equal(given, ACCESS_RIGHT_BIT(RIGHT_CONTENT));
}

static void test_one_question(void **state)
{
	struct caller nobody = {.name = ""}, all = {.rights = UINT32_MAX};

	(void)state;
	assert_true(caller_may(&nobody, RIGHT_PUBLIC));
	for (int right = RIGHT_VIEWER; right < RIGHTS; right++) {
		struct caller one = {.rights = ACCESS_RIGHT_BIT(right)};

		for (int other = RIGHT_VIEWER; other < RIGHTS; other++)
			assert_int_equal(
			    caller_may(&one, (enum access_right)other), other == right);
		assert_false(caller_may(&nobody, (enum access_right)right));
	}
	/* An entry that forgot its right, and numbers that are none. */
	assert_false(caller_may(&all, RIGHT_NOBODY));
	assert_false(caller_may(&all, RIGHTS) || caller_may(&all, (enum access_right) - 1));
	assert_true(caller_covers(&all, 6) && caller_covers(&nobody, 0));
	assert_false(caller_covers(&(struct caller){.rights = 2}, 6));
}

/* What a database that was damaged may hold: it opens nothing, and nothing is read beyond. */
static void test_other_numbers(void **state)
{
	static const int numbers[] = {-1, ACCESS_ROLES, 1000, INT32_MAX, INT32_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_int_equal(rights((enum access_role)numbers[i], UINT32_MAX, 0, false), 0);
		assert_string_equal(access_role_name((enum access_role)numbers[i]), "none");
	}
	assert_string_equal(access_right_name((enum access_right) - 1), "nobody");
	assert_string_equal(access_right_name(RIGHTS), "nobody");
}

static void test_what_may_be_given(void **state)
{
	struct access_grant grant = {
	    .role = ACCESS_ROLE_VIEWER, .given = ACCESS_RIGHT_BIT(RIGHT_CONTENT)};
	struct error err;

	(void)state;
	assert_true(access_grant_check(&grant, &err));
	grant.given |= ACCESS_RIGHT_BIT(RIGHT_ACCOUNTS);
	assert_false(access_grant_check(&grant, &err));
	assert_string_equal(err.text, "the role viewer cannot be given the right accounts");
	grant = (struct access_grant){
	    .role = ACCESS_ROLE_ADMIN, .taken = ACCESS_RIGHT_BIT(RIGHT_OPERATOR)};
	assert_false(access_grant_check(&grant, &err));
	assert_string_equal(
	    err.text, "the right operator cannot be taken away from the role admin");
}

/* Too long, or with a NUL: never the part that would fit. */
static void test_scopes_from_outside(void **state)
{
	static char text[ACCESS_SCOPE_MAX + 1];
	static struct access_grant grant;

	(void)state;
	memset(text, 'x', sizeof(text));
	access_grant_set_scope(&grant, slice_make(text, ACCESS_SCOPE_MAX));
	assert_int_equal(strlen(grant.scope), ACCESS_SCOPE_MAX);
	access_grant_set_scope(&grant, slice_make(text, sizeof(text)));
	assert_string_equal(grant.scope, "(");
	access_grant_set_scope(&grant, SLICE("from:a\0 from:b"));
	assert_string_equal(grant.scope, "(");
	assert_true(grant.scoped);
}

/* What is offered is what the rights are made of. */
static void test_lines(void **state)
{
	size_t count;
	const struct access_role_line *lines = access_role_lines(&count);

	(void)state;
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++) {
		enum access_role role = ACCESS_ROLE_NONE;

		assert_true(access_role_parse(slice_of(lines[i].name), &role));
		assert_int_equal(lines[i].has, rights(role, 0, 0, false));
		assert_int_equal(
		    lines[i].has | lines[i].may_be_given, rights(role, UINT32_MAX, 0, false));
		assert_int_equal(
		    lines[i].has & ~lines[i].may_lose, rights(role, 0, UINT32_MAX, false));
		assert_int_equal(
		    lines[i].has & ~access_lost_to_a_scope(), rights(role, 0, 0, true));
	}
}

static void test_words(void **state)
{
	static const char *const others[] = {"", "none", "root", "Admin", "admin ", "nobody"};
	enum access_role role = ACCESS_ROLE_NONE;
	enum access_right right = RIGHT_NOBODY;

	(void)state;
	for (int r = ACCESS_ROLE_VIEWER; r < ACCESS_ROLES; r++) {
		assert_true(
		    access_role_parse(slice_of(access_role_name((enum access_role)r)), &role));
		assert_int_equal(role, r);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(access_role_parse(slice_of(others[i]), &role));
	assert_int_equal(role, ACCESS_ROLE_ADMIN); /* stays */
	for (int r = RIGHT_VIEWER; r < RIGHTS; r++) {
		assert_true(
		    access_right_parse(slice_of(access_right_name((enum access_right)r)), &right));
		assert_int_equal(right, r);
	}
	assert_false(access_right_parse(SLICE("public"), &right));
	assert_false(access_right_parse(SLICE("admin"), &right));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
	    cmocka_unit_test(test_one_question), cmocka_unit_test(test_other_numbers),
	    cmocka_unit_test(test_what_may_be_given), cmocka_unit_test(test_given_beside_a_scope),
	    cmocka_unit_test(test_scopes_from_outside), cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
