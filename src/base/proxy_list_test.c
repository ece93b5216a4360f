/* Lists of proxies, as they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/proxy_list.h"

static void test_lists(void **state)
{
	static const struct {
		const char *list, *address;
		bool in;
	} cases[] = {
	    {"", "127.0.0.1", false},
	    {"127.0.0.1", "127.0.0.1", true},
	    {"127.0.0.1", "127.0.0.2", false},
	    {"127.0.0.1", "::ffff:127.0.0.1", true},
	    {"  10.0.0.1   192.0.2.0/24 ", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	    {"::/1", "127.0.0.1", true},
	    {"0.0.0.0/1", "128.0.0.1", false},
	    {"::1", "::1", true},
	    {"unix:www-data", "127.0.0.1", false},
	    {"127.0.0.1", "", false},
	    {"127.0.0.1", "unix", false},
	    {"127.0.0.1", "127.0.0.1x", false},
	};
	struct proxy_list list;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(proxy_list_parse(slice_of(cases[i].list), &list));
		if (proxy_list_has_address(&list, slice_of(cases[i].address)) != cases[i].in)
			fail_msg("%s in %s", cases[i].address, cases[i].list);
	}
}

static void test_users(void **state)
{
	struct proxy_list list;

	(void)state;
	assert_true(proxy_list_parse(SLICE("unix:www-data 127.0.0.1 unix:33"), &list));
	assert_int_equal(list.user_count, 2);
	assert_int_equal(list.network_count, 1);
	assert_string_equal(list.users[0], "www-data");
	assert_string_equal(list.users[1], "33");
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"localhost", "127.0.0.1/33", "127.0.0.1/", "127.0.0.1/x",
	    "0.0.0.0/0", "::/0", "192.0.2.7/24", "127.0.0.1,127.0.0.2", "127.0.0.1:80",
	    "unix:", "unix:root", "unix:0", "unix:000", "unix:a:b", "unix:/run/x.sock",
	    "2001:db8::/129",
	    /* In parentheses, as clang takes two texts side by side for a comma that is missing. */
	    ("1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
	     "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1")};
	struct proxy_list list;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (proxy_list_parse(slice_of(bad[i]), &list))
			fail_msg("taken: %s", bad[i]);
}

static void test_loopback(void **state)
{
	const char *const names[] = {"127.0.0.1", "192.0.2.1 127.0.0.2", "127.0.0.0/8",
	    "127.1.0.0/16", "::1", "::/120", "64.0.0.0/2", "::ffff:127.0.0.0/120"};
	const char *const others[] = {
	    "", "unix:www-data", "192.0.2.0/24 unix:nginx", "128.0.0.0/8", "::2", "fe80::/10"};
	struct proxy_list list;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!proxy_list_parse(slice_of(names[i]), &list) || !proxy_list_has_loopback(&list))
			fail_msg("%s", names[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!proxy_list_parse(slice_of(others[i]), &list) || proxy_list_has_loopback(&list))
			fail_msg("%s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_users),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_loopback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
