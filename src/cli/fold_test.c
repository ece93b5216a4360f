/* Lines of texts that are folded. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/fold.h"
#include "cli/safe_text.h"

static void check(const char *text, size_t indent, size_t width, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};

	fold_append(&out, slice_of(text), indent, width);
	assert_string_equal(buffer_string(&out), expected);
}

static void folds_between_words(void **state)
{
	(void)state;
	check("one two three four five six", 0, 20, "one two three four\nfive six");
	check("one two three four five six", 2, 22, "one two three four\n  five six");
	check("one two", 0, 0, "one two");
	check("", 4, 40, "");
	/* An address stays whole, and so can be copied. */
	check("at an.address.that.is.long@shop.example now", 0, 20,
	    "at\nan.address.that.is.long@shop.example\nnow");
	/* Too narrow to fold. */
	check("one two three", 30, 40, "one two three");
}

static void counts_columns(void **state)
{
	static const char wide[] = "\xe6\x9c\xac\xe3\x81\xae \xe6\xb3\xa8\xe6\x96\x87 "
				   "\xe6\x9c\xac\xe3\x81\xae \xe6\xb3\xa8\xe6\x96\x87 "
				   "\xe6\x9c\xac\xe3\x81\xae";

	(void)state;
	for (size_t width = 20; width < 40; width++) {
		BUFFER_AUTO struct buffer out = {0};
		struct slice rest, line;

		fold_append(&out, slice_of(wide), 0, width);
		rest = buffer_slice(&out);
		while (slice_split(&rest, '\n', &line))
			assert_true(safe_text_width(line) <= width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(folds_between_words),
	    cmocka_unit_test(counts_columns),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
