#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "postfix/showq.h"

struct got {
	size_t messages, recipients, todo;
	uint32_t flags, known;
	uint64_t size;
	int64_t arrival;
	size_t sender;
	char reason[64];
};

static void on_message(void *context, struct message *m)
{
	struct got *got = context;

	got->messages++;
	got->recipients = m->recipient_count;
	got->todo = m->recipient_todo;
	got->flags = m->flags;
	got->known = m->known;
	got->size = m->size;
	got->arrival = m->arrival;
	got->sender = m->sender.len;
	if (m->recipient_count > 0)
		snprintf(
		    got->reason, sizeof(got->reason), "%.*s", SLICE_ARGS(m->recipients[0].reason));
}

#define NAMES                                                                                      \
	"queue_name\0deferred\0queue_id\0"                                                         \
	"0AD06AB80A3\0"

static bool feed(struct slice bytes, struct got *got, bool *complete)
{
	struct showq s = {0};
	bool ok;

	*got = (struct got){0};
	showq_begin(&s);
	ok = showq_feed(&s, bytes, on_message, got);
	*complete = showq_complete(&s);
	showq_free(&s);
	return ok;
}

static void test_by_name(void **state)
{
	struct got got;
	bool complete;

	(void)state;
	/* Another order, a name that nobody knows, numbers at their bounds. */
	assert_true(feed(SLICE("queue_name\0deferred\0sender\0MAILER-DAEMON\0size\0"
			       "18446744073709551615\0new\0thing\0"
			       "queue_id\0"
			       "0AD06AB80A3\0time\0"
			       "18446744073709551615\0forced_expire\0"
			       "1\0"
			       "recipient\0a@b\0reason\0why\0\0\0"),
	    &got, &complete));
	assert_true(complete);
	assert_int_equal(got.messages, 1);
	assert_true(got.size == UINT64_MAX && got.arrival == -1 && got.sender == 0);
	assert_true((got.flags & MESSAGE_FORCED_EXPIRE) != 0 &&
		    (got.known & MESSAGE_KNOWS_FORCED_EXPIRE) != 0);
	assert_string_equal(got.reason, "why");
	/* 3.4 does not say whether a message is force-expired: that is not "no". */
	assert_true(feed(SLICE(NAMES "sender\0a@b\0\0\0"), &got, &complete) && complete);
	assert_true((got.known & MESSAGE_KNOWS_FORCED_EXPIRE) == 0);
	assert_true((got.known & MESSAGE_KNOWS_NEXT_RETRY) == 0);
}

static void test_completeness(void **state)
{
	struct got got;
	bool complete;

	(void)state;
	assert_true(feed(SLICE("\0"), &got, &complete) && complete);
	assert_true(feed(SLICE(""), &got, &complete) && !complete);
	assert_true(
	    feed(SLICE("protocol\0mail_queue_list_protocol\0\0"), &got, &complete) && !complete);
	assert_true(
	    feed(SLICE("protocol\0mail_queue_list_protocol\0\0\0"), &got, &complete) && complete);
	assert_true(feed(SLICE(NAMES "\0"), &got, &complete) && !complete);
	assert_int_equal(got.messages, 1);
	assert_false(feed(SLICE("\0x"), &got, &complete));
	assert_false(feed(SLICE("protocol\0other\0\0\0"), &got, &complete));
	assert_false(feed(SLICE(NAMES NAMES), &got, &complete));
	assert_false(feed(SLICE("recipient\0a@b\0\0"), &got, &complete));
}

static void test_repeated_recipients(void **state)
{
	struct got got;
	bool complete;

	(void)state;
	assert_true(feed(SLICE(NAMES "recipient\0a@b\0reason\0why\0recipient\0c@"
				     "d\0reason\0\0recipient\0a@b\0reason\0\0\0\0"),
	    &got, &complete));
	assert_int_equal(got.recipients, 2);
	assert_int_equal(got.todo, 2);
	/* Without any reason they are two recipients of one address. */
	assert_true(feed(SLICE(NAMES "recipient\0a@b\0reason\0\0recipient\0a@b\0reason\0\0\0\0"),
	    &got, &complete));
	assert_int_equal(got.recipients, 2);
	/* 3.11: failed for good is listed, and not to do. */
	assert_true(
	    feed(SLICE(NAMES "original_recipient\0\0recipient\0a@b\0log_class\0bounce\0reason\0no\0"
			     "original_recipient\0\0recipient\0c@d\0log_class\0\0reason\0\0\0\0"),
		&got, &complete));
	assert_int_equal(got.recipients, 2);
	assert_int_equal(got.todo, 1);
}

static void test_many_recipients(void **state)
{
	struct showq s = {0};
	struct got got = {0};

	(void)state;
	showq_begin(&s);
	assert_true(showq_feed(&s, SLICE(NAMES), on_message, &got));
	for (size_t i = 0; i < 50000; i++)
		assert_true(
		    showq_feed(&s, SLICE("recipient\0a@b\0reason\0the same\0"), on_message, &got));
	assert_true(showq_feed(&s, SLICE("\0\0"), on_message, &got));
	assert_true(showq_complete(&s));
	assert_int_equal(got.recipients, 50000);
	showq_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_by_name),
	    cmocka_unit_test(test_completeness),
	    cmocka_unit_test(test_repeated_recipients),
	    cmocka_unit_test(test_many_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
