/* Remote hosts: what hosts of one provider have in common, and how messages count by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "index/columns/hosts.h"
#include "index/groups/groups.h"

#define NOW INT64_C(1800000000)

static void test_domains(void **state)
{
	static const char *const cases[][2] = {
	    {"mx1.shop.example", "shop.example"},
	    {"shop-example.mail.protection.outlook.com", "outlook.com"},
	    {"alt3.gmail-smtp-in.l.google.com", "google.com"},
	    {"mx.mail.shop.co.uk", "shop.co.uk"},
	    {"mx.com.br", "mx.com.br"},
	    {"smtp.company.com.au", "company.com.au"},
	    {"mx.co.example", "co.example"},
	    {"shop.example", "shop.example"},
	    {"localhost", "localhost"},
	    {"192.0.2.1", "192.0.2.1"},
	    {"2001:db8::1", "2001:db8::1"},
	    {"mx..example", ".example"},
	    {".", "."},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct slice domain = hosts_domain(slice_of(cases[i][0]));

		if (!slice_is(domain, cases[i][1]))
			fail_msg("%s: %.*s", cases[i][0], SLICE_ARGS(domain));
	}
}

static void tell(struct index *ix, unsigned number, const char *remote, const char *reason)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%06X", 0x100000 + number);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_REASONS | MESSAGE_KNOWS_DETAILS;
	m.arrival = NOW - 100;
	r = message_add_recipient(&m);
	r->address = SLICE("a@customer.example");
	r->remote = slice_of(remote);
	r->reason = slice_of(reason);
	r->dsn = SLICE("4.0.0");
	index_upsert(ix, &m);
}

static uint64_t count(struct index *ix, const char *text)
{
	struct filter *f = filter_parse(slice_of(text), NULL);
	struct index_match match;

	assert_non_null(f);
	index_count(ix, f, NOW, &match);
	assert_int_equal(match.undecided, 0);
	filter_free(f);
	return match.messages;
}

static void expect_group(
    struct index *ix, enum group_key key, size_t n, const char *name, uint64_t messages)
{
	struct groups groups;

	groups_count(ix, NULL, &key, 1, 100, NOW, &groups);
	assert_true(n < groups.count);
	assert_true(slice_is(groups.items[n].key, name));
	assert_int_equal(groups.items[n].messages, messages);
	groups_free(&groups);
}

/* 400 domains of one provider have 400 names of hosts; a connection that failed has a host too. */
static void test_a_provider(void **state)
{
	struct index *ix = index_create();
	char host[80], reason[200];
	unsigned n = 0;

	(void)state;
	for (; n < 400; n++) {
		snprintf(host, sizeof(host), "d%u-example.mail.protection.Outlook.com", n);
		snprintf(reason, sizeof(reason), "host %s[192.0.2.1] said: 451 4.7.500 Server busy",
		    host);
		tell(ix, n, n % 2 ? host : "", reason);
	}
	tell(ix, n++, "", "connect to mx.outlook.com[192.0.2.9]:25: Connection timed out");
	tell(ix, n++, "",
	    "delivery temporarily suspended: lost connection with mx.shop.example[192.0.2.2] "
	    "while receiving the initial server greeting");
	tell(ix, n++, "", "Host or domain name not found. Name service error for name=x.example");
	tell(ix, n++, "", "");
	expect_group(ix, GROUP_REMOTE_DOMAIN, 0, "outlook.com", 401);
	expect_group(ix, GROUP_REMOTE_DOMAIN, 1, "", 2);
	expect_group(ix, GROUP_REMOTE_DOMAIN, 2, "shop.example", 1);
	expect_group(ix, GROUP_REMOTE_HOST, 0, "", 2);
	expect_group(ix, GROUP_REMOTE_HOST, 1, "d0-example.mail.protection.outlook.com", 1);
	assert_int_equal(count(ix, "remote_host:*.outlook.com"), 401);
	assert_int_equal(count(ix, "host:=MX.outlook.com"), 1);
	assert_int_equal(count(ix, "-remote_host:outlook"), 3);
	assert_int_equal(count(ix, "remote_host:=\"\""), 2);
	assert_int_equal(count(ix, "remote_host:mx (domain:customer.example or from:x)"), 2);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_domains),
	    cmocka_unit_test(test_a_provider),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
