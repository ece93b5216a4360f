#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "postfix/blocklist.h"

static void found(const char *reply, const char *address, const char *zone)
{
	struct blocklist_words words;

	blocklist_find(slice_of(reply), &words);
	assert_true(slice_is(words.address, address));
	assert_int_equal(words.zone_count, zone[0] != '\0');
	if (zone[0] != '\0')
		assert_true(slice_is(words.zones[0], zone));
}

static void replies_name_our_address_and_their_lists(void **state)
{
	(void)state;
	found("554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using "
	      "zen.spamhaus.org; https://www.spamhaus.org/query/ip/198.51.100.7",
	    "198.51.100.7", "zen.spamhaus.org");
	found("550 5.7.1 [203.0.113.9] is listed at bl.list.example.", "203.0.113.9",
	    "bl.list.example");
	found("554 Your IP:2001:db8:1::25 found in dnsbl.other.test", "2001:db8:1::25",
	    "dnsbl.other.test");
	found("421 too much mail", "", "");
	found("", "", "");
}

/* A zone with somebody's key in it, or a page, is asked for by the list's own name. */
static void a_known_list_is_asked_at_its_own_zone(void **state)
{
	(void)state;
	found("554 blocked using abcdefkey.zen.dq.spamhaus.net", "", "zen.spamhaus.org");
	found("550 permanent failure http://www.barracudacentral.org/lookups?ip=198.51.100.1",
	    "198.51.100.1", "b.barracudacentral.org");
	found("550 rejected, listed at https://pages.example/why", "", "");
	found("550 listed by www.pages.example", "", "");
	/* No names, as the fuzzer has found: an empty label, an address at a sentence's end. */
	found("550 listed at b..", "", "");
	found("550 listed by 198.51.100.1.", "198.51.100.1", "");
}

/* Their own address, ours within, and numbers that are none. */
static void only_what_the_world_can_see_is_our_address(void **state)
{
	(void)state;
	found("550 5.7.1 [10.1.2.3] [192.168.1.1] refused, 1.2.3, 4.7.0", "", "");
	found("550 5.7.1 host 127.0.0.1 and then 198.51.100.3.", "198.51.100.3", "");
	found("550 fe80::1 fd00::1 ::1", "", "");
	found("550 listed by 198.51.100.1", "198.51.100.1", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(replies_name_our_address_and_their_lists),
	    cmocka_unit_test(a_known_list_is_asked_at_its_own_zone),
	    cmocka_unit_test(only_what_the_world_can_see_is_our_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
