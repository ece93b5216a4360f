#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "postfix/queue_file.h"
#include "postfix/record.h"

/* Appends one record; returns its offset. */
static size_t put(struct buffer *b, char type, const char *data)
{
	size_t at = b->len, len = strlen(data);

	buffer_append_char(b, type);
	for (; len > 0x7f; len >>= 7)
		buffer_append_char(b, (char)(0x80 | (len & 0x7f)));
	buffer_append_char(b, (char)len);
	buffer_append_string(b, data);
	return at;
}

static size_t put_pointer(struct buffer *b, size_t to)
{
	char text[32];

	snprintf(text, sizeof(text), "%15zu", to);
	return put(b, 'p', text);
}

/* Writes the target of a pointer record that is there already. */
static void aim(struct buffer *b, size_t pointer, size_t to)
{
	char text[32];

	snprintf(text, sizeof(text), "%15zu", to);
	memcpy(b->data + pointer + 2, text, 15);
}

static enum queue_file_status parse(
    struct queue_file *f, const struct buffer *b, enum queue queue, struct message *m)
{
	struct queue_file_stat stat = {.id = SLICE("0AD06AB80A3"),
	    .queue = queue,
	    .mode = 0700,
	    .inode = 7,
	    .size = b->len,
	    .mtime_ns = 1795327126000000000};

	return queue_file_parse(f, &stat, buffer_slice(b), m);
}

static void test_record_bounds(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct record r;

	(void)state;
	put(&b, 'S', "sender");
	assert_int_equal(record_read(buffer_slice(&b), 0, 0, b.len, &r), RECORD_OK);
	assert_true(slice_is(r.data, "sender") && r.next == b.len);
	assert_int_equal(record_read(buffer_slice(&b), 0, b.len, b.len, &r), RECORD_EOF);
	assert_int_equal(record_read(buffer_slice(&b), 0, b.len + 1, b.len, &r), RECORD_BAD);
	/* Not all of it is shown, and then the file is too short for it. */
	assert_int_equal(record_read(slice_make(b.data, 4), 0, 0, b.len, &r), RECORD_MORE);
	assert_int_equal(r.next, b.len);
	assert_int_equal(record_read(slice_make(b.data, 4), 0, 0, 4, &r), RECORD_BAD);
	/* A window that begins elsewhere. */
	assert_int_equal(record_read(buffer_slice(&b), 100, 0, 1000, &r), RECORD_MORE);
	assert_int_equal(record_read(buffer_slice(&b), 100, 100, 1000, &r), RECORD_OK);
	/* Six bytes of length; a length over the limit; an unknown type. */
	assert_int_equal(
	    record_read(SLICE("S\xff\xff\xff\xff\xff\x01"), 0, 0, 1000, &r), RECORD_BAD);
	assert_int_equal(record_read(SLICE("S\xff\xff\xff\x7f"), 0, 0, UINT64_MAX, &r), RECORD_BAD);
	assert_int_equal(record_read(SLICE("Q\x01x"), 0, 0, 3, &r), RECORD_BAD);
	assert_int_equal(record_read(SLICE("S"), 0, 0, 1, &r), RECORD_BAD);
}

/* Content and envelope changed by a milter: pieces behind the end record, spliced in by pointers.
 */
static void test_pointers_are_followed(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	MESSAGE_AUTO struct message m;
	struct queue_file f = {0};
	size_t after_sender, to_recipients, after_recipients, to_header, after_header, added;

	(void)state;
	put(&b, 'T', "1795326826 5");
	put(&b, 'S', "ann@shop.example");
	after_sender = put_pointer(&b, 0);
	put(&b, 'R', "old@grey.test");
	to_recipients = put_pointer(&b, 0);
	after_recipients = put(&b, 'M', "");
	put(&b, 'N', "From: ann@shop.example");
	to_header = put_pointer(&b, 0);
	after_header = put(&b, 'N', "");
	put(&b, 'N', "body");
	put(&b, 'X', "");
	put(&b, 'E', "");
	added = put(&b, 'R', "added@grey.test");
	put_pointer(&b, after_recipients);
	aim(&b, to_recipients, added);
	aim(&b, to_header, put(&b, 'N', "Subject: from a milter"));
	put_pointer(&b, after_header);
	assert_true(after_sender > 0);
	message_init(&m);
	assert_int_equal(parse(&f, &b, QUEUE_INCOMING, &m), QUEUE_FILE_DONE);
	assert_int_equal(m.recipient_count, 2);
	assert_true(slice_is(m.recipients[1].address, "added@grey.test"));
	assert_int_equal(m.recipients[1].offset, added);
	assert_true(slice_is(m.subject, "from a milter"));
	queue_file_free(&f);
}

static void check_bad(const struct buffer *b, const char *problem)
{
	MESSAGE_AUTO struct message m;
	struct queue_file f = {0};

	message_init(&m);
	assert_int_equal(parse(&f, b, QUEUE_DEFERRED, &m), QUEUE_FILE_BAD);
	assert_string_equal(f.problem, problem);
	assert_true((m.flags & MESSAGE_DAMAGED) != 0);
	assert_string_equal(m.id, "0AD06AB80A3");
	queue_file_free(&f);
}

static void test_damage(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	size_t first;

	(void)state;
	check_bad(&b, "has no end record");
	first = put(&b, 'T', "1 2");
	put(&b, 'S', "ann@shop.example");
	check_bad(&b, "has no end record");
	put_pointer(&b, first + 5);
	check_bad(&b, "has pointer records that lead in a circle");
	aim(&b, b.len - 17, 5000000);
	check_bad(&b, "has a pointer record that leads beyond its end");
	buffer_clear(&b);
	put(&b, 'T', "1 2");
	put(&b, 'E', "");
	check_bad(&b, "has no sender record");
	buffer_clear(&b);
	put(&b, 'C', "           9999              5              1              0              1");
	put(&b, 'S', "");
	put(&b, 'M', "");
	put(&b, 'N', "");
	put(&b, 'X', "");
	put(&b, 'E', "");
	check_bad(&b, "is shorter than its size record says");
	/* Leads to a record, but not to the end of the content. */
	memcpy(b.data + 2, "              2             79", 30);
	check_bad(&b, "has a size record that leads nowhere");
}

static void test_what_is_read(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	MESSAGE_AUTO struct message m;
	struct queue_file f = {0};

	(void)state;
	put(&b, 'T', "1795326826 5");
	put(&b, 'A', "create_time=1795326830");
	put(&b, 'A', "sasl_username=ann");
	put(&b, 'S', "");
	put(&b, 'A', "log_client_name=client.example");
	put(&b, 'A', "log_client_address=192.0.2.7");
	put(&b, 'A', "client_address=192.0.2.8");
	put(&b, 'A', "log_helo_name=helo.example");
	put(&b, 'W', "             -1");
	put(&b, 'A', "dsn_orig_rcpt=rfc822;alias@grey.test");
	put(&b, 'R', "bob@grey.test");
	put(&b, 'O', "BOB@quota.test");
	put(&b, 'D', "bob@quota.test");
	put(&b, 'M', "");
	put(&b, 'L', "sub");
	put(&b, 'N', "ject : =?utf-8?q?Gr=C3=BC=C3=9Fe?=");
	put(&b, 'N', "\tand\x07more");
	put(&b, 'N', "To: x");
	put(&b, 'N', "");
	put(&b, 'X', "");
	put(&b, 'R', "two words@grey.test");
	put(&b, 'E', "");
	message_init(&m);
	assert_int_equal(parse(&f, &b, QUEUE_DEFERRED, &m), QUEUE_FILE_DONE);
	assert_true(
	    m.arrival == 1795326826 && m.create_time == 1795326830 && m.next_retry == 1795327126);
	assert_true(slice_is(m.login, "ann") && slice_is(m.client_name, "client.example"));
	assert_true(slice_is(m.client_address, "192.0.2.7") && slice_is(m.helo, "helo.example"));
	assert_true(f.have_delay_warning && f.delay_warning == -1);
	assert_int_equal(m.recipient_total, 3);
	assert_int_equal(m.recipient_todo, 2);
	assert_true(slice_is(m.recipients[0].original, "alias@grey.test"));
	/* Only another case is not another address; and it belongs to one recipient alone. */
	assert_int_equal(m.recipients[1].original.len, 0);
	assert_int_equal(m.recipients[1].flags, MESSAGE_RECIPIENT_DONE);
	assert_true(slice_is(m.recipients[2].address, "\"two words\"@grey.test"));
	assert_true(slice_is(m.subject, "Gr\u00fc\u00dfe and?more"));
	assert_int_equal(m.sender.len, 0);
	/* In another queue the time of the file is no time of a retry. */
	assert_int_equal(parse(&f, &b, QUEUE_HOLD, &m), QUEUE_FILE_DONE);
	assert_true((m.known & MESSAGE_KNOWS_NEXT_RETRY) == 0);
	queue_file_free(&f);
}

/* A file that becomes shorter while it is read, at every length: damaged, and no wait for more. */
static void test_shrinks_while_it_is_read(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	MESSAGE_AUTO struct message m;
	struct queue_file f = {0};
	struct queue_file_stat stat = {
	    .id = SLICE("ABCDEF01"), .queue = QUEUE_DEFERRED, .mode = 0700};

	(void)state;
	put(&b, 'S', "a@shop.example");
	put(&b, 'R', "bob@grey.test");
	put(&b, 'M', "");
	put(&b, 'N', "x");
	put(&b, 'X', "");
	put(&b, 'E', "");
	stat.size = b.len;
	message_init(&m);
	for (size_t left = 0; left < b.len; left++) {
		struct slice now = slice_first(buffer_slice(&b), left);

		assert_int_equal(queue_file_parse(&f, &stat, now, &m), QUEUE_FILE_BAD);
		assert_true((m.flags & MESSAGE_DAMAGED) != 0);
	}
	queue_file_free(&f);
}

/* Of a re-queued message in maildrop: up to Postfix 3.7 the size record's size, from 3.8 on the
 * file's (showq.c). */
static void test_size_in_maildrop(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	MESSAGE_AUTO struct message m;
	struct queue_file f = {0};
	struct queue_file_stat stat = {
	    .id = SLICE("ABCDEF01"), .queue = QUEUE_MAILDROP, .mode = 0700};

	(void)state;
	put(&b, 'C',
	    "            321              99               1               0            300");
	put(&b, 'S', "a@shop.example");
	put(&b, 'R', "bob@grey.test");
	put(&b, 'M', "");
	put(&b, 'N', "x");
	put(&b, 'X', "");
	put(&b, 'E', "");
	stat.size = b.len;
	message_init(&m);
	assert_int_equal(queue_file_parse(&f, &stat, buffer_slice(&b), &m), QUEUE_FILE_DONE);
	assert_int_equal(m.size, b.len);
	stat.maildrop_by_record = true;
	assert_int_equal(queue_file_parse(&f, &stat, buffer_slice(&b), &m), QUEUE_FILE_DONE);
	assert_int_equal(m.size, 321);
	queue_file_free(&f);
}

static void test_large_header(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	MESSAGE_AUTO struct message m;
	struct queue_file f = {0};
	size_t data, extracted;
	char size[80];

	(void)state;
	put(&b, 'C', "              0              0              1              0              0");
	put(&b, 'S', "ann@shop.example");
	data = put(&b, 'M', "") + 2;
	while (b.len < 10000000)
		put(&b, 'N', "X-Header: of a great many of them, and behind them all the subject");
	put(&b, 'N', "Subject: late");
	extracted = put(&b, 'X', "");
	put(&b, 'R', "bob@grey.test");
	put(&b, 'E', "");
	snprintf(size, sizeof(size), "%15zu%15zu", extracted - data, data);
	memcpy(b.data + 2, size, 30);
	message_init(&m);
	assert_int_equal(parse(&f, &b, QUEUE_DEFERRED, &m), QUEUE_FILE_DONE);
	assert_true((m.known & MESSAGE_KNOWS_SUBJECT) == 0);
	assert_int_equal(m.recipient_todo, 1);
	assert_int_equal(m.size, extracted - data);
	/* The content was not read. */
	assert_true(f.work < 200000);
	queue_file_free(&f);
}

static void test_many_recipients(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	MESSAGE_AUTO struct message m;
	struct queue_file f = {0};

	(void)state;
	put(&b, 'S', "list@shop.example");
	for (size_t i = 0; i < 50000; i++)
		put(&b, i % 2 == 0 ? 'R' : 'D', "someone@somewhere.example");
	put(&b, 'M', "");
	put(&b, 'X', "");
	put(&b, 'E', "");
	message_init(&m);
	assert_int_equal(parse(&f, &b, QUEUE_ACTIVE, &m), QUEUE_FILE_DONE);
	assert_int_equal(m.recipient_count, 50000);
	assert_int_equal(m.recipient_todo, 25000);
	assert_true((m.known & MESSAGE_KNOWS_REASONS) == 0);
	queue_file_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_record_bounds),
	    cmocka_unit_test(test_pointers_are_followed),
	    cmocka_unit_test(test_damage),
	    cmocka_unit_test(test_what_is_read),
	    cmocka_unit_test(test_shrinks_while_it_is_read),
	    cmocka_unit_test(test_size_in_maildrop),
	    cmocka_unit_test(test_large_header),
	    cmocka_unit_test(test_many_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
