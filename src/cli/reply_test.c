/* What the service answers, and what something else in its place may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/reply.h"

static void test_success(void **state)
{
	struct error err = {"", ""};
	int64_t column = 7;
	json_t *reply =
	    reply_read("here", 200, SLICE("{\"a\":\"\\u0000b\",\"n\":1}"), &column, &err);

	assert_true(json_is_object(reply));
	assert_int_equal(json_string_length(json_object_get(reply, "a")), 2);
	assert_int_equal(column, 0);
	json_decref(reply);
	reply = reply_read("here", 201, SLICE("[]"), &column, &err);
	assert_true(json_is_array(reply));
	json_decref(reply);
	assert_true(json_is_null(reply_read("here", 204, SLICE(""), &column, &err)));
}

static void test_what_is_no_success(void **state)
{
	static const struct {
		long status;
		const char *text, *code, *said;
		int64_t column;
	} cases[] = {
	    {400, "{\"code\":\"invalid_filter\",\"detail\":\"no\",\"column\":3}", "invalid_filter",
		"no", 3},
	    {404, "{\"code\":\"job_not_found\",\"detail\":\"there is no such job\"}",
		"job_not_found", "there is no such job", 0},
	    {500, "{\"code\":7,\"detail\":\"x\"}", "bad_reply",
		"the service answered with HTTP status 500", 0},
	    {403, "{\"detail\":\"x\"}", "bad_reply", "the service answered with HTTP status 403",
		0},
	    {502, "<html>", "bad_reply", "here answered with HTTP status 502 and no JSON", 0},
	    {200, "", "bad_reply", "here answered with HTTP status 200 and no JSON", 0},
	    {200, "{\"a\":1,\"a\":2}", "bad_reply",
		"here answered with HTTP status 200 and no JSON", 0},
	    {200, "{} trailing", "bad_reply", "here answered with HTTP status 200 and no JSON", 0},
	    {301, "[]", "bad_reply", "the service answered with HTTP status 301", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = {"", ""};
		int64_t column = 7;

		assert_null(
		    reply_read("here", cases[i].status, slice_of(cases[i].text), &column, &err));
		assert_string_equal(err.code, cases[i].code);
		assert_string_equal(err.text, cases[i].said);
		assert_int_equal(column, cases[i].column);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_success),
	    cmocka_unit_test(test_what_is_no_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
