#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "notifier/probe_parts.h"

static void hop(const char *text, const char *host, uint16_t port, bool mx, bool literal)
{
	struct probe_next_hop found;

	assert_true(probe_next_hop_read(slice_of(text), &found));
	assert_string_equal(found.host, host);
	assert_true(found.port == port && found.mx == mx && found.literal == literal);
}

static void next_hops_are_written_as_postfix_does(void **state)
{
	(void)state;
	hop("shop.example", "shop.example", 25, true, false);
	hop("shop.example:2525", "shop.example", 2525, true, false);
	hop("[mx.shop.example]", "mx.shop.example", 25, false, false);
	hop("[mx.shop.example]:submission", "mx.shop.example", 587, false, false);
	hop("[192.0.2.1]:26", "192.0.2.1", 26, false, true);
	hop("[2001:db8::1]:26", "2001:db8::1", 26, false, true);
	hop("[IPv6:2001:db8::1]", "2001:db8::1", 25, false, true);
}

static void what_is_none_is_refused(void **state)
{
	static const char *const texts[] = {"", "[", "[mx", "[]", "[mx]x", "mx:", "mx:0",
	    "mx:65536", "mx:http", "a b", "unix:/run/x", "mx\r\nQUIT"};
	struct probe_next_hop found;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(probe_next_hop_read(slice_of(texts[i]), &found));
}

/* Not of Postfix's configuration: as a name that leads there. */
static void an_address_without_brackets_is_a_strangers(void **state)
{
	static const char *const texts[] = {"10.0.0.5", "fd00::1"};
	struct probe_next_hop found;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(probe_next_hop_read(slice_of(texts[i]), &found));
		assert_true(found.literal && found.mx && found.port == 25);
		assert_string_equal(found.host, texts[i]);
	}
}

static void is_private(const char *text, bool expected)
{
	struct sockaddr_storage address;
	char shown[PROBE_ADDRESS_SIZE];

	assert_true(probe_address_read(slice_of(text), 25, &address));
	assert_int_equal(probe_address_private(&address), expected);
	probe_address_text(&address, shown);
	assert_string_equal(shown, text);
}

static void private_networks_are_known(void **state)
{
	(void)state;
	is_private("10.1.2.3", true);
	is_private("172.31.0.1", true);
	is_private("172.32.0.1", false);
	is_private("192.168.9.9", true);
	is_private("100.64.0.1", true);
	is_private("198.51.100.7", false);
	is_private("fd00::1", true);
	is_private("2001:db8::1", false);
	/* IPv4 within IPv6: a name server may say that as well. */
	is_private("::ffff:10.1.2.3", true);
	is_private("::ffff:198.51.100.7", false);
	is_private("64:ff9b::c0a8:909", true);
	is_private("2002:ac10:1::1", true);
}

static void reverse_names_are_asked_digit_by_digit(void **state)
{
	static const uint8_t v4[4] = {192, 0, 2, 7};
	static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x1f};
	char name[DNS_NAME_SIZE], zone[260] = {0};

	(void)state;
	assert_true(dns_reverse(v4, 4, SLICE(""), name));
	assert_string_equal(name, "7.2.0.192.in-addr.arpa");
	assert_true(dns_reverse(v4, 4, SLICE("zen.list.example"), name));
	assert_string_equal(name, "7.2.0.192.zen.list.example");
	assert_true(dns_reverse(v6, 16, SLICE(""), name));
	assert_string_equal(name, "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
				  "ip6.arpa");
	for (size_t i = 0; i < sizeof(zone) - 1; i++)
		zone[i] = i % 10 == 9 ? '.' : 'a';
	assert_false(dns_reverse(v4, 4, slice_of(zone), name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(next_hops_are_written_as_postfix_does),
	    cmocka_unit_test(what_is_none_is_refused),
	    cmocka_unit_test(an_address_without_brackets_is_a_strangers),
	    cmocka_unit_test(private_networks_are_known),
	    cmocka_unit_test(reverse_names_are_asked_digit_by_digit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
