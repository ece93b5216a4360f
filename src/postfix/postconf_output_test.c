#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/duration.h"
#include "postfix/postconf_output.h"

static void test_lines(void **state)
{
	struct postconf_output_override o;
	struct slice name, value;

	(void)state;
	assert_true(postconf_output_parse(SLICE("queue_run_delay = 300s"), &name, &value));
	assert_true(slice_is(name, "queue_run_delay") && slice_is(value, "300s"));
	assert_true(postconf_output_parse(SLICE("relayhost ="), &name, &value) && value.len == 0);
	assert_true(
	    postconf_output_parse(SLICE("a = b = c"), &name, &value) && slice_is(value, "b = c"));
	assert_false(
	    postconf_output_parse(SLICE("postconf: warning: x: unknown parameter"), &name, &value));
	assert_false(postconf_output_parse(SLICE("    continued = x"), &name, &value));
	assert_false(postconf_output_parse(SLICE(""), &name, &value));
	assert_true(postconf_output_find(SLICE("a = 1\nab = 2\na = 3\n"), "a", &value) &&
		    slice_is(value, "3"));
	assert_false(postconf_output_find(SLICE("ab = 2\n"), "a", &value));
	assert_true(
	    postconf_output_parse_override(SLICE("qmgr/unix/minimal_backoff_time = 60s"), &o));
	assert_true(slice_is(o.service, "qmgr") && slice_is(o.type, "unix") &&
		    slice_is(o.name, "minimal_backoff_time"));
	assert_true(slice_is(o.value, "60s"));
	assert_false(postconf_output_parse_override(SLICE("minimal_backoff_time = 60s"), &o));
	assert_false(postconf_output_parse_override(SLICE("qmgr/unix = 60s"), &o));
}

static void test_times(void **state)
{
	int64_t s;
	char text[DURATION_TEXT_SIZE];

	(void)state;
	assert_true(postconf_output_time(SLICE("5"), 'd', &s) && s == 432000);
	assert_true(postconf_output_time(SLICE("5days"), 's', &s) && s == 432000);
	assert_true(postconf_output_time(SLICE("0h"), 's', &s) && s == 0);
	assert_false(postconf_output_time(SLICE("5x"), 's', &s));
	assert_false(postconf_output_time(SLICE("$minimal_backoff_time"), 's', &s));
	assert_false(postconf_output_time(SLICE("-5s"), 's', &s));
	assert_false(postconf_output_time(SLICE("2147483648s"), 's', &s));
	assert_false(postconf_output_time(SLICE(""), 's', &s));
	assert_true(postconf_output_strict_time(SLICE("90d"), &s) && s == 7776000);
	assert_false(postconf_output_strict_time(SLICE("90"), &s));
	assert_false(postconf_output_strict_time(SLICE("90 d"), &s));
	assert_false(postconf_output_strict_time(SLICE("5days"), &s));
	assert_false(postconf_output_strict_time(SLICE("1234567890s"), &s));
	assert_false(postconf_output_strict_time(SLICE("999999999w"), &s));
	assert_false(postconf_output_strict_time(SLICE("5d\n"), &s));
	duration_format(432000, text);
	assert_string_equal(text, "5d");
	duration_format(4000, text);
	assert_string_equal(text, "4000s");
	duration_format(1209600, text);
	assert_string_equal(text, "2w");
	duration_format(0, text);
	assert_string_equal(text, "0s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
