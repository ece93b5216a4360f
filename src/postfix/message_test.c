#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "postfix/message.h"

static void test_printable(void **state)
{
	MESSAGE_AUTO struct message m;

	(void)state;
	message_init(&m);
	assert_true(slice_is(message_keep(&m, SLICE("a\tb\x7f\x1b[31m")), "a?b??[31m"));
	assert_true(slice_is(
	    message_keep(&m, SLICE("gr\xc3\xbc\xc3\x9f \xff\xc2\x85")), "gr\xc3\xbc\xc3\x9f ??"));
	assert_int_equal(message_keep(&m, SLICE("")).len, 0);
	assert_int_equal(m.flags, 0);
}

static void test_long_text_is_cut_whole(void **state)
{
	MESSAGE_AUTO struct message m;
	char text[MESSAGE_STRING_MAX + 10];
	struct slice kept;

	(void)state;
	message_init(&m);
	memset(text, 'x', sizeof(text));
	memcpy(text + MESSAGE_STRING_MAX - 1, "\xc3\xbc", 2);
	kept = message_keep(&m, slice_make(text, sizeof(text)));
	assert_int_equal(kept.len, MESSAGE_STRING_MAX - 1);
	assert_true((m.flags & MESSAGE_TEXT_CUT) != 0);
}

static void check_quoted(const char *raw, const char *expected)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	assert_true(slice_is(message_keep_address(&m, slice_of(raw)), expected));
}

static void test_quoting(void **state)
{
	(void)state;
	check_quoted("", "");
	check_quoted("ann@example.com", "ann@example.com");
	check_quoted("ann", "ann");
	check_quoted("two words@example.com", "\"two words\"@example.com");
	check_quoted("a\"b\\c@example.com", "\"a\\\"b\\\\c\"@example.com");
	check_quoted("a@b@example.com", "\"a@b\"@example.com");
	check_quoted(".a@example.com", "\".a\"@example.com");
	check_quoted("a..b@example.com", "\"a..b\"@example.com");
	check_quoted("a.@example.com", "\"a.\"@example.com");
	check_quoted("@example.com", "\"\"@example.com");
	check_quoted("j\xc3\xbcrgen@example.com", "j\xc3\xbcrgen@example.com");
	check_quoted("a\nb@example.com", "\"a?b\"@example.com");
}

static void fill(struct message *m, size_t recipients)
{
	message_clear(m);
	strcpy(m->id, "0AD06AB80A3");
	m->queue = QUEUE_DEFERRED;
	m->known = MESSAGE_KNOWS_NEXT_RETRY | MESSAGE_KNOWS_REASONS;
	m->arrival = 1795326826;
	m->size = 402;
	m->next_retry = 1795327126;
	m->sender = message_keep(m, SLICE("news@shop.example"));
	m->subject = message_keep(m, SLICE("=?utf-8?q?Gr=C3=BC=C3=9Fe?="));
	for (size_t i = 0; i < recipients; i++) {
		struct message_recipient *r = message_add_recipient(m);
		char text[64];

		if (r == NULL)
			continue;
		r->address = message_keep(m,
		    slice_make(text, (size_t)snprintf(text, sizeof(text), "user%zu@grey.test", i)));
		r->reason = message_keep(m, i % 3 == 0 ? SLICE("") : SLICE("450 greylisted"));
		r->offset = i * 7;
		if (i % 5 == 0)
			r->flags = MESSAGE_RECIPIENT_DONE;
	}
}

static void check_round_trip(size_t recipients)
{
	MESSAGE_AUTO struct message m, back;
	BUFFER_AUTO struct buffer bytes = {0};

	message_init(&m);
	message_init(&back);
	fill(&m, recipients);
	m.signature = 0xdeadbeef;
	message_encode(&bytes, &m);
	assert_true(message_decode(&back, buffer_slice(&bytes)));
	assert_string_equal(back.id, m.id);
	assert_int_equal(back.queue, QUEUE_DEFERRED);
	assert_true(
	    back.next_retry == m.next_retry && back.size == m.size && back.known == m.known);
	assert_true(slice_equal(back.subject, m.subject));
	assert_true(back.signature == 0xdeadbeef);
	assert_int_equal(back.recipient_count, m.recipient_count);
	assert_int_equal(back.recipient_total, recipients);
	for (size_t i = 0; i < m.recipient_count; i++) {
		assert_true(slice_equal(back.recipients[i].address, m.recipients[i].address));
		assert_true(slice_equal(back.recipients[i].reason, m.recipients[i].reason));
		assert_int_equal(back.recipients[i].flags, m.recipients[i].flags);
		assert_int_equal(back.recipients[i].offset, m.recipients[i].offset);
	}
	if (recipients > 10)
		return;
	/* Every prefix is refused, and so is one byte more. */
	for (size_t len = 0; len < bytes.len; len++)
		assert_false(message_decode(&back, slice_make(bytes.data, len)));
	buffer_append_char(&bytes, 'x');
	assert_false(message_decode(&back, buffer_slice(&bytes)));
}

static void test_round_trip(void **state)
{
	(void)state;
	check_round_trip(0);
	check_round_trip(1);
	check_round_trip(10);
	check_round_trip(50000);
	check_round_trip(MESSAGE_RECIPIENTS_MAX + 1);
}

static void test_huge_count_is_refused(void **state)
{
	MESSAGE_AUTO struct message m;
	BUFFER_AUTO struct buffer bytes = {0};

	(void)state;
	message_init(&m);
	fill(&m, 0);
	message_encode(&bytes, &m);
	memset(bytes.data + bytes.len - 4, 0xff, 4);
	assert_false(message_decode(&m, buffer_slice(&bytes)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_printable),
	    cmocka_unit_test(test_long_text_is_cut_whole),
	    cmocka_unit_test(test_quoting),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_huge_count_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
