/* What a pause would do, before anything is done: how many messages would wait, which of them would
 * not live so long, what is in delivery and goes on, and whose own entries in Postfix's tables win.
 * The queue answers at once; Postfix is asked for the rest. */
#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "api/pause_json.h"
#include "api/pauses.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/said.h"
#include "query/groups.h"
#include "watch/warning.h"

/* An address that nobody has: what Postfix would do with the others of its domain. */
#define NOBODY "postroom-nobody-has-this@"
/* Of a provider so many domains are asked about, each by such an address; and so many addresses
 * that wait. Together at most PAUSE_QUERY_MAX. */
#define DOMAINS_ASKED 20
#define ADDRESSES_ASKED 30
/* Messages in which these addresses are looked for. */
#define MESSAGES_LOOKED_AT 200

struct preview {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	struct api_pause_ask read;
	int64_t now;
	struct buffer filter, expire_filter;
	uint64_t waiting, would_expire, in_delivery;
	bool expiry_known;
	struct buffer texts; /* of what follows; slices are offsets in it until settle() */
	struct slice domains[GROUPS_LIMIT_MAX], addresses[PAUSE_QUERY_MAX];
	size_t domain_count, address_count;
	json_t *own_entries, *setup; /* owned */
	bool pattern_tables, no_logins;
};

static void preview_free(struct preview *p)
{
	api_pause_free(&p->read);
	buffer_free(&p->filter);
	buffer_free(&p->expire_filter);
	buffer_free(&p->texts);
	json_decref(p->own_entries);
	json_decref(p->setup);
	free(p);
}

static bool of_recipients(const struct preview *p)
{
	return p->read.ask.kind == PAUSE_DOMAIN || p->read.ask.kind == PAUSE_PROVIDER;
}

static struct slice keep(struct preview *p, struct slice text)
{
	struct slice kept = {(const char *)(uintptr_t)p->texts.len, text.len};

	buffer_append_slice(&p->texts, text);
	return kept;
}

static struct slice kept(const struct preview *p, struct slice text)
{
	return slice_make(p->texts.data + (uintptr_t)text.data, text.len);
}

/* ---- The queue ---- */

static void take_domain(void *context, struct slice domain)
{
	struct preview *p = context;

	if (p->domain_count < GROUPS_LIMIT_MAX)
		p->domains[p->domain_count++] = keep(p, domain);
}

static void put_term(struct buffer *out, const char *field, struct slice value)
{
	if (out->len > 1)
		buffer_append_string(out, " or ");
	buffer_append_string(out, field);
	buffer_append_string(out, ":=");
	filter_quote(out, value);
}

/* "(domain:=a.example or domain:*.a.example)". A provider whose domains are not known holds nothing
 * back yet: no message has none of these. */
static void put_whose(const struct preview *p, struct buffer *out)
{
	struct slice key = p->read.ask.key;

	buffer_append_char(out, '(');
	switch (p->read.ask.kind) {
	case PAUSE_DOMAIN:
		put_term(out, "domain", key);
		if (p->read.ask.subdomains)
			buffer_printf(out, " or domain:*.%.*s", SLICE_ARGS(key));
		break;
	case PAUSE_PROVIDER:
		for (size_t i = 0; i < p->domain_count; i++)
			put_term(out, "domain", kept(p, p->domains[i]));
		if (p->domain_count == 0)
			put_term(out, "remote_host", key);
		break;
	case PAUSE_SENDER:
		put_term(out, "from", key);
		break;
	case PAUSE_LOGIN:
		put_term(out, "login", key);
		break;
	}
	buffer_append_char(out, ')');
}

static struct index_match count(struct preview *p, const char *text)
{
	struct filter *filter = filter_parse(slice_of(text), NULL);
	struct index_match match = {0};

	/* Every filter of ours is one, unless so many domains made it too long: then it is too
	 * costly as well. */
	if (filter != NULL)
		query_count(p->api->query, query_scope_all(), filter, p->now, &match);
	else
		match.undecided = 1;
	filter_free(filter);
	return match;
}

static void count_queue(struct preview *p)
{
	BUFFER_AUTO struct buffer whose = {0}, active = {0};
	struct index_match expiring;

	put_whose(p, &whose);
	buffer_printf(&p->filter, "%s -queue:hold", buffer_string(&whose));
	buffer_printf(&active, "%s queue:active", buffer_string(&whose));
	buffer_printf(&p->expire_filter, "%s -queue:hold expires<%llds", buffer_string(&whose),
	    (long long)(p->read.ask.until - p->now));
	p->waiting = count(p, buffer_string(&p->filter)).messages;
	p->in_delivery = count(p, buffer_string(&active)).messages;
	if (!of_recipients(p))
		return;
	expiring = count(p, buffer_string(&p->expire_filter));
	p->would_expire = expiring.messages;
	p->expiry_known = expiring.undecided == 0;
}

/* ---- Addresses to ask Postfix about ---- */

static bool is_held_domain(const struct preview *p, struct slice domain)
{
	struct slice key = p->read.ask.key;
	size_t longer = domain.len > key.len ? domain.len - key.len : 0;

	if (p->read.ask.kind == PAUSE_DOMAIN)
		return slice_equal_nocase(domain, key) ||
		       (p->read.ask.subdomains && longer > 1 && domain.data[longer - 1] == '.' &&
			   slice_equal_nocase(slice_from(domain, longer), key));
	for (size_t i = 0; i < p->domain_count; i++)
		if (slice_equal_nocase(kept(p, p->domains[i]), domain))
			return true;
	return false;
}

static void ask_about(struct preview *p, struct slice address, size_t most)
{
	for (size_t i = 0; i < p->address_count; i++)
		if (slice_equal(kept(p, p->addresses[i]), address))
			return;
	if (p->address_count < most && address.len <= PAUSE_KEY_MAX)
		p->addresses[p->address_count++] = keep(p, address);
}

static void ask_about_message(struct preview *p, const struct query_message *message)
{
	struct index_recipient r;

	for (uint32_t n = 0; query_recipient(p->api->query, message, n, &r); n++) {
		const char *at = r.address.len ? memrchr(r.address.data, '@', r.address.len) : NULL;
		struct slice domain = at != NULL
					  ? slice_from(r.address, (size_t)(at + 1 - r.address.data))
					  : SLICE("");
		if (!(r.flags & MESSAGE_RECIPIENT_DONE) && is_held_domain(p, domain))
			ask_about(p, r.address, DOMAINS_ASKED + ADDRESSES_ASKED);
	}
}

static void ask_about_domain(struct preview *p, struct slice domain)
{
	BUFFER_AUTO struct buffer address = {0};

	buffer_append_string(&address, NOBODY);
	buffer_append_slice(&address, domain);
	ask_about(p, buffer_slice(&address), DOMAINS_ASKED);
}

static void choose_addresses(struct preview *p)
{
	MEMORY_AUTO struct query_page *page = memory_zero(1, sizeof(*page));
	struct filter *filter = filter_parse(buffer_slice(&p->filter), NULL);
	struct index_sort newest = {INDEX_SORT_ARRIVAL, true};
	struct query_message message;
	struct error err;

	if (p->read.ask.kind == PAUSE_DOMAIN)
		ask_about_domain(p, p->read.ask.key);
	for (size_t i = 0; i < p->domain_count; i++) {
		BUFFER_AUTO struct buffer domain = {0};
		buffer_append_slice(&domain, kept(p, p->domains[i]));
		ask_about_domain(p, buffer_slice(&domain));
	}
	if (filter != NULL && query_page(p->api->query, query_scope_all(), filter, newest,
				  SLICE(""), MESSAGES_LOOKED_AT, p->now, page, &err))
		for (size_t i = 0; i < page->count; i++)
			if (query_page_message(p->api->query, page, i, &message))
				ask_about_message(p, &message);
	query_page_free(page);
	filter_free(filter);
}

/* ---- The answer ---- */

static enum said_code what_it_does(const struct preview *p)
{
	const struct pauses_ask *ask = &p->read.ask;

	if (of_recipients(p))
		return ask->throttle_s == 0 ? SAID_PAUSE_PREVIEW_DESTINATION
					    : SAID_PAUSE_PREVIEW_THROTTLE;
	if (ask->kind == PAUSE_SENDER)
		return ask->release ? SAID_PAUSE_PREVIEW_SENDER_RELEASED
				    : SAID_PAUSE_PREVIEW_SENDER_STAYS;
	return ask->release ? SAID_PAUSE_PREVIEW_LOGIN_RELEASED : SAID_PAUSE_PREVIEW_LOGIN_STAYS;
}

static void put_text(const struct preview *p, struct said *said)
{
	const struct pauses_ask *ask = &p->read.ask;
	char until[CLOCK_RFC3339_SIZE];

	clock_rfc3339(ask->until, until);
	said_put(said, what_it_does(p), 3, said_text("key", ask->key),
	    said_text("until", slice_of(until)), said_number("seconds", ask->throttle_s));
}

static void warn(
    json_t *list, const char *code, const char *severity, int64_t number, enum said_code says)
{
	SAID_AUTO struct said said = {0};
	struct warning warning = {.code = code, .severity = severity, .count = number};

	said_put(&said, says, 0);
	warning.text = buffer_string(&said.text);
	warning.words = buffer_string(&said.words);
	json_array_append_new(list, api_warning_json(&warning));
}

static json_t *warnings_json(const struct preview *p)
{
	json_t *list = json_array();
	size_t own = json_array_size(p->own_entries);

	if (p->would_expire > 0)
		warn(list, "would_expire", "warning", (int64_t)p->would_expire,
		    SAID_PAUSE_WOULD_EXPIRE);
	if (p->in_delivery > 0 && of_recipients(p))
		warn(list, "in_delivery", "info", (int64_t)p->in_delivery, SAID_PAUSE_IN_DELIVERY);
	if (own > 0)
		warn(list, "own_entries", "warning", (int64_t)own, SAID_PAUSE_OWN_ENTRIES);
	if (p->read.ask.kind == PAUSE_PROVIDER && p->domain_count == 0)
		warn(list, "no_domains", "warning", -1, SAID_PAUSE_NO_DOMAINS);
	if (p->read.ask.kind == PAUSE_LOGIN && p->no_logins)
		warn(list, "no_logins", "warning", -1, SAID_PAUSE_NO_LOGINS);
	if (p->pattern_tables && of_recipients(p))
		warn(list, "reload", "info", -1, SAID_PAUSE_RELOAD);
	return list;
}

/* For people who know Postfix: what will be run, in its own words. */
static json_t *commands_json(const struct preview *p)
{
	json_t *list = json_array();

	if (p->pattern_tables && of_recipients(p)) {
		json_array_append_new(list, json_string("postfix reload"));
	} else {
		json_array_append_new(
		    list, json_string(of_recipients(p)			 ? "postmap transport"
				      : p->read.ask.kind == PAUSE_SENDER ? "postmap sender"
									 : "postmap login"));
	}
	if (of_recipients(p))
		json_array_append_new(list, json_string("postmap -q ADDRESS TRANSPORT_MAPS"));
	return list;
}

static json_t *domains_json(const struct preview *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->domain_count; i++)
		json_array_append_new(list, api_string(kept(p, p->domains[i])));
	return list;
}

static json_t *target_json(const struct preview *p)
{
	const struct pauses_ask *ask = &p->read.ask;

	return json_pack("{ss, so, sb, si, so}", "kind", pause_kind_name(ask->kind), "key",
	    api_string(ask->key), "subdomains", ask->subdomains, "throttle", (int)ask->throttle_s,
	    "until", api_time(ask->until));
}

static json_t *preview_json(const struct preview *p)
{
	SAID_AUTO struct said said = {0};

	put_text(p, &said);
	return json_pack("{so, so, so, sI, so, sI, so, so, so, sO, so, so, sO?}", "pause",
	    target_json(p), "text", api_string(buffer_slice(&said.text)), "words",
	    api_words(buffer_slice(&said.words)), "waiting", (json_int_t)p->waiting, "would_expire",
	    !of_recipients(p) ? json_integer(0)
	    : p->expiry_known ? json_integer((json_int_t)p->would_expire)
			      : json_null(),
	    "in_delivery", (json_int_t)p->in_delivery, "filter",
	    api_string(buffer_slice(&p->filter)), "expire_filter",
	    api_string(buffer_slice(&p->expire_filter)), "domains", domains_json(p), "own_entries",
	    p->own_entries, "commands", commands_json(p), "warnings", warnings_json(p), "setup",
	    p->setup);
}

static void reply(struct preview *p)
{
	if (p->rq != NULL)
		http_reply_json(p->rq, 200, preview_json(p));
	preview_free(p);
}

/* ---- Postfix's own entries ---- */

static void probed(
    void *context, const struct pauses_found *found, size_t found_count, const struct error *err)
{
	struct preview *p = context;

	/* Without an answer nothing is known of them; the pause itself asks again, and says so. */
	for (size_t i = 0; err == NULL && i < found_count; i++)
		if (found[i].wins)
			json_array_append_new(p->own_entries,
			    json_pack("{so, so, so}", "address", api_string(found[i].address),
				"key", api_string(found[i].key), "answer",
				api_string(found[i].answer)));
	reply(p);
}

static void probe(struct preview *p)
{
	struct slice addresses[PAUSE_QUERY_MAX];

	choose_addresses(p);
	for (size_t i = 0; i < p->address_count; i++)
		addresses[i] = kept(p, p->addresses[i]);
	if (p->address_count == 0)
		reply(p);
	else
		pauses_probe(p->api->pauses, addresses, p->address_count, probed, p);
}

static void setup_looked_at(void *context, const struct pause_setup *setup, const struct error *err)
{
	struct preview *p = context;

	if (err == NULL) {
		p->setup = api_pause_setup_state_json(setup->state);
		p->pattern_tables = setup->pattern_tables;
		p->no_logins = setup->no_logins;
	}
	/* A sender's or login's hold is in no table that an address could be asked for. */
	if (err == NULL && of_recipients(p) && p->rq != NULL)
		probe(p);
	else
		reply(p);
}

void api_pauses_preview(struct http_request *rq, struct api *api, const json_t *pause)
{
	struct preview *p = memory_zero(1, sizeof(*p));

	p->api = api;
	p->now = clock_now();
	p->own_entries = json_array();
	if (!api_pause_read(rq, pause, p->now, &p->read)) {
		preview_free(p);
		return;
	}
	if (p->read.ask.kind == PAUSE_PROVIDER)
		query_domains_of_host(api->query, p->read.ask.key, p->now, take_domain, p);
	count_queue(p);
	http_wait(rq, &p->rq);
	pauses_setup_look(api->pauses, setup_looked_at, p);
}
