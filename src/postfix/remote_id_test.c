#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "postfix/remote_id.h"

static void test_servers(void **state)
{
	static const struct {
		const char *reply, *id;
	} known[] = {
	    {"250 2.0.0 Ok: queued as 4F9D195432C", "4F9D195432C"},
	    {"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 3Abc2xz1",
		"3Abc2xz1"},
	    {"250 OK id=1pXYZa-0001Ab-2C", "1pXYZa-0001Ab-2C"},
	    {"250 2.0.0 3AM8abc123 Message accepted for delivery", "3AM8abc123"},
	    {"250 2.6.0 <m@x.example> [InternalId=12884901899, Hostname=h.example] 9 bytes in 0.1, "
	     "1 KB/sec Queued mail for delivery",
		"12884901899"},
	    {"250 2.0.0 OK  1700000000 a1b2-c3d4.45 - gsmtp", "a1b2-c3d4.45"},
	    {"250 2.0.0 <ann@x.example> 8bZxLm1pAA Saved", "8bZxLm1pAA"},
	    {"250 Ok 0100018b3c-000000", "0100018b3c-000000"},
	    {"250 ok", ""},
	    {"250 Ok thanks for this", ""},
	    {"250 2.0.0 Ok: queued as backup", ""},
	    {"delivered via dovecot service", ""},
	    {"delivered to maildir", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct slice id = remote_id(slice_of(known[i].reply));

		if (!slice_is(id, known[i].id))
			fail_msg("%s: %.*s", known[i].reply, SLICE_ARGS(id));
	}
}

/* A word is an ID or is none: never a part of it. */
static void test_bounds(void **state)
{
	char reply[400] = "250 2.0.0 Ok: queued as 1";

	(void)state;
	memset(reply + strlen(reply), 'x', REMOTE_ID_MAX - 1);
	assert_int_equal(remote_id(slice_of(reply)).len, REMOTE_ID_MAX);
	strcat(reply, "x");
	assert_int_equal(remote_id(slice_of(reply)).len, 0);
	assert_int_equal(remote_id(SLICE("250 queued as a1")).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_servers),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
