/* Packets are read from the fuzzer's corpus: behind a byte for the type, each is an answer to a
 * question about shop.example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/fd.h"
#include "notifier/dns_reply.h"

static struct dns_answer answer;
static struct buffer packet;

static void read_packet(const char *file, enum dns_type type)
{
	BUFFER_AUTO struct buffer path = {0};

	buffer_printf(&path, "%s/%s", CORPUS, file);
	buffer_clear(&packet);
	assert_true(fd_read_file(buffer_string(&path), 65536, &packet, NULL));
	dns_reply_read(slice_from(buffer_slice(&packet), 1), SLICE("shop.example"), type, &answer);
}

static void mail_servers_come_with_their_preference(void **state)
{
	(void)state;
	read_packet("mx", DNS_MX);
	assert_true(answer.status == DNS_FOUND && answer.count == 2 && !answer.authentic);
	assert_string_equal(answer.records[0].name, "mx1.shop.example");
	assert_int_equal(answer.records[0].preference, 10);
	/* A name that ends by pointing at the question. */
	assert_string_equal(answer.records[1].name, "mx2.shop.example");
	read_packet("null_mx", DNS_MX);
	assert_true(answer.count == 1 && answer.records[0].name[0] == '\0');
}

static void an_alias_is_followed_and_told(void **state)
{
	static const uint8_t address[4] = {192, 0, 2, 1};

	(void)state;
	read_packet("alias", DNS_A);
	assert_true(answer.status == DNS_FOUND && answer.count == 1);
	assert_string_equal(answer.alias_of, "web.other.example");
	assert_memory_equal(answer.records[0].data, address, sizeof(address));
	read_packet("alias_circle", DNS_A);
	assert_int_equal(answer.status, DNS_NO_DATA);
}

static void each_type_has_its_data(void **state)
{
	(void)state;
	read_packet("six", DNS_AAAA);
	assert_true(answer.records[0].length == 16 && answer.authentic);
	read_packet("text", DNS_TXT);
	assert_true(
	    slice_is(slice_make(answer.records[0].data, answer.records[0].length), "hello world"));
	read_packet("tlsa", DNS_TLSA);
	assert_true(answer.records[0].length == 35 && answer.records[0].data[0] == 3);
	read_packet("ptr", DNS_PTR);
	assert_string_equal(answer.records[0].name, "mail.shop.example");
}

/* A resolver that was lied to, or lies. */
static void what_was_not_asked_for_is_not_believed(void **state)
{
	(void)state;
	read_packet("other_name", DNS_A);
	assert_true(answer.status == DNS_NO_DATA && answer.foreign && answer.count == 0);
	/* The answer to another question. */
	read_packet("mx", DNS_A);
	assert_int_equal(answer.status, DNS_MADE_UP);
	dns_reply_read(
	    slice_from(buffer_slice(&packet), 1), SLICE("other.example"), DNS_MX, &answer);
	assert_int_equal(answer.status, DNS_MADE_UP);
	/* A question is no answer. */
	packet.data[3] = 0;
	dns_reply_read(
	    slice_from(buffer_slice(&packet), 1), SLICE("shop.example"), DNS_MX, &answer);
	assert_int_equal(answer.status, DNS_MADE_UP);
}

static void failures_are_told_apart(void **state)
{
	(void)state;
	read_packet("nxdomain", DNS_A);
	assert_int_equal(answer.status, DNS_NO_NAME);
	read_packet("servfail", DNS_MX);
	assert_int_equal(answer.status, DNS_FAILED);
}

static void malformed_records_are_counted_and_left_out(void **state)
{
	(void)state;
	read_packet("short_address", DNS_A);
	assert_true(answer.status == DNS_NO_DATA && answer.unusable == 1);
	read_packet("forward_pointer", DNS_MX);
	assert_true(answer.count == 0 && answer.unusable == 1);
	read_packet("self_pointer", DNS_A);
	assert_true(answer.count == 0 && answer.cut);
	read_packet("cut", DNS_MX);
	assert_true(answer.count == 0 && answer.cut);
}

static void names_are_letters_digits_and_dots(void **state)
{
	char longest[254];

	(void)state;
	assert_true(dns_name_valid(SLICE("mx-1.shop_2.example")));
	assert_true(dns_name_valid(SLICE("localhost")));
	assert_false(dns_name_valid(SLICE("")) || dns_name_valid(SLICE("a..b")));
	assert_false(dns_name_valid(SLICE("a b")) || dns_name_valid(SLICE("a.b\r\nQUIT")));
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = i % 10 == 9 ? '.' : 'a';
	assert_true(dns_name_valid(slice_make(longest, 253)));
	assert_false(dns_name_valid(slice_make(longest, 254)));
	memset(longest, 'a', sizeof(longest));
	assert_false(dns_name_valid(slice_make(longest, 64)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mail_servers_come_with_their_preference),
	    cmocka_unit_test(an_alias_is_followed_and_told),
	    cmocka_unit_test(each_type_has_its_data),
	    cmocka_unit_test(what_was_not_asked_for_is_not_believed),
	    cmocka_unit_test(failures_are_told_apart),
	    cmocka_unit_test(malformed_records_are_counted_and_left_out),
	    cmocka_unit_test(names_are_letters_digits_and_dots),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buffer_free(&packet);
	return failed;
}
