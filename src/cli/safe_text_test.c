#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/safe_text.h"

static void becomes(struct slice text, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};

	safe_text_append(&out, text);
	assert_string_equal(buffer_string(&out), expected);
}

static void leaves_text_alone(void **state)
{
	becomes(
	    SLICE("plain text, <angle@brackets.example>"), "plain text, <angle@brackets.example>");
	becomes(SLICE("Gr\xc3\xbc\xc3\x9f"
		      "e \xe6\x9c\xac"),
	    "Gr\xc3\xbc\xc3\x9f"
	    "e \xe6\x9c\xac");
	becomes(SLICE(""), "");
}

static void stops_what_a_terminal_obeys(void **state)
{
	becomes(SLICE("\x1b[2J\x1b]0;owned\x07"), "<U+001B>[2J<U+001B>]0;owned<U+0007>");
	becomes(SLICE("one\r\ntwo\tthree"), "one<U+000D><U+000A>two<U+0009>three");
	becomes(SLICE("\x7f"), "<U+007F>");
	/* C1, as UTF-8: some terminals take U+009B for ESC [ */
	becomes(SLICE("\xc2\x9b"
		      "2J"),
	    "<U+009B>2J");
	becomes(slice_make("a\0b", 3), "a<U+0000>b");
}

static void shows_what_hides_or_turns_text_round(void **state)
{
	becomes(SLICE("invoice\xe2\x80\xae"
		      "fdp.exe"),
	    "invoice<U+202E>fdp.exe");
	becomes(SLICE("a\xe2\x80\x8b"
		      "b\xef\xbb\xbf"),
	    "a<U+200B>b<U+FEFF>");
	becomes(SLICE("\xe2\x81\xa6x\xe2\x81\xa9"), "<U+2066>x<U+2069>");
}

static void replaces_what_is_not_utf8(void **state)
{
	becomes(SLICE("\xff\x80ok"), "\xef\xbf\xbd\xef\xbf\xbdok");
	becomes(SLICE("cut \xe2\x82"), "cut \xef\xbf\xbd\xef\xbf\xbd");
	/* An overlong ESC, and a surrogate. */
	becomes(SLICE("\xc0\x9b"), "\xef\xbf\xbd\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(leaves_text_alone),
	    cmocka_unit_test(stops_what_a_terminal_obeys),
	    cmocka_unit_test(shows_what_hides_or_turns_text_round),
	    cmocka_unit_test(replaces_what_is_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
