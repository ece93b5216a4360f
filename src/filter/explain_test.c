#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "filter/explain.h"

static void check(const char *text, const char *expected)
{
	SAID_AUTO struct said out = {0};
	struct filter_error err;
	struct filter *f = filter_parse(slice_of(text), &err);

	if (!f)
		fail_msg("%s: column %u, expected %s", text, err.column, err.expected);
	explain_filter(f, NULL, &out);
	if (strcmp(buffer_string(&out.text), expected) != 0)
		fail_msg("%s\n  is explained as  %s\n  instead of       %s", text,
		    buffer_string(&out.text), expected);
	filter_free(f);
}

static void test_texts(void **state)
{
	check("", "all messages");
	check("  ", "all messages");
	check("from:Shop.Example", "messages whose sender contains \"shop.example\"");
	check("-from:shop.example", "messages whose sender does not contain \"shop.example\"");
	check("from:=a@b.example", "messages whose sender is \"a@b.example\"");
	check("not from=a@b.example", "messages whose sender is not \"a@b.example\"");
	check("from:*@b.example", "messages whose sender is like \"*@b.example\"");
	check("-from:*@b.example", "messages whose sender is not like \"*@b.example\"");
	check("from:<>", "messages from the null sender");
	check("-from:<>", "messages not from the null sender");
	check("from:=\"\"", "messages from the null sender");
	check("from:\"<>\"", "messages whose sender contains \"<>\"");
	check("to:x", "messages with a recipient that contains \"x\"");
	check("-to:x", "messages with no recipient that contains \"x\"");
	check("domain:=x.example", "messages with a recipient domain that is \"x.example\"");
	check("reason:\"over quota\"", "messages with a reason that contains \"over quota\"");
	check("-diagnosis:=mailbox_full", "messages with no cause that is \"mailbox_full\"");
	check("remote_host:mx1", "messages with a remote host that contains \"mx1\"");
	check("-host:=mx1.example", "messages with no remote host that is \"mx1.example\"");
	/* A domain is told as it was written, whatever forms are looked for. */
	check("domain:m\xc3\xbcller.example -to:*@xn--mller-kva.example",
	    "messages with a recipient domain that contains \"m\xc3\xbcller.example\", "
	    "with no recipient that is like \"*@xn--mller-kva.example\"");
	check("paused:yes", "messages held back by a pause");
	check("-paused:yes", "messages not held back by a pause");
	check("paused:no", "messages not held back by a pause");
	check("paused:=big.example", "messages held back by a pause of \"big.example\"");
	check("-paused:*.example", "messages not held back by a pause of one like \"*.example\"");
	check("id:4Q", "messages whose ID contains \"4q\"");
	check("helo:*.example", "messages whose HELO name is like \"*.example\"");
	check("login:=\"\"", "messages without any login");
	check("-login:=\"\"", "messages with any login");
	check("login:\"\"", "messages with any login or none");
	check("reason:=\"\"", "messages without any reason");
	check("quota", "messages with \"quota\" in ID, sender, recipients or reasons");
	check("-quota", "messages without \"quota\" in ID, sender, recipients and reasons");
	check(
	    "*quota", "messages with one like \"*quota\" among ID, sender, recipients and reasons");
}

static bool title_of(struct slice text, bool exact, struct explain_cause *cause)
{
	*cause = (struct explain_cause){"over-quota", "Mailbox full"};
	return slice_is(text, exact ? "over-quota" : "quota");
}

static void test_titles(void **state)
{
	static const char *const cases[][2] = {
	    {"cause:=over-quota", "messages with the cause \"Mailbox full\""},
	    {"-diagnosis:=over-quota", "messages without the cause \"Mailbox full\""},
	    {"cause:quota", "messages with the cause \"Mailbox full\""},
	    {"cause:=quota", "messages with a cause that is \"quota\""},
	    {"cause:*quota", "messages with a cause that is like \"*quota\""},
	    {"reason:quota", "messages with a reason that contains \"quota\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		SAID_AUTO struct said out = {0};
		struct filter *f = filter_parse(slice_of(cases[i][0]), NULL);

		explain_filter(f, title_of, &out);
		assert_string_equal(buffer_string(&out.text), cases[i][1]);
		filter_free(f);
	}
}

static void test_queues(void **state)
{
	check("queue:hold", "messages on hold");
	check("-queue:hold", "messages not on hold");
	check("queue:deferred", "messages in the queue deferred");
	check("-queue:=active", "messages not in the queue active");
	check("queue:d", "messages in the queue deferred, hold or maildrop");
}

static void test_numbers(void **state)
{
	check("age>2h", "messages older than 2 hours");
	check("age>=1h", "messages at least 1 hour old");
	check("age<90m", "messages younger than 90 minutes");
	check("age<=7d", "messages at most 1 week old");
	check("age=0", "messages exactly 0 seconds old");
	check("-age>86400", "messages not older than 1 day");
	check("size>10M", "messages larger than 10 MiB");
	check("size<=500k", "messages of at most 500 KiB");
	check("size>=1500", "messages of at least 1500 bytes");
	check("size<1", "messages smaller than 1 byte");
	check("recipients>1", "messages with more than 1 recipient");
	check("recipients=5", "messages with exactly 5 recipients");
	check("-recipients<2", "messages not with fewer than 2 recipients");
	check("next<5m", "messages due for the next attempt in less than 5 minutes");
	check("next>1h", "messages due for the next attempt in more than 1 hour");
	check("next<0", "messages overdue for the next attempt");
	check("next<-5m", "messages overdue for the next attempt by more than 5 minutes");
	check("next>=-5m",
	    "messages overdue for the next attempt by at most 5 minutes, or due later");
}

static void test_structure(void **state)
{
	check("from:shop.example age>2h -queue:hold",
	    "messages whose sender contains \"shop.example\", older than 2 hours, not on hold");
	check("age>2h or size>1M", "messages older than 2 hours or larger than 1 MiB");
	check("age>2h size>1M or queue:hold",
	    "messages (older than 2 hours and larger than 1 MiB) or on hold");
	check("age>2h (size>1M or queue:hold)",
	    "messages older than 2 hours, (larger than 1 MiB or on hold)");
	check("-(age>2h size>1M)", "messages not (older than 2 hours and larger than 1 MiB)");
	check("-(age>2h or size>1M) queue:hold",
	    "messages not (older than 2 hours or larger than 1 MiB), on hold");
	check("-(-queue:hold)", "messages on hold");
	check("--queue:hold", "messages on hold");
	check("((queue:hold))", "messages on hold");
	check("(age>2h size>1M)", "messages older than 2 hours, larger than 1 MiB");
	check("age>1h (age>2h or (age>3h -(age>4h or age>5h)))",
	    "messages older than 1 hour, (older than 2 hours or (older than 3 hours and not "
	    "(older than 4 hours or older than 5 hours)))");
}

static void test_long(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	SAID_AUTO struct said out = {0};
	struct filter_error err;
	struct filter *f;

	for (int i = 0; i < FILTER_TERMS_MAX; i++)
		buffer_printf(&text, "%sa%d", i ? " " : "", i);
	text.len = text.len < FILTER_TEXT_MAX ? text.len : FILTER_TEXT_MAX;
	f = filter_parse(buffer_slice(&text), &err);
	assert_non_null(f);
	explain_filter(f, NULL, &out);
	assert_true(out.text.len < EXPLAIN_BYTES_MAX);
	assert_true(slice_ends_with(buffer_slice(&out.text), " more"));
	assert_non_null(strstr(buffer_string(&out.text), "\"a19\""));
	assert_null(strstr(buffer_string(&out.text), "\"a20\""));
	filter_free(f);

	/* A long value is cut, and not within a character. */
	buffer_clear(&text);
	buffer_append_string(&text, "x");
	for (int i = 0; i < 100; i++)
		buffer_append_string(&text, "\xc3\xa9");
	f = filter_parse(buffer_slice(&text), &err);
	explain_filter(f, NULL, &out);
	assert_non_null(strstr(buffer_string(&out.text), "\xc3\xa9...\" in ID"));
	filter_free(f);
}

/* Deep, and wide at every level: words are bounded all the same. */
static void test_bushy(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	SAID_AUTO struct said out = {0};
	struct filter_error err;
	struct filter *f;

	for (int i = 0; i < FILTER_DEPTH_MAX; i++)
		buffer_append_string(&text, "-(from:*one@shop.example or to:two@shop.example ");
	buffer_append_string(&text, "x");
	for (int i = 0; i < FILTER_DEPTH_MAX; i++)
		buffer_append_string(&text, " size>1)");
	f = filter_parse(buffer_slice(&text), &err);
	assert_non_null(f);
	explain_filter(f, NULL, &out);
	assert_true(out.text.len < EXPLAIN_BYTES_MAX + 1000);
	filter_free(f);
}

/* Each chip as "text|rest without it". */
/* What stands within goes into the words whole, whatever its depth: another language has all of
 * it. */
static void test_words(void **state)
{
	static const char *const cases[][2] = {
	    {"-queue:hold age>2h",
		"{\"code\":\"explain_messages\",\"params\":{\"which\":[{\"code\":"
		"\"explain_all_of\",\"params\":{\"terms\":[{\"code\":\"explain_not\",\"params\":{"
		"\"term\":[{\"code\":\"explain_on_hold\",\"params\":{}}]}},{\"code\":"
		"\"explain_age_more\",\"params\":{\"amount\":[{\"code\":\"explain_hours\","
		"\"params\":{\"count\":2}}]}}]}}]}}"},
	    {"-to:*a", "{\"code\":\"explain_messages\",\"params\":{\"which\":[{\"code\":"
		       "\"explain_no_like\",\"params\":{\"field\":\"to\",\"value\":\"*a\"}}]}}"},
	    {"queue:d", "{\"code\":\"explain_messages\",\"params\":{\"which\":[{\"code\":"
			"\"explain_queues\",\"params\":{\"queues\":[\"deferred\",\"hold\","
			"\"maildrop\"]}}]}}"},
	    {"cause:quota", "{\"code\":\"explain_messages\",\"params\":{\"which\":[{\"code\":"
			    "\"explain_cause\",\"params\":{\"cause\":\"over-quota\"}}]}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		SAID_AUTO struct said out = {0};
		struct filter *f = filter_parse(slice_of(cases[i][0]), NULL);

		explain_filter(f, title_of, &out);
		assert_string_equal(buffer_string(&out.words), cases[i][1]);
		filter_free(f);
	}
}

static void check_chips(const char *text, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};
	struct explain_chip chips[10];
	struct slice whole = slice_of(text);
	struct filter *f = filter_parse(whole, NULL);
	size_t count = explain_chips(f, whole, chips, 10);

	for (size_t i = 0; i < count; i++) {
		const struct explain_chip *c = &chips[i];
		size_t from = out.len;
		buffer_printf(&out, "%s%.*s|%.*s%.*s", i ? " ; " : "", (int)(c->to - c->from),
		    text + c->from, (int)c->cut_from, text, (int)(whole.len - c->cut_to),
		    text + c->cut_to);
		struct slice rest = slice_from(buffer_slice(&out), from);
		rest = slice_from(rest, (size_t)slice_find_char(rest, '|') + 1);
		struct filter *without = filter_parse(rest, NULL);
		if (!without)
			fail_msg(
			    "%s without chip %zu is no filter: %.*s", text, i, SLICE_ARGS(rest));
		filter_free(without);
	}
	assert_string_equal(buffer_string(&out), expected);
	filter_free(f);
}

static void test_chips(void **state)
{
	struct explain_chip chip;
	struct filter *f;

	check_chips("", "");
	check_chips(" from:x ", "from:x|");
	check_chips("a b", "a|b ; b|a");
	check_chips(" a  -b not c ", "a| -b not c  ; -b| a  not c  ; not c| a  -b ");
	check_chips("a and b and c", "a|b and c ; b|a and c ; c|a and b");
	check_chips("a or b", "a or b|");
	check_chips("(a b)", "(a b)|");
	check_chips("((a b))", "((a b))|");
	check_chips("(a b) c", "(a b)|c ; c|(a b)");
	check_chips("-(a or b) \"x y\"", "-(a or b)|\"x y\" ; \"x y\"|-(a or b)");
	check_chips("--a b", "--a|b ; b|--a");

	f = filter_parse(SLICE("a b c"), NULL);
	assert_int_equal(explain_chips(f, SLICE("a b c"), &chip, 1), 3);
	assert_int_equal(explain_chips(f, SLICE("a b c"), NULL, 0), 3);
	filter_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_titles),
	    cmocka_unit_test(test_queues),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_structure),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_bushy),
	    cmocka_unit_test(test_chips),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
