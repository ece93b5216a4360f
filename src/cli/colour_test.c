/* When there are colours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/colour.h"

static void decides(void **state)
{
	static const struct {
		struct colour_environment environment;
		bool terminal, colours;
	} cases[] = {
	    {{.term = "xterm"}, true, true},
	    {{.term = "xterm"}, false, false},
	    {{.term = "dumb"}, true, false},
	    {{.term = ""}, true, false},
	    {{.term = NULL}, true, false},
	    {{.term = "xterm", .no_color = "1"}, true, false},
	    /* https://no-color.org: an empty one says nothing. */
	    {{.term = "xterm", .no_color = ""}, true, true},
	    {{.term = "xterm", .clicolor = "0"}, true, false},
	    {{.term = "xterm", .clicolor = "1"}, true, true},
	    {{.term = "xterm", .clicolor_force = "1"}, false, true},
	    {{.term = "dumb", .clicolor_force = "1"}, false, true},
	    {{.term = "xterm", .clicolor_force = "0"}, false, false},
	    {{.term = "xterm", .clicolor_force = ""}, false, false},
	    {{.term = "xterm", .clicolor_force = "1", .no_color = "1"}, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    colour_wanted(&cases[i].environment, cases[i].terminal), cases[i].colours);
}

static void knows_words(void **state)
{
	(void)state;
	assert_int_equal(colour_of_word("act"), MARK_BAD);
	assert_int_equal(colour_of_word("done"), MARK_GOOD);
	assert_int_equal(colour_of_word("deferred"), MARK_NONE);
	assert_int_equal(colour_of_word(NULL), MARK_NONE);
	assert_string_equal(colour_begin(MARK_NONE), "");
	assert_string_equal(colour_end(MARK_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decides),
	    cmocka_unit_test(knows_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
