#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "postfix/reply.h"

static void check_join(const char *reply, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};
	struct slice text = slice_of(reply);

	buffer_reserve(&out, text.len + 1);
	out.len = reply_join(out.data, text.len, text);
	assert_string_equal(buffer_string(&out), expected);
}

static void test_lines_are_joined(void **state)
{
	(void)state;
	check_join("450-4.2.1 receiving mail at 450-4.2.1 a rate. 450 4.2.1  https://a.example/",
	    "450 4.2.1 receiving mail at a rate. https://a.example/");
	check_join("554-mx (x1) not available 554-No SMTP service 554 bad PTR",
	    "554 mx (x1) not available No SMTP service bad PTR");
	/* An empty line, a break at once, a line of the code alone. */
	check_join(
	    "421-4.7.26 421-4.7.26 Results: 421-4.7.26 SPF 421 4.7.26", "421 4.7.26 Results: SPF");
	check_join("450-450 4.2.1 words 450", "450 4.2.1 words");
	check_join("450- words 450-", "450 words");
	/* The enhanced code of a later line. */
	check_join("452-full 452 4.2.2 see", "452 4.2.2 full see");
	/* A line end that Postfix made printable. */
	check_join("534-5.7.9 password required. Learn more at?534 5.7.9  https://a.example/",
	    "534 5.7.9 password required. Learn more at https://a.example/");
	check_join("550 5.7.1 550 User unknown", "550 5.7.1 User unknown");
	/* The first line says that it is the only one. */
	check_join("450 4.2.1 words 450-4.2.1 and more", "450 4.2.1 words and more");
}

static void test_words_stay(void **state)
{
	(void)state;
	check_join("451 4.7.1 Greylisted for 451 seconds", "451 4.7.1 Greylisted for 451 seconds");
	check_join("451-greylisted for 300 seconds 451 or 4.7.1 days",
	    "451 greylisted for 300 seconds or 4.7.1 days");
	check_join(
	    "451-see http://a.example/451-x?451-y 451 end", "451 see http://a.example/451-x y end");
	check_join("450", "450");
	check_join("450 4.2.1", "450 4.2.1");
	check_join("no code", "no code");
	check_join("", "");
	check_join("4501 x", "4501 x");
}

static void test_codes(void **state)
{
	(void)state;
	assert_int_equal(reply_code(SLICE("452 4.2.2 full")), 452);
	assert_true(slice_is(reply_status(SLICE("452 4.2.2 full")), "4.2.2"));
	assert_true(slice_is(reply_status(SLICE("452-full 452 4.2.2 see")), "4.2.2"));
	assert_int_equal(reply_status(SLICE("452 full 4.2.2")).len, 0);
	assert_int_equal(reply_status(SLICE("452 4.2.2x")).len, 0);
	assert_int_equal(reply_enhanced_code(SLICE("3.2.2")).len, 0);
	assert_false(reply_begins(SLICE("152 x")));
}

static void test_what_does_not_fit_is_left_out(void **state)
{
	char out[16];

	(void)state;
	for (size_t size = 0; size <= sizeof(out); size++) {
		size_t len = reply_join(out, size, SLICE("450-4.2.1 words and 450 4.2.1 words"));

		assert_true(len <= size);
		assert_memory_equal(out, "450 4.2.1 words and words", len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines_are_joined),
	    cmocka_unit_test(test_words_stay),
	    cmocka_unit_test(test_codes),
	    cmocka_unit_test(test_what_does_not_fit_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
