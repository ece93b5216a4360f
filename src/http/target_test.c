/* Addresses taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/pages.h"
#include "http/target.h"

static void test_parts(void **state)
{
	struct target_parts parts = {0};
	const char *why;
	(void)state;

	assert_true(target_split(
	    SLICE("/api/v1/messages/A%40B?filter=a+b%26c&empty=&bare&&x=%C3%A9"), &parts, &why));
	assert_true(slice_is(parts.path, "/api/v1/messages/A%40B"));
	assert_int_equal(parts.segment_count, 4);
	assert_true(slice_is(parts.segments[2], "messages"));
	assert_true(slice_is(parts.segments[3], "A@B"));
	assert_int_equal(parts.query_count, 4);
	assert_true(slice_is(parts.query[0].value, "a b&c"));
	assert_true(slice_is(parts.query[1].name, "empty"));
	assert_int_equal(parts.query[1].value.len, 0);
	assert_true(slice_is(parts.query[2].name, "bare"));
	assert_int_equal(parts.query[2].value.len, 0);
	assert_true(slice_is(parts.query[3].value, "\xc3\xa9"));
	target_free(&parts);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"", "x", "*", "/%", "/%4", "/%4g", "/%00", "/?a=%00",
	    "/%ff", "/?a=%c3", "/1/2/3/4/5/6/7/8/9/10/11", "/a%2fb", "/a%2Fb", "/a%5cb",
	    "/%2e%2e/x", "/%2E", "/%61pi/v1/queue", "/api/v1/%51ueue", "/api/v1/messages/4%41",
	    "/%30", "/a%2d", "/a%5F", "/a%7e"};
	(void)state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct target_parts parts = {0};
		const char *why = NULL;
		assert_false(target_split(slice_of(bad[i]), &parts, &why));
		assert_non_null(why);
		target_free(&parts);
	}
}

static bool match(
    const char *target, const char *pattern, struct target_pair params[2], size_t *count)
{
	struct target_parts parts = {0};
	const char *why;
	bool matched;

	assert_true(target_split(slice_of(target), &parts, &why));
	matched = target_match(&parts, pattern, params, 2, count);
	target_free(&parts);
	return matched;
}

static void test_match(void **state)
{
	struct target_pair params[2];
	size_t count;
	(void)state;

	assert_true(match("/a/b", "/a/b", params, &count));
	assert_true(match("/a/x", "/a/{id}", params, &count));
	assert_int_equal(count, 1);
	assert_true(slice_is(params[0].name, "id"));
	assert_true(match("/a/x/p/2", "/a/{id}/p/{n}", params, &count));
	assert_int_equal(count, 2);
	assert_false(match("/a", "/a/{id}", params, &count));
	assert_false(match("/a/", "/a/{id}", params, &count));
	assert_false(match("/a/x/", "/a/{id}", params, &count));
	assert_false(match("/a/x/y", "/a/{id}", params, &count));
	assert_false(match("/A/x", "/a/{id}", params, &count));
}

static void test_encoding(void **state)
{
	(void)state;
	assert_string_equal(pages_choose_encoding(SLICE("gzip, deflate, br"), true, true), "br");
	assert_string_equal(pages_choose_encoding(SLICE("gzip, br;q=0"), true, true), "gzip");
	assert_string_equal(
	    pages_choose_encoding(SLICE("br;q=1.0, gzip;q=0.8, *;q=0.1"), true, true), "br");
	assert_string_equal(pages_choose_encoding(SLICE("br"), false, true), "");
	assert_string_equal(pages_choose_encoding(SLICE(""), true, true), "");
	assert_string_equal(pages_choose_encoding(SLICE("brotli"), true, true), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_encoding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
