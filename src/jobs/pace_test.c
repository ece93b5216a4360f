#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jobs/pace.h"

#define PLACE SLICE("full.example")

/* How many go in the time up to `until_ms`, looked for every 50 ms as the engine may. */
static int64_t taken(struct pace *pace, int64_t *now_ms, int64_t until_ms)
{
	int64_t count = 0;

	for (; *now_ms < until_ms; *now_ms += 50) {
		struct pace_pick pick[4];
		size_t picks = pace_take(pace, pick, 4, true, *now_ms);

		for (size_t i = 0; i < picks; i++)
			count += (int64_t)pick[i].count;
	}
	return count;
}

/* Two of the first three were gone or on hold: nobody answers for them. */
static void test_goes_on_without_answers(void **state)
{
	struct pace *pace = pace_create(60);
	int64_t now = 1000000, begun = now;

	(void)state;
	pace_add(pace, PLACE, 20, NULL);
	assert_int_equal(taken(pace, &now, begun + 30000), PACE_PROBES);
	assert_false(pace_answered(pace, PLACE, true, SLICE("450 no")));
	assert_int_equal(taken(pace, &now, begun + PACE_PROBE_MS), 0);
	assert_in_range(taken(pace, &now, begun + PACE_PROBE_MS + 15000), 10, 14);
	assert_in_range(taken(pace, &now, begun + PACE_PROBE_MS + 60000), 3, 7);
	assert_int_equal(pace_left(pace), 0);
	pace_destroy(&pace);
}

static void test_stops_at_the_same_refusal(void **state)
{
	struct pace *pace = pace_create(60);
	int64_t now = 1000000;
	struct pace_pick pick[4];

	(void)state;
	pace_add(pace, PLACE, 20, NULL);
	pace_add(pace, SLICE("other.example"), 20, NULL);
	assert_int_equal(taken(pace, &now, now + 30000), 2 * PACE_PROBES);
	for (int i = 1; i <= PACE_PROBES; i++)
		assert_int_equal(
		    pace_answered(pace, PLACE, true, SLICE("450 no")), i == PACE_PROBES);
	assert_false(pace_answered(pace, SLICE("other.example"), false, SLICE("250 ok")));
	/* What is left of the one is given up, by itself; the other goes on. */
	for (int turns = 0;; turns++) {
		assert_true(turns < 4);
		assert_int_equal(pace_take(pace, pick, 4, true, now), 1);
		if (pick[0].stop != NULL)
			break;
		assert_true(slice_is(pick[0].destination, "other.example"));
	}
	assert_true(slice_is(pick[0].destination, "full.example"));
	assert_string_equal(pick[0].stop, "450 no");
	pace_destroy(&pace);
}

/* A destination is stopped for what is true of all mail to it, not for one recipient's. */
static void test_what_stops_a_destination(void **state)
{
	static const struct {
		const char *reason;
		bool stops;
	} cases[] = {
	    {"host mx.a.example[192.0.2.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO "
	     "command)",
		false},
	    {"host mx.a.example[192.0.2.1] said: 452 Mailbox full (in reply to RCPT TO command)",
		false},
	    {"host mx.a.example[192.0.2.1] said: 450 4.2.1 The user you are trying to contact is "
	     "receiving mail too quickly (in reply to RCPT TO command)",
		false},
	    {"host mx.a.example[192.0.2.1] said: 450 4.1.1 <a@a.example>: Recipient address "
	     "rejected: User unknown (in reply to RCPT TO command)",
		false},
	    {"host mx.a.example[192.0.2.1] said: 450 4.1.8 <x@y.example>: Sender address rejected: "
	     "Domain not found (in reply to RCPT TO command)",
		false},
	    {"host mx.a.example[192.0.2.1] said: 421 4.7.28 Unusual rate of mail from your address "
	     "(in reply to end of DATA command)",
		true},
	    {"host mx.a.example[192.0.2.1] said: 450 4.7.1 Greylisted, come back later (in reply "
	     "to RCPT TO command)",
		true},
	    {"host mx.a.example[192.0.2.1] said: 452 4.3.1 Insufficient system storage (in reply "
	     "to MAIL FROM command)",
		true},
	    {"host mx.a.example[192.0.2.1] refused to talk to me: 421 4.2.1 Too busy", true},
	    {"connect to mx.a.example[192.0.2.1]:25: Connection refused", true},
	    {"delivery temporarily suspended: connect to mx.a.example[192.0.2.1]:25: Connection "
	     "timed out",
		true},
	    {"Host or domain name not found. Name service error for name=a.example type=MX: Host "
	     "not found, try again",
		true},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if ((pace_refusal(slice_of(cases[i].reason)) != 0) != cases[i].stops)
			fail_msg("%s", cases[i].reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_goes_on_without_answers),
	    cmocka_unit_test(test_stops_at_the_same_refusal),
	    cmocka_unit_test(test_what_stops_a_destination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
