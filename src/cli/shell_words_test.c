/* Command lines up to the cursor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/shell_words.h"

#define BREAKS " \t\n\"'><=;|&(:"

static void splits_lines(void **state)
{
	static const struct {
		const char *line, *words; /* joined by | */
		char quote;
		size_t offset;
	} cases[] = {
	    {"postroom", "postroom", 0, 0},
	    {"postroom ", "postroom|", 0, 0},
	    {"postroom  li", "postroom|li", 0, 0},
	    {"postroom list from:sh", "postroom|list|from:sh", 0, 5},
	    {"postroom list 'from:sh op", "postroom|list|from:sh op", '\'', 0},
	    {"postroom list from:'sh", "postroom|list|from:sh", '\'', 5},
	    {"postroom list \"age>2h fr", "postroom|list|age>2h fr", '"', 0},
	    {"postroom list age\\>2h fr", "postroom|list|age>2h|fr", 0, 0},
	    {"postroom list age\\>2", "postroom|list|age>2", 0, 0},
	    {"postroom list 'a b' c", "postroom|list|a b|c", 0, 0},
	    {"postroom list --sort=a", "postroom|list|--sort=a", 0, 7},
	    {"a \"b\\\"c\\d\"", "a|b\"c\\d", 0, 0},
	    {"a ''", "a|", 0, 0},
	    {"a b\\", "a|b\\", 0, 0},
	    {"", "", 0, 0},
	};
	struct shell_words *words = memory_zero(1, sizeof(*words));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		BUFFER_AUTO struct buffer joined = {0};

		assert_true(shell_words_split(slice_of(cases[i].line), BREAKS, words));
		for (size_t w = 0; w < words->count; w++)
			buffer_printf(&joined, "%s%s", w > 0 ? "|" : "", words->words[w]);
		assert_string_equal(buffer_string(&joined), cases[i].words);
		assert_int_equal(words->quote, cases[i].quote);
		assert_int_equal(words->offset, cases[i].offset);
		shell_words_free(words);
	}
	free(words);
}

static void has_limits(void **state)
{
	struct shell_words *words = memory_zero(1, sizeof(*words));
	BUFFER_AUTO struct buffer line = {0};

	(void)state;
	for (int i = 0; i < SHELL_WORDS_MAX; i++)
		buffer_append_string(&line, "a ");
	assert_false(shell_words_split(buffer_slice(&line), BREAKS, words));
	assert_int_equal(words->count, 0);
	buffer_clear(&line);
	buffer_reserve(&line, SHELL_LINE_MAX + 1);
	while (line.len <= SHELL_LINE_MAX)
		buffer_append_char(&line, 'a');
	assert_false(shell_words_split(buffer_slice(&line), BREAKS, words));
	free(words);
}

static void check_quoted(const char *text, char quote, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};

	shell_words_quote(&out, slice_of(text), quote);
	assert_string_equal(buffer_string(&out), expected);
}

static void quotes_words(void **state)
{
	(void)state;
	check_quoted("from:a@b.example", '\0', "from:a@b.example");
	check_quoted("age>2h", '\0', "age\\>2h");
	check_quoted("reason:\"a b\"", '\0', "reason:\\\"a\\ b\\\"");
	check_quoted("$(x)", '\0', "\\$\\(x\\)");
	check_quoted("it's \"x\" $y", '\'', "it'\\''s \"x\" $y");
	check_quoted("it's \"x\" $y", '"', "it's \\\"x\\\" \\$y");
	/* In double quotes bash replaces it by a line of the history, and a backslash would stay.
	 */
	check_quoted("a!b", '"', "a\"\\!\"b");
	check_quoted("a!b", '\'', "a!b");
	check_quoted("a!b", '\0', "a\\!b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(splits_lines),
	    cmocka_unit_test(has_limits),
	    cmocka_unit_test(quotes_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
