#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/probe_route.h"
#include "base/memory.h"

static void set(struct role_config *config, const char *name, const char *value)
{
	assert_true(role_config_set_fact(config, name, slice_of(value)));
}

static void check(const struct role_config *config, const char *entry, const char *next_hop,
    const char *words, enum probe_outcome outcome)
{
	struct probe_route route;

	probe_route_find(config, SLICE("shop.example"),
	    &(struct probe_route_tables){.asked = true, .entry = slice_of(entry)}, &route);
	assert_true(slice_is(buffer_slice(&route.next_hop), next_hop));
	assert_true(slice_find(buffer_slice(&route.text), slice_of(words)) >= 0);
	assert_int_equal(route.outcome, outcome);
	probe_route_free(&route);
}

static void mail_goes_where_postfix_would_send_it(void **state)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};

	(void)state;
	set(&config, "default_transport", "smtp");
	check(&config, "", "shop.example", "the domain's own mail servers (MX)", PROBE_OK);
	set(&config, "relayhost", "[relay.example]:587, [other.example]");
	check(&config, "", "[relay.example]:587", "(relayhost): that next hop", PROBE_OK);
	/* The next hop of the transport comes before the relay. */
	set(&config, "default_transport", "smtp:[127.0.0.1]:2525");
	check(&config, "", "[127.0.0.1]:2525", "(default_transport)", PROBE_OK);
}

static void an_entry_of_the_table_wins(void **state)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};

	(void)state;
	set(&config, "default_transport", "smtp");
	set(&config, "relayhost", "[relay.example]");
	check(&config, "smtp:[mx.example]:26", "[mx.example]:26", "entry of transport_maps",
	    PROBE_OK);
	/* Without a next hop it is the domain's own, past the relay. */
	check(&config, "slow:", "shop.example", "transport is slow, taken for", PROBE_OK);
	check(&config, ":[mx.example]", "[mx.example]", "entry of transport_maps", PROBE_OK);
	check(&config, "error:5.1.1 no", "", "there is nothing to test", PROBE_SKIPPED);
	check(&config, "local", "", "delivery agent \"local\"", PROBE_SKIPPED);
}

static void our_own_domains_have_ways_of_their_own(void **state)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct probe_route_tables tables = {.asked = true, .own_list = SLICE("relay_domains")};
	struct probe_route route;

	(void)state;
	set(&config, "default_transport", "smtp");
	set(&config, "relay_transport", "relay");
	set(&config, "relayhost", "[relay.example]");
	/* What we relay for goes past relayhost. */
	probe_route_find(&config, SLICE("shop.example"), &tables, &route);
	assert_true(slice_is(buffer_slice(&route.next_hop), "shop.example"));
	assert_int_equal(route.outcome, PROBE_OK);
	probe_route_free(&route);
	set(&config, "relay_transport", "relay:[inside.example]");
	probe_route_find(&config, SLICE("shop.example"), &tables, &route);
	assert_true(slice_is(buffer_slice(&route.next_hop), "[inside.example]"));
	probe_route_free(&route);
	tables.own_list = SLICE("mydestination");
	probe_route_find(&config, SLICE("shop.example"), &tables, &route);
	assert_true(route.next_hop.len == 0 && route.outcome == PROBE_SKIPPED);
	assert_true(slice_find(buffer_slice(&route.text), SLICE("a domain of this Postfix")) > 0);
	probe_route_free(&route);
	/* A pause is told, and what stands behind it is tested. */
	tables = (struct probe_route_tables){
	    .asked = true, .paused = true, .entry = SLICE("smtp:[mx.shop.example]:25")};
	probe_route_find(&config, SLICE("shop.example"), &tables, &route);
	assert_true(slice_is(buffer_slice(&route.next_hop), "[mx.shop.example]:25"));
	assert_true(slice_find(buffer_slice(&route.text), SLICE("A pause holds its mail")) > 0);
	assert_int_equal(route.outcome, PROBE_WARNING);
	probe_route_free(&route);
}

/* "user@[10.0.0.5]": its writer has chosen that address, and the notifier has to know. */
static void an_address_in_a_recipient_is_no_configuration(void **state)
{
	static const struct {
		const char *domain, *hop;
	} rows[] = {{"[10.0.0.5]", "10.0.0.5"}, {"[ipv6:fd00::1]", "fd00::1"}};
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct probe_route route;

	(void)state;
	set(&config, "default_transport", "smtp");
	for (size_t i = 0; i < 2; i++) {
		probe_route_find(&config, slice_of(rows[i].domain),
		    &(struct probe_route_tables){.asked = true}, &route);
		assert_true(slice_is(buffer_slice(&route.next_hop), rows[i].hop));
		probe_route_free(&route);
	}
	set(&config, "relayhost", "[10.0.0.5]");
	probe_route_find(
	    &config, SLICE("shop.example"), &(struct probe_route_tables){.asked = true}, &route);
	assert_true(slice_is(buffer_slice(&route.next_hop), "[10.0.0.5]"));
	probe_route_free(&route);
}

/* What nobody could find out is said, and is no reason not to test. */
static void doubts_are_told(void **state)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct probe_route route;

	(void)state;
	config.prefix = memory_strdup("docker exec -i mta");
	set(&config, "default_transport", "smtp");
	set(&config, "transport_maps", "texthash:/etc/postfix/transport");
	probe_route_find(
	    &config, SLICE("shop.example"), &(struct probe_route_tables){.asked = false}, &route);
	assert_int_equal(route.outcome, PROBE_WARNING);
	assert_true(slice_find(buffer_slice(&route.text), SLICE("they could not be asked")) > 0);
	assert_true(slice_find(buffer_slice(&route.text), SLICE("command prefix")) > 0);
	assert_true(slice_is(buffer_slice(&route.next_hop), "shop.example"));
	probe_route_free(&route);
}

static void the_client_is_as_postfix_is_set(void **state)
{
	const struct probe_client nobody = {.count = 0};
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct probe_question q = {.kind = PROBE_DESTINATION};

	(void)state;
	set(&config, "myhostname", "mail.test");
	probe_route_client(&config, &nobody, &q);
	assert_true(slice_is(q.helo, "mail.test") && q.tls == PROBE_TLS_NONE && q.mx);
	assert_true(q.ipv4 && q.ipv6 && !q.hosts && !q.allow_local);
	set(&config, "smtp_helo_name", "out.test");
	set(&config, "smtp_tls_security_level", "dane-only");
	set(&config, "smtp_dns_support_level", "disabled");
	set(&config, "inet_protocols", "ipv4");
	role_config_set(&config, "probes.allow_local", "yes");
	probe_route_client(&config, &nobody, &q);
	assert_true(slice_is(q.helo, "out.test") && q.tls == PROBE_TLS_DANE_ONLY);
	assert_true(!q.mx && q.hosts && q.ipv4 && !q.ipv6 && q.allow_local);
	set(&config, "smtp_dns_support_level", "enabled");
	set(&config, "smtp_host_lookup", "dns, native");
	set(&config, "inet_protocols", "ipv6, ipv4");
	probe_route_client(&config, &nobody, &q);
	assert_true(q.mx && q.hosts && q.ipv4 && q.ipv6);
}

/* The first answer is the policy; "-o" beats main.cf. */
static void a_transport_and_a_policy_beat_main_cf(void **state)
{
	const struct pause_answer answers[] = {
	    {.found = SLICE(".example"),
		.answer = SLICE("Secure match=mx.example:.inner.example protocols=!TLSv1")},
	    {.found = SLICE("smtp_tls_CAfile"), .answer = SLICE("/etc/ssl/inner.pem")},
	    {.found = SLICE("smtp_helo_name"), .answer = SLICE("relay.test"), .ours = true},
	    {.found = SLICE("smtp_tls_secure_cert_match"), .answer = SLICE("nexthop, dot-nexthop")},
	};
	const struct probe_client client = {answers, 4};
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct probe_question q = {.kind = PROBE_DESTINATION};
	struct probe_route route = {.outcome = PROBE_OK};

	(void)state;
	set(&config, "smtp_helo_name", "out.test");
	set(&config, "smtp_tls_security_level", "may");
	probe_route_client(&config, &client, &q);
	assert_true(q.tls == PROBE_TLS_SECURE && slice_is(q.helo, "relay.test"));
	assert_true(slice_is(q.match, "mx.example:.inner.example"));
	assert_true(slice_is(q.ca_file, "/etc/ssl/inner.pem"));
	buffer_append_string(&route.next_hop, "shop.example");
	probe_route_say_client(&client, &q, &route);
	assert_true(slice_is(buffer_slice(&route.next_hop), "shop.example"));
	assert_int_equal(route.outcome, PROBE_OK);
	assert_string_equal(buffer_string(&route.text),
	    " master.cf says for this transport: smtp_helo_name = relay.test."
	    " TLS level secure (smtp_tls_policy_maps, .example)."
	    " Of that entry a test looks at level and match alone (Secure "
	    "match=mx.example:.inner.example protocols=!TLSv1).");
	probe_route_free(&route);
}

static void say(const struct pause_answer *answers, size_t count, const char *words,
    enum probe_outcome outcome, bool tested)
{
	const struct probe_client client = {answers, count};
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct probe_question q = {.kind = PROBE_DESTINATION};
	struct probe_route route = {.outcome = PROBE_OK};

	set(&config, "smtp_tls_security_level", "verify");
	buffer_append_string(&route.next_hop, "shop.example");
	probe_route_client(&config, &client, &q);
	probe_route_say_client(&client, &q, &route);
	assert_true(slice_find(buffer_slice(&route.text), slice_of(words)) >= 0);
	assert_int_equal(route.outcome, outcome);
	assert_int_equal(route.next_hop.len > 0, tested);
	probe_route_free(&route);
}

/* What Postfix would not deliver by is said, and nothing is tested in its place. */
static void what_the_client_cannot_do_is_said(void **state)
{
	const struct pause_answer files = {
	    .found = SLICE("smtp_tls_CApath"), .answer = SLICE("/etc/ssl/certs")};
	const struct pause_answer wrong[] = {
	    {.found = SLICE("shop.example"), .answer = SLICE("sometimes")}, files};
	const struct pause_answer unsure[] = {
	    {.unsure = true, .answer = SLICE("postmap: no such table")}, files};
	const struct pause_answer nobody_trusted[] = {{.found = SLICE("")}};
	const struct pause_answer anchors[] = {
	    {.found = SLICE("shop.example"), .answer = SLICE("secure tafile=/x")}};
	const struct pause_answer filtered[] = {{.found = SLICE("")}, files,
	    {.found = SLICE("content_filter"), .answer = SLICE("scan:[127.0.0.1]:10024")}};
	const struct pause_answer trusted[] = {{.found = SLICE("")}, files};

	(void)state;
	say(NULL, 0, "main.cf alone counts here", PROBE_WARNING, true);
	say(wrong, 2, "names no TLS level: Postfix does not deliver there", PROBE_BAD, false);
	say(unsure, 2, "could not be asked (postmap: no such table)", PROBE_WARNING, true);
	say(nobody_trusted, 1, "and has none", PROBE_BAD, false);
	say(anchors, 1, "level and match alone", PROBE_OK, true);
	say(trusted, 2, "", PROBE_OK, true);
	say(filtered, 3,
	    "passes content_filter = scan:[127.0.0.1]:10024 first, which is not tested", PROBE_OK,
	    true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mail_goes_where_postfix_would_send_it),
	    cmocka_unit_test(an_entry_of_the_table_wins),
	    cmocka_unit_test(our_own_domains_have_ways_of_their_own),
	    cmocka_unit_test(an_address_in_a_recipient_is_no_configuration),
	    cmocka_unit_test(doubts_are_told),
	    cmocka_unit_test(the_client_is_as_postfix_is_set),
	    cmocka_unit_test(a_transport_and_a_policy_beat_main_cf),
	    cmocka_unit_test(what_the_client_cannot_do_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
