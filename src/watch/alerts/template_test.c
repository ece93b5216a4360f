#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "watch/alerts/template.h"

static void refused(const char *text, size_t column)
{
	struct alerts_template_fault fault = {0};

	assert_false(alerts_template_check(slice_of(text), &fault));
	assert_int_equal(fault.column, column);
	assert_true(fault.text[0] != '\0');
}

static void test_check(void **state)
{
	struct alerts_template_fault fault;

	(void)state;
	assert_true(alerts_template_check(SLICE(""), &fault));
	assert_true(alerts_template_check(SLICE("a { b } c }} {{ title }}{{why}}"), &fault));
	refused("{{titel}}", 1);
	refused("Grüße: {{titel}}", 8);
	refused("{{title}} {{", 11);
	refused("{{}}", 1);
	refused("{{title}", 1);
	refused("{{{title}}}", 1);
}

static void test_render(void **state)
{
	BUFFER_AUTO struct buffer out = {0};
	struct slice values[ALERTS_FIELDS] = {0};

	(void)state;
	values[ALERTS_FIELD_TITLE] = SLICE("<!channel> *a* & \"b\"\nFrom: x");
	values[ALERTS_FIELD_LINK] = SLICE("https://x.example/?id=1&a=b_c");
	alerts_template_render(&out, SLICE("{{title}} {{ why }}"), values, ALERTS_ESCAPE_SLACK);
	assert_string_equal(buffer_string(&out), "&lt;!channel&gt; *a* &amp; \"b\" From: x ");
	buffer_clear(&out);
	alerts_template_render(&out, SLICE("{{title}} {{link}}"), values, ALERTS_ESCAPE_MARKDOWN);
	assert_string_equal(buffer_string(&out),
	    "\\<!channel\\> \\*a\\* & \"b\" From: x https://x.example/?id=1&a=b_c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check), cmocka_unit_test(test_render)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
