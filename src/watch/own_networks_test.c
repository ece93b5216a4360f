#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/own_networks.h"

static bool within(const char *mynetworks, const char *address)
{
	struct own_networks *networks = own_networks_create(slice_of(mynetworks));
	bool found = own_networks_contain(networks, slice_of(address));

	own_networks_free(&networks);
	return found;
}

static void test_networks(void **state)
{
	(void)state;
	assert_true(within("192.0.2.0/24", "192.0.2.77"));
	assert_false(within("192.0.2.0/24", "192.0.3.77"));
	assert_true(within("192.0.2.0/25", "192.0.2.127"));
	assert_false(within("192.0.2.0/25", "192.0.2.128"));
	assert_true(within("192.0.2.7", "192.0.2.7"));
	assert_false(within("192.0.2.7", "192.0.2.6"));
	assert_true(within("0.0.0.0/0", "203.0.113.9"));
	assert_false(within("0.0.0.0/0", "2001:db8::1"));
	assert_true(within("[2001:db8::]/32,10.0.0.0/8", "2001:db8:1::1"));
	assert_true(within("[2001:db8::]/32,10.0.0.0/8", "10.9.8.7"));
	assert_false(within("[2001:db8::]/32", "2001:db9::1"));
	/* The same host in both spellings. */
	assert_true(within("192.0.2.0/24", "::ffff:192.0.2.77"));
}

/* The first that fits decides. */
static void test_exclusions(void **state)
{
	(void)state;
	assert_false(within("!192.0.2.8 192.0.2.0/24", "192.0.2.8"));
	assert_true(within("!192.0.2.8 192.0.2.0/24", "192.0.2.9"));
	assert_true(within("192.0.2.0/24 !192.0.2.8", "192.0.2.8"));
}

static void test_strange(void **state)
{
	static const char *const lists[] = {"", ",", "/", "hash:/etc/postfix/networks",
	    "/etc/networks", "192.0.2.0/33", "[::]/129", "[", "[]/8", "!", "192.0.2.0/", "a/8"};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		assert_true(within(lists[i], "127.0.0.1"));
		assert_true(within(lists[i], "::1"));
		assert_false(within(lists[i], "192.0.2.77"));
		assert_false(within(lists[i], "unknown"));
		assert_false(within(lists[i], ""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_networks),
	    cmocka_unit_test(test_exclusions), cmocka_unit_test(test_strange)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
