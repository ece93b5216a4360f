/* Which addresses are connected to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "transfer/address.h"

static const char *judge(const char *text, bool allow_local)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
		memcpy(&storage, &four, sizeof(four));
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
		memcpy(&storage, &six, sizeof(six));
	}
	return address_refused((const struct sockaddr *)&storage, allow_local);
}

static void test_elsewhere(void **state)
{
	static const char *const fine[] = {"192.0.2.1", "10.1.2.3", "192.168.0.9", "172.16.0.1",
	    "169.253.255.255", "169.255.0.0", "128.0.0.1", "126.255.255.255", "1.0.0.0",
	    "223.255.255.255", "2001:db8::1", "fd12:3456::1", "fec0::1", "::ffff:192.0.2.1",
	    "64:ff9b::192.0.2.1", "2002:c000:0201::1"};

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		assert_null(judge(fine[i], false));
		assert_null(judge(fine[i], true));
	}
}

static void test_this_host(void **state)
{
	static const char *const own[] = {"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3",
	    "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "::ffff:0.0.0.0", "64:ff9b::127.0.0.1",
	    "2002:7f00:0001::", "2002:7f00:0001:1:2:3:4:5"};

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		assert_string_equal(judge(own[i], false), "is this host itself");
		assert_null(judge(own[i], true));
	}
}

static void test_never(void **state)
{
	static const char *const never[] = {"169.254.169.254", "169.254.0.1", "169.254.255.255",
	    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "100.100.100.200",
	    "168.63.129.16", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "febf::1", "224.0.0.1",
	    "239.1.1.1", "255.255.255.255", "ff02::1"};
	struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/run/x"};

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_non_null(judge(never[i], false));
		assert_non_null(judge(never[i], true));
	}
	assert_non_null(address_refused((const struct sockaddr *)&path, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_elsewhere),
	    cmocka_unit_test(test_this_host),
	    cmocka_unit_test(test_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
