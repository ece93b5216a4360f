/* Cookie and Authorization headers, as browsers, scripts and nobody send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/secret.h"

static void test_cookies(void **state)
{
	static const struct {
		const char *header, *value; /* NULL: there is none */
	} cases[] = {
	    {"postroom=abc", "abc"},
	    {"a=1; postroom=abc; b=2", "abc"},
	    {"a=1;postroom=abc ", "abc"},
	    {"postroom=", ""},
	    {"postroom=a=b==", "a=b=="},
	    {"postroom=first; postroom=second", "first"},
	    {"postroom", NULL},
	    {"", NULL},
	    {";;; ", NULL},
	    {"xpostroom=abc; postroom2=abc", NULL},
	    {"Postroom=abc", NULL},
	    {"a=\"; postroom=abc\"", "abc\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice value;
		bool found = secret_cookie(slice_of(cases[i].header), SLICE("postroom"), &value);

		assert_int_equal(found, cases[i].value != NULL);
		if (found && !slice_is(value, cases[i].value))
			fail_msg("%s: %.*s", cases[i].header, SLICE_ARGS(value));
	}
}

static void test_tokens(void **state)
{
	static const struct {
		const char *header, *token; /* NULL: there is none */
	} cases[] = {
	    {"Bearer abc", "abc"},
	    {"bearer   abc ", "abc"},
	    {"BEARER a b", "a b"},
	    {"Bearer ", ""},
	    {"Bearer", NULL},
	    {"", NULL},
	    {"Basic dXNlcjpwYXNz", NULL},
	    {" Bearer abc", NULL},
	    {"Bearer\tabc", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice token;
		bool found = secret_bearer(slice_of(cases[i].header), &token);

		assert_int_equal(found, cases[i].token != NULL);
		if (found && !slice_is(token, cases[i].token))
			fail_msg("%s: %.*s", cases[i].header, SLICE_ARGS(token));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cookies),
	    cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
