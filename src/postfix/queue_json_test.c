#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "postfix/queue_json.h"

static char got_sender[64], got_reason[64];
static size_t got;

static void on_message(void *context, struct message *m)
{
	(void)context;
	got++;
	snprintf(got_sender, sizeof(got_sender), "%.*s", SLICE_ARGS(m->sender));
	if (m->recipient_count > 0)
		snprintf(
		    got_reason, sizeof(got_reason), "%.*s", SLICE_ARGS(m->recipients[0].reason));
}

/* Feeds the text; true when it was a whole listing. */
static bool feed(const char *text)
{
	struct queue_json j = {0};
	bool complete;

	got = 0;
	queue_json_begin(&j);
	queue_json_feed(&j, slice_of(text), on_message, NULL);
	complete = queue_json_complete(&j);
	queue_json_free(&j);
	return complete;
}

#define HEAD "{\"queue_name\": \"hold\", \"queue_id\": \"0AD06AB80A3\", "

static void test_escapes(void **state)
{
	(void)state;
	assert_true(feed(HEAD "\"sender\": \"\\u00e9\\ud83d\\ude00\\\"\\\\@b\", \"recipients\": "
			      "[{\"address\": \"a@b\", "
			      "\"delay_reason\": \"x\\ty\\ud800\"}]}\n"));
	assert_int_equal(got, 1);
	assert_string_equal(got_sender, "\xc3\xa9\xf0\x9f\x98\x80\"\\@b");
	assert_string_equal(got_reason, "x?y\xef\xbf\xbd");
}

static void test_unknown_members_are_skipped(void **state)
{
	(void)state;
	assert_true(feed(HEAD
	    "\"new\": {\"a\": [1, -2, true, null, \"x\", {}]}, \"recipients\": [{\"z\": [], "
	    "\"address\": \"a@b\", \"other_reason\": \"why\"}], \"sender\": \"MAILER-DAEMON\"}\n"));
	assert_int_equal(got, 1);
	assert_string_equal(got_sender, "");
	assert_string_equal(got_reason, "why");
}

static void test_broken(void **state)
{
	static const char *const broken[] = {"{\n", "{}x\n", "\n", "postqueue: fatal: no\n",
	    HEAD "\"sender\": \"\\x\"}\n", HEAD "\"sender\": \"abc\n",
	    HEAD "\"arrival_time\": 1.5}\n", HEAD "\"message_size\": 99999999999999999999}\n",
	    HEAD "\"x\": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}\n",
	    HEAD "\"forced_expire\": 1}\n", HEAD "\"recipients\": [{\"address\": \"a\"},]}\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_false(feed(broken[i]));
		assert_int_equal(got, 0);
	}
	/* Cut within a line: what came before was given, the listing is not complete. */
	assert_false(feed(HEAD "\"sender\": \"a@b\"}\n{\"queue_name\": \"def"));
	assert_int_equal(got, 1);
	assert_true(feed(""));
}

static void test_bad_names_are_counted(void **state)
{
	struct queue_json j = {0};

	(void)state;
	queue_json_begin(&j);
	assert_true(queue_json_feed(&j,
	    SLICE("{\"queue_name\": \"hold\", \"queue_id\": \"ALL\"}\n{\"queue_name\": \"x\", "
		  "\"queue_id\": \"0AD06AB80A3\"}\n"),
	    on_message, NULL));
	assert_int_equal(j.skipped, 2);
	queue_json_free(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_unknown_members_are_skipped),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_bad_names_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
