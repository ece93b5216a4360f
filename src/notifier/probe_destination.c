/* A destination: MX, the addresses of each host in the order of preference, TLSA records where the
 * policy is DANE, and then a session with each address, one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "notifier/probe_parts.h"
#include "notifier/probe_session.h"
#include "transfer/address.h"

/* Hosts that are looked up; mail is never tried at more addresses than these have. */
#define HOSTS_MAX 5

struct host {
	char name[DNS_NAME_SIZE];
	uint16_t preference;
};

struct candidate {
	struct sockaddr_storage address;
	size_t host;
	char label[PROBE_HOST_MAX];
};

struct probe_destination {
	struct probe *probe;
	struct loop_watch *start;
	struct probe_next_hop hop;
	char helo[DNS_NAME_SIZE];
	struct host hosts[HOSTS_MAX];
	size_t host_count, looked_up;
	bool signed_mx; /* the name server has checked the signatures of MX */
	/* Of the host that is looked up. */
	int pending;
	uint32_t took_ms;
	struct dns_answer answers[2]; /* A, AAAA */
	bool signed_addresses[HOSTS_MAX];
	struct dns_answer *tlsa[HOSTS_MAX]; /* that count; NULL: none */
	struct candidate candidates[PROBE_ADDRESSES_MAX];
	size_t count, next, left_out, refused;
	/* Of the sessions. */
	struct probe_session *session;
	size_t good, bad;
};

static void look_up_next(struct probe_destination *d);
static void connect_next(struct probe_destination *d);

/* ---- Which hosts ---- */

static void add_host(struct probe_destination *d, const char *name, uint16_t preference)
{
	struct host *host = &d->hosts[d->host_count++];

	snprintf(host->name, sizeof(host->name), "%s", name);
	host->preference = preference;
}

static int by_preference(const void *a, const void *b)
{
	const struct dns_record *x = a, *y = b;

	return x->preference != y->preference ? x->preference - y->preference
					      : strcmp(x->name, y->name);
}

static void tell_mx(struct probe_destination *d, enum probe_outcome outcome, struct buffer *text)
{
	probe_tell(d->probe,
	    &(struct probe_step){.name = PROBE_STEP_MX,
		.outcome = outcome,
		.host = slice_of(d->hop.host),
		.took_ms = d->took_ms},
	    "%s", buffer_string(text));
}

/* RFC 7505: one MX, and that is the root. */
static bool is_null_mx(const struct dns_answer *answer)
{
	return answer->count == 1 && answer->records[0].name[0] == '\0';
}

static void use_mx(struct probe_destination *d, struct dns_answer *answer)
{
	BUFFER_AUTO struct buffer text = {0};
	size_t left_out = answer->unusable;

	qsort(answer->records, answer->count, sizeof(answer->records[0]), by_preference);
	buffer_printf(&text, "Mail servers of %s: ", d->hop.host);
	for (size_t i = 0; i < answer->count; i++) {
		const struct dns_record *r = &answer->records[i];

		if (d->host_count == HOSTS_MAX || r->name[0] == '\0') {
			left_out++;
			continue;
		}
		buffer_printf(
		    &text, "%s%s (%u)", d->host_count > 0 ? ", " : "", r->name, r->preference);
		add_host(d, r->name, r->preference);
	}
	buffer_append_char(&text, '.');
	if (left_out > 0 || answer->cut)
		buffer_append_string(&text, " More are not tested.");
	if (answer->alias_of[0] != '\0')
		buffer_printf(&text, " %s is an alias of %s.", d->hop.host, answer->alias_of);
	tell_mx(d, PROBE_OK, &text);
}

static void on_mx(void *context, const struct dns_answer *found, uint32_t took_ms)
{
	struct probe_destination *d = context;
	struct dns_answer answer = *found;
	BUFFER_AUTO struct buffer text = {0};

	d->took_ms = took_ms;
	d->signed_mx = answer.authentic;
	if (answer.status == DNS_FOUND && is_null_mx(&answer)) {
		buffer_printf(&text,
		    "%s says that it takes no mail at all (null MX, RFC 7505): Postfix returns it.",
		    d->hop.host);
		tell_mx(d, PROBE_BAD, &text);
		probe_finish(d->probe, PROBE_BAD, "%s takes no mail.", d->hop.host);
	} else if (answer.status == DNS_FOUND) {
		use_mx(d, &answer);
		look_up_next(d);
	} else if (answer.status == DNS_NO_DATA && !answer.foreign && answer.unusable == 0) {
		buffer_printf(&text, "%s has no MX: its own address takes its mail.", d->hop.host);
		tell_mx(d, PROBE_OK, &text);
		add_host(d, d->hop.host, 0);
		look_up_next(d);
	} else {
		probe_put_status(&text, d->hop.host, DNS_MX, &answer);
		tell_mx(d, PROBE_BAD, &text);
		probe_finish(d->probe, PROBE_BAD, "%s", buffer_string(&text));
	}
}

/* ---- Their addresses ---- */

static void put_label(const struct probe_destination *d, struct candidate *c)
{
	char address[PROBE_ADDRESS_SIZE];

	probe_address_text(&c->address, address);
	snprintf(
	    c->label, sizeof(c->label), "%s[%s]:%u", d->hosts[c->host].name, address, d->hop.port);
}

/* Not connected to, and why: that is a step, too. */
static void refuse(struct probe_destination *d, const struct candidate *c,
    enum probe_outcome outcome, const char *why)
{
	d->refused++;
	probe_tell(d->probe,
	    &(struct probe_step){
		.name = PROBE_STEP_CONNECT, .outcome = outcome, .host = slice_of(c->label)},
	    "That address %s: a test does not connect to it.", why);
}

static void add_address(struct probe_destination *d, const struct sockaddr_storage *address)
{
	struct candidate c = {.address = *address, .host = d->looked_up};
	bool local = d->probe->question.allow_local;
	const char *why = address_refused((const struct sockaddr *)address, local);

	put_label(d, &c);
	if (why != NULL)
		refuse(d, &c, PROBE_BAD, why);
	/* What Postfix was told by its configuration may be within; what a stranger's name server
	 * says may not. */
	else if (d->hop.mx && !local && probe_address_private(address))
		refuse(d, &c, PROBE_WARNING,
		    "is of a private network, where a name of the Internet should not lead");
	else if (d->count == PROBE_ADDRESSES_MAX)
		d->left_out++;
	else
		d->candidates[d->count++] = c;
}

/* Of the two the one that says more: a name that does not exist has neither. */
static const struct dns_answer *worse(const struct probe_destination *d, enum dns_type *type)
{
	bool v4 = d->probe->question.ipv4, v6 = d->probe->question.ipv6;
	bool second = !v4 || (v6 && d->answers[0].status == DNS_NO_DATA);

	*type = second ? DNS_AAAA : DNS_A;
	return &d->answers[second];
}

static void tell_addresses(struct probe_destination *d, const struct dns_host_address *addresses,
    size_t count, const char *alias_of)
{
	const char *name = d->hosts[d->looked_up].name;
	BUFFER_AUTO struct buffer text = {0};
	enum dns_type type;
	const struct dns_answer *answer = worse(d, &type);

	if (count > 0)
		buffer_append_string(&text, count == 1 ? "Its address: " : "Its addresses: ");
	for (size_t i = 0; i < count; i++) {
		struct sockaddr_storage address;
		char shown[PROBE_ADDRESS_SIZE];

		probe_address_of(addresses[i].bytes, addresses[i].length, d->hop.port, &address);
		probe_address_text(&address, shown);
		buffer_printf(&text, "%s%s", i > 0 ? ", " : "", shown);
	}
	if (count > 0 && alias_of[0] != '\0')
		buffer_printf(&text, " (an alias of %s)", alias_of);
	if (count > 0)
		buffer_append_char(&text, '.');
	else
		probe_put_status(&text, name, type, answer);
	probe_tell(d->probe,
	    &(struct probe_step){.name = PROBE_STEP_ADDRESS,
		.outcome = count > 0 ? PROBE_OK : PROBE_BAD,
		.host = slice_of(name),
		.took_ms = d->took_ms},
	    "%s", buffer_string(&text));
}

static void on_tlsa(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	struct probe_destination *d = context;
	struct probe_step step = {.name = PROBE_STEP_TLSA,
	    .outcome = PROBE_OK,
	    .host = slice_of(d->hosts[d->looked_up].name),
	    .took_ms = took_ms};
	BUFFER_AUTO struct buffer text = {0};
	/* Signatures must be whole from the destination's name to the records. */
	bool is_signed = answer->authentic && d->signed_addresses[d->looked_up] &&
			 (!d->hop.mx || !d->probe->question.mx || d->signed_mx);

	if (answer->status == DNS_FOUND && is_signed) {
		d->tlsa[d->looked_up] = memory_alloc(sizeof(*answer));
		*d->tlsa[d->looked_up] = *answer;
		buffer_printf(&text, "%zu TLSA records, signed: the certificate has to be theirs.",
		    answer->count);
	} else if (answer->status == DNS_FOUND) {
		step.outcome = PROBE_WARNING;
		buffer_append_string(&text,
		    "There are TLSA records, but our name server does not say that it has checked "
		    "the signatures from the destination's name to them: Postfix does not use "
		    "them.");
	} else if (answer->status == DNS_NO_DATA || answer->status == DNS_NO_NAME) {
		buffer_append_string(&text, "There are no TLSA records");
		buffer_append_string(
		    &text, d->probe->question.tls == PROBE_TLS_DANE
			       ? ": TLS is used where it is offered."
			       : ", without which Postfix does not deliver there.");
		if (d->probe->question.tls != PROBE_TLS_DANE)
			step.outcome = PROBE_BAD;
	} else {
		step.outcome = PROBE_WARNING;
		probe_put_status(&text, d->hosts[d->looked_up].name, DNS_TLSA, answer);
		buffer_append_string(&text, " Without that answer Postfix does not deliver there.");
	}
	probe_tell(d->probe, &step, "%s", buffer_string(&text));
	d->looked_up++;
	look_up_next(d);
}

static bool asks_tlsa(const struct probe_destination *d)
{
	return d->probe->question.tls == PROBE_TLS_DANE ||
	       d->probe->question.tls == PROBE_TLS_DANE_ONLY;
}

/* All addresses of the host are there. */
static void use_addresses(struct probe_destination *d, const struct dns_host_address *addresses,
    size_t count, const char *alias_of)
{
	char name[DNS_NAME_SIZE + 16];

	tell_addresses(d, addresses, count, alias_of);
	for (size_t i = 0; i < count; i++) {
		struct sockaddr_storage address;

		probe_address_of(addresses[i].bytes, addresses[i].length, d->hop.port, &address);
		add_address(d, &address);
	}
	snprintf(name, sizeof(name), "_%u._tcp.%s", d->hop.port, d->hosts[d->looked_up].name);
	if (asks_tlsa(d) && count > 0 && dns_name_valid(slice_of(name))) {
		dns_ask(d->probe->dns, slice_of(name), DNS_TLSA, on_tlsa, d);
		return;
	}
	d->looked_up++;
	look_up_next(d);
}

static void on_both(struct probe_destination *d)
{
	struct dns_host_address addresses[2 * DNS_RECORDS_MAX];
	const char *alias_of = "";
	size_t count = 0;

	d->signed_addresses[d->looked_up] = true;
	for (int family = 0; family < 2; family++) {
		const struct dns_answer *answer = &d->answers[family];

		if (answer->status == DNS_FOUND)
			d->signed_addresses[d->looked_up] &= answer->authentic;
		for (size_t i = 0; i < answer->count; i++) {
			memcpy(addresses[count].bytes, answer->records[i].data, 16);
			addresses[count++].length = answer->records[i].length;
			alias_of = answer->alias_of;
		}
	}
	use_addresses(d, addresses, count, alias_of);
}

static void take_answer(
    struct probe_destination *d, int family, const struct dns_answer *answer, uint32_t took_ms)
{
	d->answers[family] = *answer;
	if (took_ms > d->took_ms)
		d->took_ms = took_ms;
	if (--d->pending == 0)
		on_both(d);
}

static void on_v4(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	take_answer(context, 0, answer, took_ms);
}

static void on_v6(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	take_answer(context, 1, answer, took_ms);
}

/* /etc/hosts first, where Postfix looks there. True where it has the name. */
static bool use_hosts_file(struct probe_destination *d, struct slice name)
{
	const struct probe_question *q = &d->probe->question;
	struct dns_host_address addresses[PROBE_ADDRESSES_MAX];
	size_t found, count = 0;

	if (!q->hosts)
		return false;
	found = dns_hosts_file(name, addresses, PROBE_ADDRESSES_MAX);
	for (size_t i = 0; i < found; i++)
		if (addresses[i].length == 4 ? q->ipv4 : q->ipv6)
			addresses[count++] = addresses[i];
	if (count > 0)
		use_addresses(d, addresses, count, "");
	return count > 0;
}

static void look_up_next(struct probe_destination *d)
{
	const struct probe_question *q = &d->probe->question;
	struct slice name;

	if (d->looked_up == d->host_count) {
		connect_next(d);
		return;
	}
	name = slice_of(d->hosts[d->looked_up].name);
	d->took_ms = 0;
	memset(d->answers, 0, sizeof(d->answers));
	d->answers[0].status = d->answers[1].status = DNS_NO_DATA;
	if (use_hosts_file(d, name))
		return;
	d->pending = q->ipv4 + q->ipv6;
	if (q->ipv4)
		dns_ask(d->probe->dns, name, DNS_A, on_v4, d);
	if (q->ipv6)
		dns_ask(d->probe->dns, name, DNS_AAAA, on_v6, d);
}

/* ---- Sessions ---- */

static void on_step(void *context, const struct probe_step *step)
{
	struct probe_destination *d = context;

	d->probe->events.step(d->probe->events.context, step);
}

static void on_session_end(void *context, enum probe_outcome outcome)
{
	struct probe_destination *d = context;

	if (outcome == PROBE_BAD)
		d->bad++;
	else
		d->good++;
	probe_session_destroy(&d->session);
	connect_next(d);
}

static void sum_up(struct probe_destination *d)
{
	const char *name = d->hop.host, *more = d->left_out > 0 ? " More were not tested." : "";
	size_t all = d->good + d->bad;

	if (all == 0)
		probe_finish(
		    d->probe, PROBE_BAD, "%s has no address that a test connects to.", name);
	else if (d->good > 0 && d->bad > 0)
		probe_finish(d->probe, PROBE_WARNING,
		    "%s takes connections at %zu of %zu addresses.%s", name, d->good, all, more);
	else if (d->good > 0)
		probe_finish(d->probe, PROBE_OK,
		    "%s takes connections as it should, at %zu address%s.%s", name, all,
		    all == 1 ? "" : "es", more);
	else
		probe_finish(d->probe, PROBE_BAD,
		    "Mail does not get through to %s now: nothing takes it, at %zu address%s.%s",
		    name, all, all == 1 ? "" : "es", more);
}

static void connect_next(struct probe_destination *d)
{
	const struct probe_question *q = &d->probe->question;
	const struct candidate *c;

	if (d->next == d->count) {
		sum_up(d);
		return;
	}
	c = &d->candidates[d->next++];
	d->session = probe_session_create(d->probe->loop,
	    &(struct probe_session_plan){.address = c->address,
		.label = c->label,
		.helo = d->helo,
		.bind = c->address.ss_family == AF_INET ? q->bind4 : q->bind6,
		.tls = {.level = q->tls,
		    .host = d->hosts[c->host].name,
		    .next_hop = d->hop.host,
		    .match = q->match,
		    .ca_file = q->ca_file,
		    .ca_path = q->ca_path,
		    .tlsa = d->tlsa[c->host]}},
	    &(struct probe_session_reader){on_step, on_session_end, d});
}

/* ---- All of it ---- */

/* It becomes a line of SMTP. */
static bool take_helo(struct probe_destination *d)
{
	struct slice helo = d->probe->question.helo, inside = helo;
	struct sockaddr_storage address;

	if (helo.len > 2 && helo.data[0] == '[' && helo.data[helo.len - 1] == ']')
		inside = slice_make(helo.data + 1, helo.len - 2);
	if (!dns_name_valid(helo) &&
	    (inside.len == helo.len || !probe_address_read(inside, 0, &address)))
		return false;
	snprintf(d->helo, sizeof(d->helo), "%.*s", SLICE_ARGS(helo));
	return true;
}

static void begin(struct probe_destination *d)
{
	if (d->hop.literal) {
		add_host(d, d->hop.host, 0);
		add_address(d, &d->hop.address);
		connect_next(d);
	} else if (d->hop.mx && d->probe->question.mx) {
		dns_ask(d->probe->dns, slice_of(d->hop.host), DNS_MX, on_mx, d);
	} else {
		add_host(d, d->hop.host, 0);
		look_up_next(d);
	}
}

static void on_begin(void *context, short revents)
{
	struct probe_destination *d = context;

	(void)revents;
	loop_remove(&d->start);
	begin(d);
}

struct probe_destination *probe_destination_create(struct probe *probe)
{
	struct probe_destination *d = memory_zero(1, sizeof(*d));

	d->probe = probe;
	if (!take_helo(d))
		probe_finish(probe, PROBE_BAD,
		    "Nothing was tested: smtp_helo_name is no name that could be said in EHLO.");
	else if (!probe_next_hop_read(probe->question.next_hop, &d->hop))
		probe_finish(probe, PROBE_BAD, "Nothing was tested: %.*s is no next hop.",
		    SLICE_ARGS(probe->question.next_hop));
	else {
		/* In the next turn: nothing is told from within this call. */
		d->start = loop_add(probe->loop, -1, 0, on_begin, d);
		loop_deadline(d->start, clock_monotonic_ms());
	}
	return d;
}

void probe_destination_destroy(struct probe_destination **pointer)
{
	struct probe_destination *d = *pointer;

	*pointer = NULL;
	if (d == NULL)
		return;
	loop_remove(&d->start);
	probe_session_destroy(&d->session);
	for (size_t i = 0; i < HOSTS_MAX; i++)
		free(d->tlsa[i]);
	free(d);
}
