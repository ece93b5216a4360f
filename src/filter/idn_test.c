/* Both forms of a domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter/idn.h"

typedef bool form_function(struct buffer *out, struct slice text);

static void expect(form_function *form, const char *text, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};
	bool changed = form(&out, slice_of(text));

	assert_int_equal(changed, expected != NULL);
	assert_string_equal(buffer_string(&out), expected ? expected : "");
}

static void test_ascii(void **state)
{
	(void)state;
	expect(idn_ascii, "m\xc3\xbcller.example", "xn--mller-kva.example");
	expect(idn_ascii, "M\xc3\x9cLLER.example", "xn--mller-kva.example");
	expect(idn_ascii, "mu\xcc\x88ller.example", "xn--mller-kva.example"); /* not composed */
	expect(idn_ascii, "info@m\xc3\xbcller.example", "info@xn--mller-kva.example");
	expect(idn_ascii, "j\xc3\xbcrgen@m\xc3\xbcller.example",
	    "j\xc3\xbcrgen@xn--mller-kva.example");
	expect(idn_ascii, "*@*.m\xc3\xbcller.example", "*@*.xn--mller-kva.example");
	expect(idn_ascii,
	    "stra\xc3\x9f"
	    "e.example",
	    "xn--strae-oqa.example");
	expect(idn_ascii, "\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
	    "xn--r8jz45g.xn--zckzah");
	expect(idn_ascii, "example.com", NULL);
	expect(idn_ascii, "", NULL);
	expect(idn_ascii, "j\xc3\xbcrgen@shop.example", NULL);
	expect(idn_ascii, "m\xc3\xbc*.example", NULL);
}

static void test_readable(void **state)
{
	(void)state;
	expect(idn_readable, "xn--mller-kva.example", "m\xc3\xbcller.example");
	expect(idn_readable, "XN--Mller-Kva.example", "m\xc3\xbcller.example");
	expect(idn_readable, "a@mx.xn--mller-kva.example", "a@mx.m\xc3\xbcller.example");
	expect(idn_readable, "m\xc3\xbcller.example", NULL);
	expect(idn_readable, "example", NULL);
	expect(idn_readable, "xn--", NULL);
	expect(idn_readable, "xn--a.example", NULL);	      /* decodes to nothing */
	expect(idn_readable, "xn--mller-kva*.example", NULL); /* a pattern */
	expect(idn_readable, "xn--example-.test", NULL);
}

static void test_no_names(void **state)
{
	static const char *const bad[] = {"\xff\xfe.example", "a b\xc3\xbc.example",
	    "\xc3\xbc\x01.example", "-\xc3\xbc.example", "\xc3\xbc-.example",
	    "\xe2\x80\xae\xc3\xbc.example" /* bidi override */,
	    "a\xd7\x90.example" /* left and right in one label */,
	    "\xc3\xbc\343\200\202com.example" /* another full stop */};
	BUFFER_AUTO struct buffer longest = {0}, out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (idn_ascii(&out, slice_of(bad[i])))
			print_error("%zu: %s\n", i, buffer_string(&out));
		assert_int_equal(out.len, 0);
	}
	for (int i = 0; i < 70; i++)
		buffer_append_string(&longest, "\xc3\xbc");
	assert_false(idn_ascii(&out, buffer_slice(&longest)));
	for (int i = 0; i < 10000; i++)
		buffer_append_string(&longest, "\xc3\xbc");
	assert_false(idn_ascii(&out, buffer_slice(&longest)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ascii),
	    cmocka_unit_test(test_readable),
	    cmocka_unit_test(test_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
