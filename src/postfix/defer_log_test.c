#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "postfix/defer_log.h"

static void add(struct message *m, const char *address, uint64_t offset, uint32_t flags)
{
	struct message_recipient *r = message_add_recipient(m);

	r->address = message_keep(m, slice_of(address));
	r->offset = offset;
	r->flags = flags;
}

static void apply(struct message *m, const char *text, bool bounced)
{
	struct defer_log_index index = defer_log_index_make(m, bounced);
	struct defer_log log = {0};

	defer_log_feed(&log, slice_of(text), defer_log_index_apply, &index);
	defer_log_free(&log);
	defer_log_index_free(&index);
}

static void make(struct message *m)
{
	message_init(m);
	add(m, "ann@refused.test", 100, 0);
	add(m, "bob@grey.test", 200, 0);
	add(m, "bob@grey.test", 300, 0);
	add(m, "eve@gone.test", 400, MESSAGE_RECIPIENT_DONE);
}

static void test_by_offset(void **state)
{
	MESSAGE_AUTO struct message m;

	(void)state;
	make(&m);
	apply(&m,
	    "\n<bob@grey.test>: old style "
	    "line\nrecipient=bob@grey.test\noffset=300\nstatus=4.2.0\naction=delayed\n"
	    "new_name=ignored\nmta_type=dns\nmta_mname=mx.grey.test\nreason=host said: 450 = "
	    "wait\n\n",
	    false);
	assert_int_equal(m.recipients[1].reason.len, 0);
	assert_true(slice_is(m.recipients[2].reason, "host said: 450 = wait"));
	assert_true(slice_is(m.recipients[2].dsn, "4.2.0") &&
		    slice_is(m.recipients[2].remote, "mx.grey.test"));
}

static void test_by_address(void **state)
{
	MESSAGE_AUTO struct message m;

	(void)state;
	make(&m);
	/* Without an offset, or with one that no recipient has: the next of that address. */
	apply(&m,
	    "<bob@grey.test>: first\n\nrecipient=bob@grey.test\noffset=999\nreason=second\n\n"
	    "recipient=bob@grey.test\nreason=third\n\nrecipient=nobody@grey.test\nreason=x\n\n",
	    false);
	assert_true(slice_is(m.recipients[1].reason, "first"));
	assert_true(slice_is(m.recipients[2].reason, "second"));
	assert_int_equal(m.recipients[0].reason.len, 0);
}

/* A REDIRECT: the log has the new address at the offset of the old one. */
static void test_offset_decides_whatever_the_address(void **state)
{
	MESSAGE_AUTO struct message m;

	(void)state;
	make(&m);
	add(&m, "j\xc3\xbcrgen@\xc3\xbcml.test", 500, 0);
	apply(&m,
	    "recipient=quarantine@grey.test\noriginal_recipient=ann@refused.test\noffset=100\n"
	    "reason=over quota\n\n",
	    false);
	assert_true(slice_is(m.recipients[0].reason, "over quota"));
	assert_true(slice_is(m.recipients[0].address, "quarantine@grey.test"));
	assert_true(slice_is(m.recipients[0].original, "ann@refused.test"));
	/* smtputf8_enable = no: a question mark for each byte. */
	apply(&m, "recipient=j??rgen@??ml.test\noffset=500\nreason=no SMTPUTF8\n\n", false);
	assert_true(slice_is(m.recipients[4].reason, "no SMTPUTF8"));
	assert_true(slice_is(m.recipients[4].address, "j\xc3\xbcrgen@\xc3\xbcml.test"));
	assert_int_equal(m.recipients[4].original.len, 0);
}

/* As split_nameval does: the output of pipe(8) and local(8) ends in a blank. */
static void test_blanks_at_both_ends_go(void **state)
{
	MESSAGE_AUTO struct message m;

	(void)state;
	make(&m);
	apply(&m,
	    "<ann@refused.test>: first \n\n recipient = bob@grey.test\noffset= 200\nstatus=4.3.0 \n"
	    "reason=Command output: try later \n\n",
	    false);
	assert_true(slice_is(m.recipients[0].reason, "first"));
	assert_true(slice_is(m.recipients[1].reason, "Command output: try later"));
	assert_true(slice_is(m.recipients[1].dsn, "4.3.0"));
}

static void test_unfinished_block_does_not_count(void **state)
{
	MESSAGE_AUTO struct message m;

	(void)state;
	make(&m);
	apply(&m, "recipient=ann@refused.test\noffset=100\nreason=half of i", false);
	apply(&m, "recipient=ann@refused.test\noffset=100\nreason=all of it\n", false);
	assert_int_equal(m.recipients[0].reason.len, 0);
}

static void test_bounce_log(void **state)
{
	MESSAGE_AUTO struct message m;

	(void)state;
	make(&m);
	apply(&m, "recipient=eve@gone.test\noffset=400\nreason=deferred?\n\n", false);
	assert_int_equal(m.recipients[3].reason.len, 0);
	apply(
	    &m, "recipient=eve@gone.test\noffset=400\nstatus=5.1.1\nreason=no such user\n\n", true);
	assert_true(slice_is(m.recipients[3].reason, "no such user"));
	assert_int_equal(m.recipients[3].flags, MESSAGE_RECIPIENT_DONE | MESSAGE_RECIPIENT_BOUNCED);
	assert_int_equal(m.recipients[0].flags, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_by_offset),
	    cmocka_unit_test(test_by_address),
	    cmocka_unit_test(test_offset_decides_whatever_the_address),
	    cmocka_unit_test(test_blanks_at_both_ends_go),
	    cmocka_unit_test(test_unfinished_block_does_not_count),
	    cmocka_unit_test(test_bounce_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
