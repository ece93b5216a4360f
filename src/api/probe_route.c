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

static void put_lower(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		buffer_append_char(out, text.data[i] >= 'A' && text.data[i] <= 'Z'
					    ? (char)(text.data[i] | 0x20)
					    : text.data[i]);
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
	buffer_append_slice(
	    &route->transport, way.transport.len > 0 ? way.transport : SLICE("smtp"));
	put_lower(&route->hop, way.next_hop);
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
	buffer_free(&route->transport);
	buffer_free(&route->hop);
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

/* ---- the client ---- */

static const struct pause_answer *set_of(const struct probe_client *client, const char *name)
{
	/* The first is the policy. */
	for (size_t i = 1; i < client->count; i++)
		if (slice_is(client->answers[i].found, name))
			return &client->answers[i];
	return NULL;
}

static struct slice value(
    const struct role_config *config, const struct probe_client *client, const char *name)
{
	const struct pause_answer *set = set_of(client, name);
	const char *known = set == NULL ? role_config_fact(config, name) : NULL;

	return set != NULL ? slice_trim(set->answer)
			   : slice_trim(slice_of(known != NULL ? known : ""));
}

/* An entry of smtp_tls_policy_maps: "LEVEL name=value ...". */
struct policy {
	bool found, valid;
	enum probe_tls level;
	struct slice match;
	bool has_anchors; /* tafile: others than CAfile and CApath are trusted */
	bool has_more;	  /* what a test does not look at */
};

static bool take_word(struct slice *rest, struct slice *word)
{
	while (rest->len > 0 && strchr(", \t", rest->data[0]) != NULL)
		*rest = slice_from(*rest, 1);
	*word = first_of(*rest);
	*rest = slice_from(*rest, word->len);
	return word->len > 0;
}

static struct policy read_policy(const struct probe_client *client)
{
	struct policy policy = {.found = client->count > 0 && client->answers[0].found.len > 0};
	struct slice rest, word;

	if (!policy.found)
		return policy;
	rest = client->answers[0].answer;
	policy.valid = take_word(&rest, &word) && probe_tls_parse(word, &policy.level);
	while (take_word(&rest, &word)) {
		if (slice_starts_with(word, "match="))
			policy.match = slice_from(word, sizeof("match=") - 1);
		else
			policy.has_more = true;
		policy.has_anchors |= slice_starts_with(word, "tafile=");
	}
	return policy;
}

/* What is no level is taken for none, as a client without TLS: Postfix itself then does not begin.
 */
static enum probe_tls level_of(struct slice name)
{
	enum probe_tls level = PROBE_TLS_NONE;

	(void)probe_tls_parse(name, &level);
	return level;
}

static void set_tls(
    const struct role_config *config, const struct probe_client *client, struct probe_question *q)
{
	struct policy policy = read_policy(client);

	q->tls = policy.valid ? policy.level
			      : level_of(value(config, client, "smtp_tls_security_level"));
	q->match = q->tls == PROBE_TLS_VERIFY ? value(config, client, "smtp_tls_verify_cert_match")
		   : q->tls == PROBE_TLS_SECURE
		       ? value(config, client, "smtp_tls_secure_cert_match")
		       : SLICE("");
	if (policy.valid && policy.match.len > 0 && q->tls >= PROBE_TLS_VERIFY)
		q->match = policy.match;
	q->match = slice_first(q->match, PROBE_MATCH_MAX);
	q->ca_file = value(config, client, "smtp_tls_CAfile");
	q->ca_path = value(config, client, "smtp_tls_CApath");
}

void probe_route_client(
    const struct role_config *config, const struct probe_client *client, struct probe_question *q)
{
	struct slice protocols = value(config, client, "inet_protocols");
	bool all = protocols.len == 0 || has_word(protocols, "all");

	q->helo = value(config, client, "smtp_helo_name");
	if (q->helo.len == 0)
		q->helo = fact(config, "myhostname");
	set_tls(config, client, q);
	q->bind4 = value(config, client, "smtp_bind_address");
	q->bind6 = value(config, client, "smtp_bind_address6");
	q->mx = !slice_is(value(config, client, "smtp_dns_support_level"), "disabled") &&
		!slice_is(value(config, client, "disable_dns_lookups"), "yes");
	q->hosts = !q->mx || has_word(value(config, client, "smtp_host_lookup"), "native");
	q->ipv4 = all || has_word(protocols, "ipv4");
	q->ipv6 = all || has_word(protocols, "ipv6");
	q->resolver = slice_of(role_config_get(config, "probes.resolver"));
	q->allow_local = strcmp(role_config_get(config, "probes.allow_local"), "yes") == 0;
}

/* ---- saying so ---- */

static void stop(struct probe_route *route)
{
	buffer_clear(&route->next_hop);
	route->outcome = PROBE_BAD;
}

static void say_policy(
    const struct pause_answer *entry, const struct policy *policy, struct probe_route *route)
{
	struct slice text = slice_first(entry->answer, 80);

	if (!policy->valid) {
		buffer_printf(&route->text,
		    " Its entry of smtp_tls_policy_maps (%.*s: %.*s) names no TLS level: Postfix "
		    "does not deliver there.",
		    SLICE_ARGS(entry->found), SLICE_ARGS(text));
		stop(route);
		return;
	}
	buffer_printf(&route->text, " TLS level %s (smtp_tls_policy_maps, %.*s).",
	    probe_tls_name(policy->level), SLICE_ARGS(entry->found));
	if (policy->has_more)
		buffer_printf(&route->text,
		    " Of that entry a test looks at level and match alone (%.*s).",
		    SLICE_ARGS(text));
}

static void say_overrides(const struct probe_client *client, struct probe_route *route)
{
	bool any = false;

	for (size_t i = 1; i < client->count; i++) {
		const struct pause_answer *set = &client->answers[i];

		if (!set->ours)
			continue;
		buffer_printf(&route->text, "%s%.*s = %.*s",
		    any ? ", " : " master.cf says for this transport: ", SLICE_ARGS(set->found),
		    SLICE_ARGS(slice_first(set->answer, 80)));
		any = true;
	}
	if (any)
		buffer_append_char(&route->text, '.');
}

/* What comes in goes there first, past each entry of transport_maps; what it gives back goes the
 * way that is tested. */
static void say_filter(const struct pause_answer *filter, struct probe_route *route)
{
	if (filter != NULL && filter->answer.len > 0)
		buffer_printf(&route->text,
		    " New mail passes content_filter = %.*s first, which is not tested.",
		    SLICE_ARGS(slice_first(filter->answer, 80)));
}

/* Without any, each chain is one that Postfix does not trust. */
static bool trusts_nobody(
    const struct probe_client *client, const struct policy *policy, const struct probe_question *q)
{
	const struct pause_answer *added = set_of(client, "tls_append_default_CA");

	return q->tls >= PROBE_TLS_VERIFY && q->ca_file.len == 0 && q->ca_path.len == 0 &&
	       !policy->has_anchors && (added == NULL || !slice_is(added->answer, "yes"));
}

void probe_route_say_client(
    const struct probe_client *client, const struct probe_question *q, struct probe_route *route)
{
	const struct policy policy = read_policy(client);

	if (client->count == 0) {
		warn(route,
		    " What master.cf and smtp_tls_policy_maps say of it could not be asked: "
		    "main.cf alone counts here.");
		return;
	}
	say_overrides(client, route);
	say_filter(set_of(client, "content_filter"), route);
	if (client->answers[0].unsure) {
		buffer_printf(&route->text,
		    " smtp_tls_policy_maps could not be asked (%.*s): the level of main.cf is "
		    "taken.",
		    SLICE_ARGS(slice_first(client->answers[0].answer, 120)));
		route->outcome = PROBE_WARNING;
	} else if (policy.found) {
		say_policy(&client->answers[0], &policy, route);
	}
	if (route->next_hop.len > 0 && trusts_nobody(client, &policy, q)) {
		buffer_printf(&route->text,
		    " At TLS level %s Postfix needs certificates that it trusts, and has none "
		    "(smtp_tls_CAfile, smtp_tls_CApath): it does not deliver there.",
		    probe_tls_name(q->tls));
		stop(route);
	}
}
