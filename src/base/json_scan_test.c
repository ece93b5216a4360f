/* Values, mistakes and bounds of the scanner; its two users have tests and fuzz targets of their
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json_scan.h"

static void assert_slice(struct slice s, const char *expected)
{
	assert_int_equal(s.len, strlen(expected));
	assert_memory_equal(s.data, expected, s.len);
}

static void test_values(void **state)
{
	struct buffer text = {0};
	struct json_scan s = json_scan_begin(
	    SLICE(" {\"a\\u0041\": \"x\\n\\u20ac\\ud83d\\ude00\\ud83d!\", \"n\": -7 , \"w\":true}"),
	    &text);
	struct slice name, value;

	(void)state;
	json_scan_expect(&s, '{');
	name = json_scan_string(&s);
	json_scan_expect(&s, ':');
	value = json_scan_string(&s);
	assert_true(json_scan_take(&s, ','));
	assert_slice(json_scan_string(&s), "n");
	json_scan_expect(&s, ':');
	assert_true(json_scan_u64(&s) == (uint64_t)-7);
	json_scan_expect(&s, ',');
	assert_slice(json_scan_string(&s), "w");
	json_scan_expect(&s, ':');
	assert_false(json_scan_take_word(&s, "false"));
	assert_true(json_scan_take_word(&s, "true"));
	json_scan_expect(&s, '}');
	assert_false(s.failed);
	assert_int_equal(json_scan_next(&s), '\0');
	/* The first ones are still good: the text never moves. */
	assert_slice(name, "aA");
	assert_slice(value, "x\n\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd!");
	buffer_free(&text);
}

static bool skips(const char *in, const char *left)
{
	struct buffer text = {0};
	struct json_scan s = json_scan_begin(slice_of(in), &text);
	bool ok;

	json_scan_skip(&s);
	ok = !s.failed;
	if (ok)
		assert_slice(s.in, left);
	assert_int_equal(text.len, 0);
	buffer_free(&text);
	return ok;
}

static void test_skips_whole_values(void **state)
{
	(void)state;
	assert_true(skips("1,2", ",2"));
	assert_true(skips("-12.5e+3}", "}"));
	assert_true(skips("\"a\\\"b\"]", "]"));
	assert_true(skips("null", ""));
	assert_true(skips("[]x", "x"));
	assert_true(skips("{ }x", "x"));
	assert_true(skips("[1,{\"a\":[true,{\"b\":{}}],\"c\":[]},\"]\"],9", ",9"));
	assert_true(skips("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", ""));
	/* One level more than the bound. */
	assert_false(skips("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", ""));
	assert_false(skips("", ""));
	assert_false(skips("[1", ""));
	assert_false(skips("[1,]", ""));
	assert_false(skips("[,1]", ""));
	assert_false(skips("[1}", ""));
	assert_false(skips("{\"a\"}", ""));
	assert_false(skips("{\"a\":1,}", ""));
	assert_false(skips("{1:2}", ""));
	assert_false(skips("\"open", ""));
	assert_false(skips("nul", ""));
}

static void test_mistakes_stay(void **state)
{
	struct buffer text = {0};
	struct json_scan s = json_scan_begin(SLICE("\"a\\x\" 12"), &text);

	(void)state;
	assert_slice(json_scan_string(&s), "");
	assert_true(s.failed);
	assert_false(json_scan_take(&s, '1'));
	assert_slice(json_scan_number(&s), "");
	s = json_scan_begin(SLICE("1.5"), &text);
	json_scan_u64(&s);
	assert_true(s.failed);
	s = json_scan_begin(SLICE("\"\\u12"), &text);
	assert_slice(json_scan_string(&s), "");
	assert_true(s.failed);
	buffer_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_skips_whole_values),
	    cmocka_unit_test(test_mistakes_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
