#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "index/reason_class.h"

static void check(const char *reason, const char *class)
{
	BUFFER_AUTO struct buffer out = {0};

	reason_class(&out, slice_of(reason));
	assert_string_equal(buffer_string(&out), class);
}

static void test_classes(void **state)
{
	check("", "");
	check("connect to mx1.shop.example[192.0.2.7]:25: Connection timed out",
	    "connect to <host>[<ip>]:<n>: Connection timed out");
	check("connect to mx.x.example[2001:db8::7]:25: Connection refused",
	    "connect to <host>[<ip>]:<n>: Connection refused");
	check("host mx.a.test[192.0.2.1] said: 450 4.2.0 <joe@a.test>: greylisted, see "
	      "https://grey.example/?id=99 (in reply to RCPT TO command)",
	    "host <host>[<ip>] said: 450 4.2.0 <<address>>: greylisted, see <url> (in reply to RCPT TO "
	    "command)");
	check("try again in 299 seconds", "try again in <n> seconds");
	check("4.7.28 Gmail has detected 5f3ab7c1d2.31 - gsmtp",
	    "4.7.28 Gmail has detected <host> - gsmtp");
	check("service unavailable.", "service unavailable.");
	check("delivery temporarily suspended: lost connection with mx.b.test[192.0.2.9]",
	    "delivery temporarily suspended: lost connection with <host>[<ip>]");
}

static void test_replies_of_a_provider_are_one_class(void **state)
{
	BUFFER_AUTO struct buffer a = {0}, b = {0};

	reason_class(&a, SLICE("host mx.big.example[192.0.2.4] said: 421 4.7.0 [192.0.2.99] Our system has "
	                       "detected an unusual rate. 2adb3069b0e04-51fa12bc3d4si1234 - smtp"));
	reason_class(&b, SLICE("host mx2.big.example[192.0.2.5] said: 421 4.7.0 [192.0.2.98] Our system has "
	                       "detected an unusual rate. 38308e7fff4ca-2eb9e12a8e7si991 - smtp"));
	assert_string_equal(buffer_string(&a), buffer_string(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_replies_of_a_provider_are_one_class),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
