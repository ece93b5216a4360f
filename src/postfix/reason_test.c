#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "postfix/reason.h"

static void test_parts(void **state)
{
	struct reason r;

	(void)state;
	reason_parse(SLICE("delivery temporarily suspended: host mx.grey.test[192.0.2.1] said: 450 "
			   "4.2.0 <bob@grey.test>: "
			   "Greylisted (in reply to RCPT TO command)"),
	    &r);
	assert_true(
	    r.suspended && slice_is(r.host, "mx.grey.test") && slice_is(r.address, "192.0.2.1"));
	assert_true(r.code == 450 && slice_is(r.dsn, "4.2.0") && r.phase == REASON_PHASE_RCPT);
	assert_true(slice_is(r.reply, "450 4.2.0 <bob@grey.test>: Greylisted"));
	reason_parse(SLICE("connect to mx.example.com[2001:db8::1]:25: Connection timed out"), &r);
	assert_true(
	    !r.suspended && slice_is(r.address, "2001:db8::1") && r.phase == REASON_PHASE_CONNECT);
	assert_true(r.code == 0 && r.dsn.len == 0 && r.reply.len == 0);
	reason_parse(
	    SLICE("host mx.example.com[192.0.2.1] refused to talk to me: 421 too many connections"),
	    &r);
	assert_true(r.code == 421 && r.dsn.len == 0 && r.phase == REASON_PHASE_GREETING);
	reason_parse(
	    SLICE("lost connection with mx.example.com[192.0.2.1] while sending message body"), &r);
	assert_true(slice_is(r.host, "mx.example.com") && r.phase == REASON_PHASE_CONTENT);
	reason_parse(SLICE("Host or domain name not found. Name service error for name=x.test "
			   "type=MX: Host not found, try again"),
	    &r);
	assert_true(r.phase == REASON_PHASE_DNS && r.host.len == 0);
	/* What the remote writes about phases and hosts is its own. */
	reason_parse(SLICE("host a.test[192.0.2.1] said: 451 x (in reply to DATA command) host "
			   "b.test[192.0.2.2] said: 550 "
			   "(in reply to MAIL FROM command)"),
	    &r);
	assert_true(slice_is(r.host, "a.test") && r.code == 451 && r.phase == REASON_PHASE_MAIL);
	reason_parse(SLICE(""), &r);
	assert_true(r.text.len == 0 && r.phase == REASON_PHASE_NONE);
}

static void test_own_next_hops(void **state)
{
	static const char *const ours[] = {"localhost[127.0.0.1]", "a.example[127.0.1.1]",
	    "127.9.8.7[127.9.8.7]", "localhost[::1]", "a.example[10.255.0.1]",
	    "a.example[192.168.0.1]", "a.example[172.16.0.1]", "a.example[172.31.255.1]",
	    "a.example[fc00::1]", "a.example[fdab::1]", "a.example[FE80::1]",
	    "a.example[private/lmtp]", "a.example[/run/lmtp]"};
	static const char *const theirs[] = {"a.example[192.0.2.1]", "a.example[172.15.0.1]",
	    "a.example[172.32.0.1]", "a.example[192.167.0.1]", "a.example[11.0.0.1]",
	    "a.example[2001:db8::1]", "a.example[fe00::1]", "a.example[fc::1]", "a.example[10]",
	    "mx.example[127.9.0.1]", "10.0.0.1", ""};
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		snprintf(text, sizeof(text), "host %s said: 450 4.2.0 no", ours[i]);
		assert_true(reason_hop_is_ours(slice_of(text)));
		snprintf(text, sizeof(text),
		    "delivery temporarily suspended: lost connection with %s while sending QUIT",
		    ours[i]);
		assert_true(reason_hop_is_ours(slice_of(text)));
	}
	for (size_t i = 0; i < sizeof(theirs) / sizeof(*theirs); i++) {
		snprintf(text, sizeof(text), "connect to %s: Connection refused", theirs[i]);
		assert_false(reason_hop_is_ours(slice_of(text)));
	}
	/* What the remote writes is its own. */
	assert_false(reason_hop_is_ours(SLICE(
	    "host a.example[192.0.2.1] said: 450 connect to b.example[10.0.0.1]:25: refused")));
}

static void check_class(const char *text, const char *expected)
{
	BUFFER_AUTO struct buffer class = {0};

	reason_class(&class, slice_of(text));
	assert_string_equal(buffer_string(&class), expected);
}

static void check_same(const char *a, const char *b)
{
	BUFFER_AUTO struct buffer one = {0}, two = {0};

	reason_class(&one, slice_of(a));
	reason_class(&two, slice_of(b));
	assert_string_equal(buffer_string(&one), buffer_string(&two));
}

static void test_classes(void **state)
{
	(void)state;
	check_class("host mx1.grey.test[192.0.2.1] said: 450 4.2.0 <bob@grey.test>: Greylisted for "
		    "300 seconds "
		    "(in reply to RCPT TO command)",
	    "host <host>[<ip>] said: 450 4.2.0 <address>: Greylisted for <n> seconds (in reply to "
	    "RCPT TO command)");
	check_same("connect to a.example[192.0.2.1]:25: Connection refused",
	    "delivery temporarily suspended: connect to b.test[2001:db8::7]:25: Connection "
	    "refused");
	check_same("host gmail-smtp-in.l.google.example[192.0.2.26] said: 421 4.7.28 Our system "
		   "has detected an unusual rate "
		   "of mail originating from your IP address. "
		   "h18-20020a05620a21d200b0079efb3e5b1asi1234 - gsmtp",
	    "host alt1.gmail.example[192.0.2.99] said: 421 4.7.28 Our system has detected an "
	    "unusual rate of mail "
	    "originating from your IP address. a640c23a62f3a-a8d4f0b2c91si77 - gsmtp");
	check_same("Name service error for name=a.example type=MX: Host not found, try again",
	    "Name service error for name=other.test type=MX: Host not found, try again");
	check_same("host m[10.0.0.1] said: 452 4.2.2 over quota. Learn more at "
		   "https://a.example/?p=x (in reply to RCPT TO command)",
	    "host n[10.0.0.2] said: 452 4.2.2 over quota. Learn more at https://b.example/y/z?q=2 "
	    "(in reply to RCPT TO command)");
}

static void test_other_causes_are_other_classes(void **state)
{
	BUFFER_AUTO struct buffer one = {0}, two = {0};

	(void)state;
	reason_class(&one,
	    SLICE("host m[10.0.0.1] said: 450 4.2.0 try later (in reply to RCPT TO command)"));
	reason_class(&two,
	    SLICE("host m[10.0.0.1] said: 450 4.7.1 try later (in reply to RCPT TO command)"));
	assert_string_not_equal(buffer_string(&one), buffer_string(&two));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_own_next_hops),
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_other_causes_are_other_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
