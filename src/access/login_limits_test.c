/* Who may try a password when strangers try many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "access/login_limits.h"

static int set_up(void **state)
{
	*state = login_limits_create();
	return 0;
}

static int tear_down(void **state)
{
	struct login_limits *limits = *state;

	login_limits_destroy(&limits);
	return 0;
}

static bool attempt(
    struct login_limits *limits, const char *name, const char *peer, uint64_t known, int64_t now)
{
	struct login_attempt a = {.name = slice_of(name), .peer = peer, .known = known};
	int64_t seconds = 1;

	return login_limits_take(limits, &a, now, &seconds);
}

static unsigned many(struct login_limits *limits, const char *name, bool v6, int64_t now)
{
	unsigned allowed = 0;
	char peer[60];

	for (int i = 0; i < 20000; i++) {
		if (v6)
			snprintf(peer, sizeof(peer), "2001:db8::%x:%x:%d", i / 250, i % 250, i);
		else
			snprintf(peer, sizeof(peer), "10.0.%d.%d:%d", i / 250, i % 250, i);
		allowed += attempt(limits, name, peer, 0, now);
	}
	return allowed;
}

static void test_many_addresses_for_one_name(void **state)
{
	assert_int_equal(many(*state, "admin", false, 1000), LOGIN_NAME_BURST);
	/* Ports and the addresses of one IPv6 network are one caller. */
	assert_int_equal(many(*state, "other", true, 1000), LOGIN_ADDRESS_BURST);
}

/* IPv4 that is written as IPv6 is no network of its own. */
static void test_mapped_addresses(void **state)
{
	assert_true(login_limits_address(*state, "::ffff:10.0.0.1:1") ==
		    login_limits_address(*state, "10.0.0.1:2"));
	assert_true(login_limits_address(*state, "::ffff:10.0.0.1:1") !=
		    login_limits_address(*state, "::ffff:10.0.0.2:1"));
}

static void test_many_names_from_one_address(void **state)
{
	unsigned allowed = 0;
	char name[20];

	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		allowed += attempt(*state, name, "192.0.2.1:5", 0, 1000);
	}
	assert_int_equal(allowed, LOGIN_ADDRESS_BURST);
}

/* Names without number push no counter out: what was used up stays used up. */
static void test_no_eviction(void **state)
{
	char name[20], peer[30];

	assert_int_equal(many(*state, "admin", false, 1000), LOGIN_NAME_BURST);
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		snprintf(peer, sizeof(peer), "10.2.%d.%d:1", i / 250, i % 250);
		attempt(*state, name, peer, 0, 1001);
	}
	assert_false(attempt(*state, "admin", "198.51.100.7:1", 0, 1002));
}

static void test_known_are_let_in(void **state)
{
	many(*state, "admin", false, 1000);
	assert_false(attempt(*state, "admin", "198.51.100.7:1", 0, 1000));
	for (int i = 0; i < LOGIN_KNOWN_BURST; i++)
		assert_true(attempt(*state, "admin", "198.51.100.7:1", 77, 1000));
	assert_false(attempt(*state, "admin", "198.51.100.7:1", 77, 1000));
	assert_true(attempt(*state, "admin", "198.51.100.7:1", 78, 1000));
	assert_true(attempt(
	    *state, "admin", "198.51.100.7:1", 77, 1000 + (int64_t)LOGIN_KNOWN_SECONDS * 1000));
}

static void test_time_and_success(void **state)
{
	struct login_attempt a = {.name = SLICE("ann"), .peer = "192.0.2.9:1"};
	int64_t seconds = 0;

	for (int i = 0; i < 1000; i++) {
		assert_true(login_limits_take(*state, &a, 5000, &seconds));
		login_limits_give_back(*state, &a);
	}
	for (int i = 0; i < LOGIN_ADDRESS_BURST; i++)
		assert_true(login_limits_take(*state, &a, 5000, &seconds));
	assert_false(login_limits_take(*state, &a, 5000, &seconds));
	assert_int_equal(seconds, LOGIN_ADDRESS_SECONDS);
	assert_true(
	    login_limits_take(*state, &a, 5000 + (int64_t)LOGIN_ADDRESS_SECONDS * 1000, &seconds));
	assert_false(login_limits_take(
	    *state, &a, 5000 + (int64_t)LOGIN_ADDRESS_SECONDS * 1000 + 1, &seconds));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_many_addresses_for_one_name),
	    TEST(test_mapped_addresses), TEST(test_many_names_from_one_address),
	    TEST(test_no_eviction), TEST(test_known_are_let_in), TEST(test_time_and_success)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
