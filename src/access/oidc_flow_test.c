/* One sign-in after another, with the cookies and states that strangers would try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <sodium.h>

#include "access/oidc_flow.h"

#define NOW 1000

struct begun {
	struct oidc_flow flow;
	char cookie[OIDC_COOKIE_SIZE];
};

static struct oidc_flows *flows;

static struct begun begin(int64_t now)
{
	struct begun b;

	oidc_flow_begin(flows, now, &b.flow, b.cookie);
	return b;
}

static enum oidc_flow_taken take(const char *cookie, const char *state, int64_t now)
{
	struct oidc_flow flow;

	return oidc_flow_take(flows, slice_of(cookie), slice_of(state), now, &flow);
}

static int set_up(void **state)
{
	(void)state;
	flows = oidc_flows_create();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	oidc_flows_destroy(&flows);
	return 0;
}

static void test_once(void **state)
{
	struct begun b = begin(NOW);
	struct oidc_flow flow;

	(void)state;
	assert_int_equal(
	    oidc_flow_take(flows, slice_of(b.cookie), slice_of(b.flow.state), NOW + 5, &flow),
	    OIDC_FLOW_TAKEN);
	assert_string_equal(flow.nonce, b.flow.nonce);
	assert_string_equal(flow.verifier, b.flow.verifier);
	/* While it is under way, and when somebody has signed in with it. */
	assert_int_equal(take(b.cookie, b.flow.state, NOW + 6), OIDC_FLOW_NONE);
	oidc_flow_end(flows, &flow, true);
	assert_int_equal(take(b.cookie, b.flow.state, NOW + 7), OIDC_FLOW_NONE);
}

static void test_what_came_to_nothing(void **state)
{
	struct begun b = begin(NOW);

	(void)state;
	assert_int_equal(take(b.cookie, b.flow.state, NOW), OIDC_FLOW_TAKEN);
	oidc_flow_end(flows, &b.flow, false);
	assert_int_equal(take(b.cookie, b.flow.state, NOW), OIDC_FLOW_TAKEN);
}

static void test_strangers(void **state)
{
	struct begun b = begin(NOW), other = begin(NOW);
	struct oidc_flows *restarted = oidc_flows_create();
	struct oidc_flow flow;
	char cookie[OIDC_COOKIE_SIZE];

	(void)state;
	assert_int_equal(take("", "", NOW), OIDC_FLOW_NONE);
	assert_int_equal(take(b.cookie, "", NOW), OIDC_FLOW_NONE);
	assert_int_equal(take(b.cookie, other.flow.state, NOW), OIDC_FLOW_NONE);
	assert_int_equal(take("x", b.flow.state, NOW), OIDC_FLOW_NONE);
	for (size_t i = 0; i < strlen(b.cookie); i += 7) {
		memcpy(cookie, b.cookie, sizeof(cookie));
		cookie[i] = cookie[i] == 'A' ? 'B' : 'A';
		assert_int_equal(take(cookie, b.flow.state, NOW), OIDC_FLOW_NONE);
	}
	assert_int_equal(
	    oidc_flow_take(restarted, slice_of(b.cookie), slice_of(b.flow.state), NOW, &flow),
	    OIDC_FLOW_NONE);
	oidc_flows_destroy(&restarted);
}

static void test_times(void **state)
{
	struct begun b = begin(NOW);

	(void)state;
	assert_int_equal(take(b.cookie, b.flow.state, NOW - 1), OIDC_FLOW_NONE);
	assert_int_equal(take(b.cookie, b.flow.state, NOW + OIDC_FLOW_SECONDS + 1), OIDC_FLOW_NONE);
	assert_int_equal(take(b.cookie, b.flow.state, NOW + OIDC_FLOW_SECONDS), OIDC_FLOW_TAKEN);
}

/* However many strangers begin, and however many wait for the issuer, one that ends makes room. */
static void test_room(void **state)
{
	struct begun all[OIDC_FLOWS_UNDER_WAY], mine = begin(NOW);

	(void)state;
	for (size_t i = 0; i < OIDC_FLOWS_UNDER_WAY; i++) {
		all[i] = begin(NOW);
		assert_int_equal(take(all[i].cookie, all[i].flow.state, NOW), OIDC_FLOW_TAKEN);
	}
	assert_int_equal(take(mine.cookie, mine.flow.state, NOW), OIDC_FLOW_BUSY);
	oidc_flow_end(flows, &all[3].flow, false);
	assert_int_equal(take(mine.cookie, mine.flow.state, NOW), OIDC_FLOW_TAKEN);
}

/* The example of RFC 7636, appendix B. */
static void test_challenge(void **state)
{
	struct oidc_flow flow = {.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"};
	char challenge[OIDC_RANDOM_SIZE];

	(void)state;
	oidc_flow_challenge(&flow, challenge);
	assert_string_equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_came_to_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_strangers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_room, set_up, tear_down),
	    cmocka_unit_test(test_challenge),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
