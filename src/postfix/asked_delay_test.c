#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "postfix/asked_delay.h"

static void check(const char *reply, uint32_t expected)
{
	char reason[400];

	snprintf(
	    reason, sizeof(reason), "host a.example[192.0.2.1] said: %s (in reply to X)", reply);
	if (asked_delay(slice_of(reason)) != expected)
		fail_msg("%u instead of %u: %s", asked_delay(slice_of(reason)), expected, reply);
}

static void test_asked(void **state)
{
	(void)state;
	check("451 4.7.1 Greylisted, please come back in 180 seconds", 180);
	check("450 4.7.1 Greylisted by Policy Service, retry in 00:05:00", 300);
	check("450 try again in 04:59", 299);
	check("451 DT:SPM 163 mx13,P8C 1514512449, please try again 15min later", 900);
	check("450 4.2.0 Try again in 15 minutes.", 900);
	check("450 <a@b.example>: Recipient address rejected: Greylisted for 300 seconds (see x)",
	    300);
	check("450 Please wait 5 min. and retry", 300);
	check("450 too many; wait at least 2 hours", 7200);
	check("450 retry after 1h 30m", 5400);
	check("450 Try again in 4 minutes and 20 seconds", 260);
	check("450 try again in 1 hour, 5 minutes", 3900);
	check("450 greylisted (come back in 5 minutes)", 300);
	check("450 Please retry in 10 second(s)", 10);
	check("450-4.7.1 Greylisted, please come 450-4.7.1 back in 180 450 4.7.1 seconds", 180);
	check("450 TRY AGAIN IN 30 SECS", 30);
	check("450 retry delay is 60s", 60);
}

static void test_not_asked(void **state)
{
	(void)state;
	check("450 100 messages in 60 seconds are too many", 0);
	check("450 limit of 100 messages per 1 hour, try again later", 0);
	check("450 try again later", 0);
	check("450 try again in 0 seconds", 0);
	check("450 try again in 99999999 seconds", 0);
	check("450 try again in 30 days", 0);
	check("450 try again in 12:99", 0);
	check("450 try again, 192.0.2.1 in 2001:db8:: 10", 0);
	check("450 connected for 20 seconds; bye", 0);
	check("450", 0);
	assert_int_equal(asked_delay(SLICE("")), 0);
	/* Only what a server says counts. */
	assert_int_equal(asked_delay(SLICE("temporary failure. Output: retry in 5 minutes")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_asked),
	    cmocka_unit_test(test_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
