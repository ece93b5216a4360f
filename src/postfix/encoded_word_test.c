#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "postfix/encoded_word.h"

static void check(const char *text, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};

	encoded_word_decode(&out, slice_of(text));
	assert_string_equal(buffer_string(&out), expected);
}

static void test_encodings(void **state)
{
	(void)state;
	check("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Gr\u00fc\u00dfe");
	check("=?UTF-8?B?R3LDvMOfZQ==?=", "Gr\u00fc\u00dfe");
	check("=?utf-8?b?R3LDvMOfZQ?=", "Gr\u00fc\u00dfe");
	check("Re: =?us-ascii?Q?a_b=5Fc?= d", "Re: a b_c d");
	check("=?utf-8*de-AT?q?=c3=bc?=", "\u00fc");
	check("a=?utf-8?q?b?=c", "abc");
	check("=?utf-8?q?\?=", "");
	check("=?utf-8?q?a=zz=4?=", "a=zz=4");
}

static void test_character_sets(void **state)
{
	(void)state;
	check("=?iso-8859-1?q?=FC=80?=", "\u00fc\u20ac");
	check("=?ISO-8859-15?q?=A4=A6=A8=B4=B8=BC=BD=BE=FC=80?=",
	    "\u20ac\u0160\u0161\u017d\u017e\u0152\u0153\u0178\u00fc\ufffd");
	check("=?Windows-1252?b?gIGCnJ/8?=", "\u20ac\ufffd\u201a\u0153\u0178\u00fc");
	check("=?us-ascii?q?=FC?=", "\ufffd");
	check("=?utf-8?q?=C0=80=ED=A0=80x=E2=82?=", "\ufffd\ufffd\ufffd\ufffd\ufffdx\ufffd\ufffd");
}

static void test_words_side_by_side(void **state)
{
	(void)state;
	check("=?utf-8?q?a?= =?utf-8?b?Yg==?=", "ab");
	check("=?utf-8?q?a_?= \t =?iso-8859-1?q?=FC?= b", "a \u00fc b");
	/* A character cut in two. */
	check("=?utf-8?q?x=E2=82?= =?utf-8?q?=ACy?=", "x\u20acy");
	check("=?utf-8?q?=E2=82?= =?iso-8859-1?q?=AC?=", "\ufffd\ufffd\u00ac");
	check("=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b");
	check("=?utf-8?q?a?= =?koi8-r?q?b?= =?utf-8?q?c?=", "a =?koi8-r?q?b?= c");
}

static void test_what_is_no_word_stays(void **state)
{
	const char *texts[] = {"", "plain = ? text", "=?", "=?utf-8", "=?utf-8?", "=?utf-8?q",
	    "=?utf-8?q?", "=?utf-8?q?x", "=?utf-8?q?x?", "=?utf-8?x?y?=", "=?utf-8?qq?y?=",
	    "=?utf-8?q?a b?=", "=?utf-8?b?%%%?=", "=?utf-8?b?A?=", "=?utf-8?b?YQ===?=",
	    "=?utf-8?b?Y=Q=?=", "=?no-such-set?q?x?=", "=??q?x?=", "\xff\xfe =? \x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check(texts[i], texts[i]);
	check("=?=?utf-8?q?x?=", "=?x");
	check("=?utf-8?q?=?utf-8?q?x?=", "=?utf-8?q?x");
}

/* A hostile subject of a megabyte of beginnings. */
static void test_linear(void **state)
{
	const char *parts[] = {"=?", "=?utf-8?q?", "=?utf-8?q?x=", "=?utf-8?q?=E2?= "};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		BUFFER_AUTO struct buffer text = {0}, out = {0};
		int64_t began = clock_monotonic_ms();

		while (text.len < 1 << 20)
			buffer_append_string(&text, parts[i]);
		encoded_word_decode(&out, buffer_slice(&text));
		assert_true(out.len <= 3 * text.len);
		assert_true(clock_monotonic_ms() - began < 5000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_encodings),
	    cmocka_unit_test(test_character_sets),
	    cmocka_unit_test(test_words_side_by_side),
	    cmocka_unit_test(test_what_is_no_word_stays),
	    cmocka_unit_test(test_linear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
