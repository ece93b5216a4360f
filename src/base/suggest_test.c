#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/suggest.h"

static const char names[] = "list show groups retry hold release requeue delete bounce --dry-run";

static void finds_what_was_meant(void **state)
{
	static const char *const cases[][2] = {
	    {"lst", "list"},
	    {"lsit", "list"},
	    {"delte", "delete"},
	    {"DELETE", "delete"},
	    {"reqeue", "requeue"},
	    {"rel", "release"},
	    {"realease", "release"},
	    {"--dry_run", "--dry-run"},
	    {"--dryrun", "--dry-run"},
	    {"gruops", "groups"},
	};
	char best[20];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(suggest_among(slice_of(cases[i][0]), names, best, sizeof(best)));
		assert_string_equal(best, cases[i][1]);
	}
}

static void says_nothing_rather_than_something_else(void **state)
{
	static const char *const cases[] = {"", "x", "q", "nonsense", "hi", "everything", "re",
	    "a-word-that-is-longer-than-any-name-that-there-is-here"};
	char best[20];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(suggest_among(slice_of(cases[i]), names, best, sizeof(best)));
}

static void takes_the_nearest_of_several(void **state)
{
	struct suggest suggest = suggest_begin(SLICE("fron"));

	suggest_offer(&suggest, "front");
	suggest_offer(&suggest, "from");
	assert_string_equal(suggest.best, "front"); /* what it begins */
	suggest = suggest_begin(SLICE("form"));
	suggest_offer(&suggest, "to");
	assert_null(suggest.best);
	suggest_offer(&suggest, "from");
	assert_string_equal(suggest.best, "from");
}

static void names_all_there_are(void **state)
{
	static const char *const three[] = {NULL, "viewer", "operator", NULL, "admin"};
	char text[40], small[12];

	suggest_all(three, 5, text, sizeof(text));
	assert_string_equal(text, "viewer, operator or admin");
	suggest_all(three, 2, text, sizeof(text));
	assert_string_equal(text, "viewer");
	suggest_all(three, 1, text, sizeof(text));
	assert_string_equal(text, "");
	suggest_all(three, 5, small, sizeof(small));
	assert_string_equal(small, "viewer, ope");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_what_was_meant),
	    cmocka_unit_test(says_nothing_rather_than_something_else),
	    cmocka_unit_test(takes_the_nearest_of_several),
	    cmocka_unit_test(names_all_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
