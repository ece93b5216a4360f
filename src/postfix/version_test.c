#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "postfix/version.h"

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		int version;
	} cases[] = {{"3.4.13", 304}, {"3.5.9", 305}, {"3.10.2", 310}, {"3.11-20251231", 311},
	    {"3.8", 308}, {"4.0", 400}, {"2.11.0", 211}, {"10.1", 1001}, {"3.10.2\n", 310}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(postfix_version(cases[i].text), cases[i].version);
}

static void test_unknown(void **state)
{
	static const char *const others[] = {"", "3", "3.", ".5", "postfix", " 3.5", "+3.5", "-3.5",
	    "3.-5", "3 .5", "3.123", "123.4", "3,5", "99999999999999999999.1",
	    "3.99999999999999999999"};

	(void)state;
	assert_int_equal(postfix_version(NULL), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(postfix_version(others[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_versions), cmocka_unit_test(test_unknown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
