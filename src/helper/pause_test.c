/* The pure parts of the helper's side of pauses: what may stand in a table, its text, and where
 * mail for a throttled domain goes. */
#include "helper/client_query.h"
#include "helper/pause_tables.h"
#include "helper/pause_throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void put(struct buffer *entries, const char *key, bool subdomains, uint32_t throttle_s)
{
	pause_entry_put(entries, &(struct pause_entry){7, subdomains, throttle_s, slice_of(key)});
}

static bool may_stand(enum pause_table table, const char *key, bool subdomains, uint32_t throttle_s)
{
	BUFFER_AUTO struct buffer entries = {0};
	uint32_t count = 0;
	struct error err;

	put(&entries, key, subdomains, throttle_s);
	return pause_tables_check(table, buffer_slice(&entries), &count, &err);
}

static void lets_nothing_but_keys_in(void **state)
{
	static const char *const wrong[] = {"", "*", ".dst.example", "dst", "DST.example",
	    "dst.example ", "dst.example\tsmtp:[192.0.2.1]", "dst.example\nevil.example smtp:x",
	    "#dst.example", "dst.example:25", "$dst.example", "/dst.example/", "dst..example",
	    "{dst.example}", "d\xc3\xbcst.example"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(may_stand(PAUSE_TABLE_TRANSPORT, wrong[i], false, 0));
	assert_true(may_stand(PAUSE_TABLE_TRANSPORT, "dst.example", true, 0));
	assert_true(may_stand(PAUSE_TABLE_TRANSPORT, "_x.xn--mller-kva.example", false, 3600));
	assert_false(may_stand(PAUSE_TABLE_TRANSPORT, "dst.example", false, 3));
	assert_false(may_stand(PAUSE_TABLE_TRANSPORT, "a@dst.example", false, 0));
	assert_true(may_stand(PAUSE_TABLE_SENDER, "o'hara+x@shop.example", false, 0));
	assert_false(may_stand(PAUSE_TABLE_SENDER, "a b@shop.example", false, 0));
	assert_false(may_stand(PAUSE_TABLE_SENDER, "a@shop.example", true, 0));
	assert_false(may_stand(PAUSE_TABLE_SENDER, "a@shop.example", false, 60));
	assert_true(may_stand(PAUSE_TABLE_LOGIN, "shop\\news", false, 0));
	assert_false(may_stand(PAUSE_TABLE_LOGIN, "news OK", false, 0));
}

static struct slice slow(void *context, const struct pause_entry *entry)
{
	assert_int_equal(entry->throttle_s, 60);
	return SLICE("postroom-slow-60-smtp:[192.0.2.1]");
}

static const char *body(struct buffer *text)
{
	const char *lines = buffer_string(text);

	while (*lines == '#')
		lines = strchr(lines, '\n') + 1;
	return lines;
}

static void writes_our_own_words(void **state)
{
	BUFFER_AUTO struct buffer entries = {0}, compiled = {0}, pattern = {0}, logins = {0};

	put(&entries, "dst.example", false, 0);
	put(&entries, "a-b_c.example", true, 0);
	put(&entries, "slow.example", false, 60);
	pause_tables_text(
	    PAUSE_TABLE_TRANSPORT, false, buffer_slice(&entries), slow, NULL, &compiled);
	assert_string_equal(body(&compiled),
	    "dst.example\tpostroom-pause:\na-b_c.example\tpostroom-pause:\n"
	    ".a-b_c.example\tpostroom-pause:\nslow.example\tpostroom-slow-60-smtp:[192.0.2.1]\n");
	pause_tables_text(
	    PAUSE_TABLE_TRANSPORT, true, buffer_slice(&entries), slow, NULL, &pattern);
	assert_string_equal(body(&pattern),
	    "/@dst\\.example$/ postroom-pause:\n/[@.]a-b_c\\.example$/ postroom-pause:\n"
	    "/@slow\\.example$/ postroom-slow-60-smtp:[192.0.2.1]\n");
	buffer_clear(&entries);
	put(&entries, "news", false, 0);
	pause_tables_text(PAUSE_TABLE_LOGIN, false, buffer_slice(&entries), slow, NULL, &logins);
	assert_string_equal(body(&logins), "news\tHOLD Postroom pause 7\n");
}

/* As resolve.c and transport.c of Postfix's trivial-rewrite do. */
static void finds_the_next_hop_that_mail_has_anyway(void **state)
{
	static const struct {
		const char *entry, *standard, *relayhost, *transport, *hop;
	} rows[] = {
	    {"", "smtp", "", "smtp", ""},
	    {"", "smtp", "[mail.isp.example]:587", "smtp", "[mail.isp.example]:587"},
	    {"", "smtp:[127.0.0.1]:25", "other.example", "smtp", "[127.0.0.1]:25"},
	    {"relay:[192.0.2.1]", "smtp", "isp.example", "relay", "[192.0.2.1]"},
	    /* The domain's own hosts, past the relay. */
	    {"smtp:", "smtp", "isp.example", "smtp", ""},
	    {":[192.0.2.1]", "out", "isp.example", "out", "[192.0.2.1]"},
	    {":", "smtp", "isp.example", "smtp", "isp.example"},
	    {"lmtp:unix:/run/x", "smtp", "", "lmtp", "unix:/run/x"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice transport, hop;
		struct error err;

		assert_true(
		    pause_throttle_resolve(slice_of(rows[i].entry), slice_of(rows[i].standard),
			slice_of(rows[i].relayhost), &transport, &hop, &err));
		assert_true(slice_is(transport, rows[i].transport));
		assert_true(slice_is(hop, rows[i].hop));
	}
}

static void refuses_a_next_hop_that_no_table_can_have(void **state)
{
	static const char *const wrong[] = {"smtp:[192.0.2.1] x", "a b:x", "../smtp:x", "smtp:x\ny",
	    "\x80:x", "a-transport-whose-name-is-far-too-long-one:"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct slice transport, hop;
		struct error err;

		assert_false(pause_throttle_resolve(
		    slice_of(wrong[i]), SLICE("smtp"), SLICE(""), &transport, &hop, &err));
		assert_string_equal(err.code, "pause_throttle_impossible");
	}
}

static void copies_clients_of_smtp_alone(void **state)
{
	BUFFER_AUTO struct buffer copy = {0}, none = {0};

	assert_true(pause_throttle_copy(
	    SLICE("relay      unix  -       -       y       -       -       smtp\n"
		  "    -o syslog_name=postfix/$service_name -o smtp_bind_address=192.0.2.7\n"),
	    "postroom-slow-60-relay", &copy));
	assert_string_equal(buffer_string(&copy),
	    "postroom-slow-60-relay unix - - y - 1 smtp -o syslog_name=postfix/$service_name -o "
	    "smtp_bind_address=192.0.2.7");
	assert_false(pause_throttle_copy(
	    SLICE("maildrop unix - n n - - pipe flags=DRhu"), "postroom-slow-60-maildrop", &none));
	assert_false(pause_throttle_copy(SLICE("smtp inet n - y - - smtpd"), "x", &none));
	assert_false(pause_throttle_copy(SLICE(""), "x", &none));
}

static void knows_a_copy_that_is_old(void **state)
{
	struct slice copy = SLICE("postroom-slow-60-smtp unix - - y - 1 smtp -o a=b");

	assert_true(pause_throttle_same(
	    SLICE("postroom-slow-60-smtp unix -       -       y       -       1       smtp\n"
		  "    -o a=b\n"),
	    copy));
	assert_false(
	    pause_throttle_same(SLICE("postroom-slow-60-smtp unix - - y - 1 smtp\n"), copy));
	assert_false(pause_throttle_same(
	    SLICE("postroom-slow-60-smtp unix - - y - 1 smtp -o a=b -o c=d\n"), copy));
	assert_false(pause_throttle_same(SLICE(""), copy));
}

static void takes_out_every_transport_of_ours(void **state)
{
	COMMAND_WORDS_AUTO struct command_words transports = {0}, parameters = {0};

	pause_throttle_names(SLICE("smtp unix - - y - - smtp\n"
				   "postroom-slow-60-smtp unix - - y - 1 smtp\n"
				   "postroom-slow-2-relay unix - - y - 1 smtp\n    -o a=b\n"),
	    &transports, &parameters);
	assert_int_equal(transports.count, 2);
	assert_string_equal(transports.items[1], "postroom-slow-2-relay/unix");
	assert_int_equal(parameters.count, 4);
	assert_string_equal(parameters.items[0], "postroom-slow-60-smtp_destination_rate_delay");
}

static struct pause_tables *tables;
static char turns[8];

static void first(void *context)
{
	(void)context;
	strcat(turns, "a");
}

/* As one that is refused at once. */
static void second(void *context)
{
	strcat(turns, context);
	pause_tables_leave(tables);
}

static void lets_one_after_the_other_write(void **state)
{
	turns[0] = '\0';
	tables = pause_tables_create(NULL);
	pause_tables_wait(tables, first, NULL);
	pause_tables_wait(tables, second, (char[]){"b"});
	pause_tables_wait(tables, second, (char[]){"c"});
	assert_string_equal(turns, "a");
	pause_tables_leave(tables);
	assert_string_equal(turns, "abc");
	pause_tables_wait(tables, first, NULL);
	assert_string_equal(turns, "abca");
	/* Whoever still waits at the end is called no more. */
	pause_tables_wait(tables, second, (char[]){"d"});
	pause_tables_destroy(&tables);
	assert_string_equal(turns, "abca");
}

static void master_cf_beats_main_cf(void **state)
{
	struct slice overrides = SLICE("inner/unix/smtp_helo_name = a b\n"
				       "inner/unix/smtp_tls_policy_maps = \n");
	struct slice main_cf = SLICE("smtp_helo_name = c\nsmtp_tls_CAfile = /x\n"
				     "smtp_tls_policy_maps = hash:/p\n");
	struct slice value;
	bool master;

	(void)state;
	assert_true(client_query_value(overrides, main_cf, "smtp_helo_name", &value, &master));
	assert_true(master && slice_is(value, "a b"));
	/* Empty there, too. */
	assert_true(
	    client_query_value(overrides, main_cf, "smtp_tls_policy_maps", &value, &master));
	assert_true(master && value.len == 0);
	assert_true(client_query_value(overrides, main_cf, "smtp_tls_CAfile", &value, &master));
	assert_true(!master && slice_is(value, "/x"));
	assert_false(client_query_value(overrides, main_cf, "inet_protocols", &value, &master));
}

static void asks_for_parents_of_names_alone(void **state)
{
	static const char *const rows[][2] = {
	    {"a.shop.example", "a.shop.example\n.shop.example\n.example\n"},
	    {"shop", "shop\n"},
	    {"[mx.shop.example]:587", "[mx.shop.example]:587\n"},
	    {"mx.shop.example:26", "mx.shop.example:26\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		BUFFER_AUTO struct buffer keys = {0};

		client_query_put_keys(&keys, slice_of(rows[i][0]));
		assert_string_equal(buffer_string(&keys), rows[i][1]);
	}
}

static void a_client_is_named_by_words_that_are_no_options(void **state)
{
	static const char *const good[] = {"smtp", "relay-TLS_2.x"};
	static const char *const bad[] = {"", "-e", "a b", "a/unix", "a\nb", "a=b", "*"};
	static const char *const hops[] = {
	    "shop.example", "[mx.shop.example]:587", "[ipv6:fd00::1]"};
	static const char *const no_hops[] = {
	    "", "a b", "a\nb", "a\tb", "Shop.example", "/x", "a,b"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(pause_transport_valid(slice_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(pause_transport_valid(slice_of(bad[i])));
	assert_false(pause_transport_valid(slice_make("a\0b", 3)));
	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++)
		assert_true(pause_next_hop_valid(slice_of(hops[i])));
	for (size_t i = 0; i < sizeof(no_hops) / sizeof(no_hops[0]); i++)
		assert_false(pause_next_hop_valid(slice_of(no_hops[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lets_nothing_but_keys_in),
	    cmocka_unit_test(lets_one_after_the_other_write),
	    cmocka_unit_test(writes_our_own_words),
	    cmocka_unit_test(finds_the_next_hop_that_mail_has_anyway),
	    cmocka_unit_test(refuses_a_next_hop_that_no_table_can_have),
	    cmocka_unit_test(copies_clients_of_smtp_alone),
	    cmocka_unit_test(knows_a_copy_that_is_old),
	    cmocka_unit_test(takes_out_every_transport_of_ours),
	    cmocka_unit_test(master_cf_beats_main_cf),
	    cmocka_unit_test(asks_for_parents_of_names_alone),
	    cmocka_unit_test(a_client_is_named_by_words_that_are_no_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
