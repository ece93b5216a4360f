#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "notifier/smtp_reply.h"

static struct smtp_reply reply;

static size_t take(const char *text)
{
	smtp_reply_clear(&reply);
	return smtp_reply_take(&reply, text, strlen(text));
}

static void a_reply_ends_with_its_last_line(void **state)
{
	(void)state;
	assert_int_equal(take("250-mx.example\r\n250-STARTTLS\r\n250 SIZE 1\r\n220 more"), 42);
	assert_true(reply.state == SMTP_REPLY_WHOLE && reply.code == 250 && reply.lines == 3);
	assert_true(reply.starttls && !reply.enhanced);
	assert_true(
	    slice_is(buffer_slice(&reply.words), "250-mx.example\n250-STARTTLS\n250 SIZE 1"));
	take("220\n");
	assert_true(reply.state == SMTP_REPLY_WHOLE && reply.code == 220);
	take("220-and so");
	assert_int_equal(reply.state, SMTP_REPLY_MORE);
}

/* The first line of EHLO's reply is a name, and may be STARTTLS. */
static void only_a_line_of_extensions_offers_one(void **state)
{
	(void)state;
	take("250-STARTTLS\r\n250 STARTTLSX\r\n");
	assert_true(reply.state == SMTP_REPLY_WHOLE && !reply.starttls);
	take("250-mx\r\n250 starttls\r\n");
	assert_true(reply.starttls);
}

static void what_is_no_smtp_is_told(void **state)
{
	(void)state;
	take("SSH-2.0-OpenSSH_9\r\n");
	assert_int_equal(reply.state, SMTP_REPLY_NO_SMTP);
	assert_true(slice_is(buffer_slice(&reply.words), "SSH-2.0-OpenSSH_9"));
	take("220-one\r\n554 two\r\n");
	assert_int_equal(reply.state, SMTP_REPLY_NO_SMTP);
	take("2200 x\r\n");
	assert_int_equal(reply.state, SMTP_REPLY_NO_SMTP);
}

static void nothing_goes_on_for_ever(void **state)
{
	char line[SMTP_REPLY_LINE_MAX + 2];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "220 ", 4);
	line[sizeof(line) - 1] = '\0';
	take(line);
	assert_int_equal(reply.state, SMTP_REPLY_LONG_LINE);
	smtp_reply_clear(&reply);
	for (int i = 0; i < SMTP_REPLY_LINES_MAX; i++)
		smtp_reply_take(&reply, "220-x\r\n", 7);
	assert_int_equal(reply.state, SMTP_REPLY_MANY_LINES);
	assert_int_equal(smtp_reply_take(&reply, "220 end\r\n", 9), 0);
}

/* For terminals, logs and pages. */
static void words_are_made_harmless(void **state)
{
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	take("554 a\x1b[2J \xc2\x9b \xff \xc3\xa9\r\n");
	assert_true(slice_is(buffer_slice(&reply.words), "554 a?[2J ? \xef\xbf\xbd \xc3\xa9"));
	smtp_reply_put_harmless(&out, SLICE("0123456789"), 8);
	assert_true(slice_is(buffer_slice(&out), "01234..."));
	buffer_clear(&out);
	smtp_reply_put_harmless(&out, SLICE("01234567"), 8);
	assert_true(slice_is(buffer_slice(&out), "01234567"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reply_ends_with_its_last_line),
	    cmocka_unit_test(only_a_line_of_extensions_offers_one),
	    cmocka_unit_test(what_is_no_smtp_is_told),
	    cmocka_unit_test(nothing_goes_on_for_ever),
	    cmocka_unit_test(words_are_made_harmless),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	smtp_reply_free(&reply);
	return failed;
}
