/* The way that trivial-rewrite and the SMTP client would take: an entry of transport_maps, else
 * what the class of the domain says: the next hop of its transport, else relayhost, else the domain
 * itself by its MX. */
#include "api/probe_route.h"

#include <string.h>

/* Delivery agents that speak no SMTP to a server, by Postfix's and its packagers' names for them.
 * Any other is taken for the SMTP client under another name, which is what people make them for. */
static bool is_smtp(struct slice transport)
{
	static const char *const others[] = {"local", "virtual", "lmtp", "error", "retry",
	    "discard", "defer", "pipe", "dovecot", "cyrus", "maildrop", "uucp", "ifmail", "bsmtp",
	    "mailman", "scalemail-backend"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_is(transport, others[i]))
			return false;
	return true;
}

/* "transport:next hop"; Postfix takes the first colon. */
static void split(struct slice entry, struct slice *transport, struct slice *next_hop)
{
	*transport = (struct slice){"", 0};
	*next_hop = slice_trim(entry);
	if (slice_find_char(entry, ':') < 0) {
		*transport = *next_hop;
		*next_hop = (struct slice){"", 0};
	} else {
		slice_split(next_hop, ':', transport);
	}
	*transport = slice_trim(*transport);
	*next_hop = slice_trim(*next_hop);
}

/* Newer versions take several next hops, and try the first one first. */
static struct slice first_of(struct slice list)
{
	size_t len = 0;

	while (len < list.len && strchr(", \t", list.data[len]) == NULL)
		len++;
	return slice_first(list, len);
}

static struct slice fact(const struct role_config *config, const char *name)
{
	return slice_trim(slice_of(role_config_fact(config, name)));
}

/* Who says where it goes; the domain itself where nobody does. */
struct way {
	struct slice transport, next_hop;
	const char *by; /* NULL: the domain's own MX */
};

/* By the class of the domain: ours, one that we relay for, or any other. */
static struct way way_of_class(
    const struct role_config *config, struct slice domain, struct slice own_list)
{
	struct slice hop, relayhost = fact(config, "relayhost");
	struct way way = {.by = NULL};

	if (slice_is(own_list, "relay_domains")) {
		split(fact(config, "relay_transport"), &way.transport, &hop);
		way.by = hop.len > 0 ? "relay_transport" : NULL;
	} else if (own_list.len > 0) {
		way.transport = SLICE("local");
		hop = domain;
		way.by = "a domain of this Postfix";
	} else {
		split(fact(config, "default_transport"), &way.transport, &hop);
		way.by = hop.len > 0 ? "default_transport" : relayhost.len > 0 ? "relayhost" : NULL;
		hop = hop.len > 0 ? hop : relayhost;
	}
	way.next_hop = hop.len > 0 ? hop : domain;
	return way;
}

static struct way find_way(
    const struct role_config *config, struct slice domain, const struct probe_route_tables *tables)
{
	struct way way = way_of_class(config, domain, tables->own_list);
	struct slice transport, hop;

	split(tables->entry, &transport, &hop);
	if (transport.len > 0 || hop.len > 0) {
		if (transport.len > 0)
			way.transport = transport;
		/* An entry with a transport alone goes past relayhost. */
		way.next_hop = hop.len > 0 ? hop : domain;
		way.by = "an entry of transport_maps";
	}
	way.next_hop = first_of(way.next_hop);
	return way;
}

static void warn(struct probe_route *route, const char *text)
{
	buffer_append_string(&route->text, text);
	route->outcome = PROBE_WARNING;
}

static void say_doubts(const struct role_config *config, const struct way *way,
    const struct probe_route_tables *tables, struct probe_route *route)
{
	if (tables->paused)
		warn(route,
		    " A pause holds its mail back now; this is where it goes when that ends.");
	if (!tables->asked && fact(config, "transport_maps").len > 0)
		warn(route,
		    " An entry of transport_maps may send it elsewhere: they could not be asked.");
	if (config->prefix != NULL && config->prefix[0] != '\0')
		warn(route, " Postfix is reached by a command prefix: the test goes out from this "
			    "host, whose address and name servers may be others.");
	if (fact(config, "smtp_tls_policy_maps").len > 0)
		buffer_append_string(&route->text,
		    " smtp_tls_policy_maps may ask for other TLS than smtp_tls_security_level.");
	if (way->transport.len > 0 && !slice_is(way->transport, "smtp") &&
	    !slice_is(way->transport, "relay"))
		buffer_printf(&route->text, " The transport is %.*s, taken for an SMTP client.",
		    SLICE_ARGS(way->transport));
}

/* Of "user@[192.0.2.1]": whoever writes to it has chosen that address, and not Postfix's
 * configuration (wire/probe_proto.h). */
static struct slice without_brackets(struct slice literal)
{
	struct slice inside;

	if (literal.len < 3 || literal.data[0] != '[' || literal.data[literal.len - 1] != ']')
		return literal;
	inside = slice_make(literal.data + 1, literal.len - 2);
	return slice_equal_nocase(slice_first(inside, 5), SLICE("ipv6:")) ? slice_from(inside, 5)
									  : inside;
}

void probe_route_find(const struct role_config *config, struct slice domain,
    const struct probe_route_tables *tables, struct probe_route *route)
{
	struct way way = find_way(config, domain, tables);

	*route = (struct probe_route){.outcome = PROBE_OK};
	if (!is_smtp(way.transport)) {
		buffer_printf(&route->text,
		    "Mail for %.*s goes to the delivery agent \"%.*s\" (%s), and to no mail "
		    "server: there is nothing to test.",
		    SLICE_ARGS(domain), SLICE_ARGS(way.transport),
		    way.by != NULL ? way.by : "default_transport");
		route->outcome = PROBE_SKIPPED;
		return;
	}
	buffer_append_slice(&route->next_hop,
	    slice_first(way.by == NULL ? without_brackets(way.next_hop) : way.next_hop,
		PROBE_NEXT_HOP_MAX));
	if (slice_equal_nocase(way.next_hop, domain))
		buffer_printf(&route->text,
		    "Postfix sends mail for %.*s to the domain's own mail servers (MX).",
		    SLICE_ARGS(domain));
	else
		buffer_printf(&route->text,
		    "Postfix sends mail for %.*s to %.*s (%s): that next hop is tested, not the "
		    "domain's own servers.",
		    SLICE_ARGS(domain), SLICE_ARGS(way.next_hop), way.by);
	say_doubts(config, &way, tables, route);
}

void probe_route_free(struct probe_route *route)
{
	buffer_free(&route->next_hop);
	buffer_free(&route->text);
}

static bool has_word(struct slice list, const char *word)
{
	while (list.len > 0) {
		struct slice next = first_of(list);

		if (slice_is(next, word))
			return true;
		list = slice_from(list, next.len + 1);
	}
	return false;
}

static enum probe_tls tls_level(struct slice level)
{
	for (int tls = PROBE_TLS_NONE; tls < PROBE_TLS_LEVELS; tls++)
		if (slice_is(level, probe_tls_name((enum probe_tls)tls)))
			return (enum probe_tls)tls;
	if (slice_is(level, "dane-only"))
		return PROBE_TLS_DANE;
	/* A fingerprint is of a certificate that nobody else has to trust. */
	return slice_is(level, "fingerprint") ? PROBE_TLS_ENCRYPT : PROBE_TLS_NONE;
}

void probe_route_client(const struct role_config *config, struct probe_question *q)
{
	struct slice protocols = fact(config, "inet_protocols");
	bool all = protocols.len == 0 || has_word(protocols, "all");

	q->helo = fact(config, "smtp_helo_name");
	if (q->helo.len == 0)
		q->helo = fact(config, "myhostname");
	q->tls = tls_level(fact(config, "smtp_tls_security_level"));
	q->ca_file = fact(config, "smtp_tls_CAfile");
	q->bind4 = fact(config, "smtp_bind_address");
	q->bind6 = fact(config, "smtp_bind_address6");
	q->mx = !slice_is(fact(config, "smtp_dns_support_level"), "disabled") &&
		!slice_is(fact(config, "disable_dns_lookups"), "yes");
	q->hosts = !q->mx || has_word(fact(config, "smtp_host_lookup"), "native");
	q->ipv4 = all || has_word(protocols, "ipv4");
	q->ipv6 = all || has_word(protocols, "ipv6");
	q->resolver = slice_of(role_config_get(config, "probes.resolver"));
	q->allow_local = strcmp(role_config_get(config, "probes.allow_local"), "yes") == 0;
}
