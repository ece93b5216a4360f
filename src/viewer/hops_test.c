/* Received headers as mail servers write them, and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/hops.h"

static void assert_text(struct slice text, const char *wanted)
{
	if (!slice_is(text, wanted))
		fail_msg("%.*s instead of %s", SLICE_ARGS(text), wanted);
}

static void test_as_servers_write_them(void **state)
{
	static const struct {
		const char *header, *from, *by, *with, *id, *for_;
		int64_t time;
	} cases[] = {
	    {"from mail.shop.example (mail.shop.example [192.0.2.7])\n"
	     "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
	     "\tby mx.example.org (Postfix) with ESMTPS id 4bJkB01uzB\n"
	     "\tfor <a@example.org>; Sun, 22 Nov 2026 08:49:10 +0000 (UTC)",
		"mail.shop.example (mail.shop.example [192.0.2.7])\t(using TLSv1.3 with cipher "
		"TLS_AES_256_GCM_SHA384 (256/256 bits))",
		"mx.example.org (Postfix)", "ESMTPS", "4bJkB01uzB", "<a@example.org>", 1795337350},
	    {"by mx.example.org (Postfix, from userid 1000)\n\tid 0AD06AB80A3; "
	     "Sun, 22 Nov 2026 09:49:10 +0100 (CET)",
		"", "mx.example.org (Postfix, from userid 1000)", "", "0AD06AB80A3", "",
		1795337350},
	    {"from [192.0.2.9] (helo=there)\n\tby smtp.example.net with esmtpsa (TLS1.3)\n"
	     "\t(Exim 4.96)\n\t(envelope-from <b@example.net>)\n\tid 1kA2B3-000C4D-5E\n"
	     "\tfor a@example.org; Sun, 22 Nov 2026 03:49:10 -0500",
		"[192.0.2.9] (helo=there)", "smtp.example.net",
		"esmtpsa (TLS1.3)\t(Exim 4.96)\t(envelope-from <b@example.net>)",
		"1kA2B3-000C4D-5E", "a@example.org", 1795337350},
	    {"from A.example.com (2001:db8::1) by B.example.com (2001:db8::2) with Microsoft SMTP "
	     "Server (version=TLS1_2, cipher=X) id 15.20.1.2; Sun, 22 Nov 2026 08:49:10 +0000",
		"A.example.com (2001:db8::1)", "B.example.com (2001:db8::2)",
		"Microsoft SMTP Server (version=TLS1_2, cipher=X)", "15.20.1.2", "", 1795337350},
	    {"FROM a BY b VIA tcp WITH smtp ID 7 FOR <c@d>; 22 Nov 2026 08:49:10 GMT", "a", "b",
		"smtp", "7", "<c@d>", 1795337350},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		BUFFER_AUTO struct buffer text = {0}, from = {0};
		struct viewer_hop hop;

		hops_parse(slice_of(cases[i].header), &text, &hop);
		/* A fold is two blanks in the text; in the table a tab. */
		for (const char *c = cases[i].from; *c != '\0'; c++)
			buffer_append_string(&from, *c == '\t' ? "  " : (char[2]){*c, '\0'});
		assert_text(hop.from, buffer_string(&from));
		assert_text(hop.by, cases[i].by);
		buffer_clear(&from);
		for (const char *c = cases[i].with; *c != '\0'; c++)
			buffer_append_string(&from, *c == '\t' ? "  " : (char[2]){*c, '\0'});
		assert_text(hop.with, buffer_string(&from));
		assert_text(hop.id, cases[i].id);
		assert_text(hop.for_, cases[i].for_);
		assert_true(hop.has_time);
		assert_int_equal(hop.time, cases[i].time);
	}
}

/* The words of a clause inside a comment are none, and the date is behind the last semicolon. */
static void test_comments(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct viewer_hop hop;

	hops_parse(SLICE("from a (by \\) c; with (d) id) by b; x; Sun, 22 Nov 2026 08:49:10 +0000"),
	    &text, &hop);
	assert_text(hop.from, "a (by \\) c; with (d) id)");
	assert_text(hop.by, "b; x");
	assert_int_equal(hop.time, 1795337350);
	/* A comment without an end takes the rest. */
	hops_parse(SLICE("from a by b (c; Sun, 22 Nov 2026 08:49:10 +0000"), &text, &hop);
	assert_text(hop.from, "a");
	assert_text(hop.by, "b (c; Sun, 22 Nov 2026 08:49:10 +0000");
	assert_false(hop.has_time);
}

static void test_nothing_to_find(void **state)
{
	static const char *const cases[] = {
	    "", " \t\r\n", ";", "(qmail 12 invoked by uid 89)", "\xff\xfe", "x; not a date"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		BUFFER_AUTO struct buffer text = {0};
		struct viewer_hop hop;

		hops_parse(slice_of(cases[i]), &text, &hop);
		assert_text(hop.from, "");
		assert_text(hop.by, "");
		assert_false(hop.has_time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_as_servers_write_them),
	    cmocka_unit_test(test_comments),
	    cmocka_unit_test(test_nothing_to_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
