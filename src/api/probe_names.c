/* Looks at the newest messages whose diagnosis is one of reputation, and at each recipient's
 * reason. */
#include "api/probe_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "postfix/blocklist.h"
#include "postfix/reason.h"

/* Their replies repeat: so many messages, and recipients of each, name what there is. */
#define MESSAGES_MAX 300
#define RECIPIENTS_MAX 5
/* Different addresses that are counted; one host has one or two. */
#define ADDRESSES_MAX 8

struct collecting {
	struct probe_names *names;
	size_t zones;
	struct {
		char text[PROBE_ADDRESS_MAX];
		unsigned times;
	} addresses[ADDRESSES_MAX];
	size_t address_count;
};

static void add_zone(struct collecting *c, struct slice zone)
{
	struct slice rest = buffer_slice(&c->names->blocklists), known;

	if (zone.len == 0 || c->zones == PROBE_BLOCKLISTS_MAX ||
	    c->names->blocklists.len + zone.len + 1 > PROBE_ZONES_BYTES)
		return;
	while (slice_split(&rest, '\n', &known))
		if (slice_equal_nocase(known, zone))
			return;
	buffer_append_slice(&c->names->blocklists, zone);
	buffer_append_char(&c->names->blocklists, '\n');
	c->zones++;
}

static void add_address(struct collecting *c, struct slice address)
{
	size_t i = 0;

	if (address.len == 0 || address.len >= PROBE_ADDRESS_MAX)
		return;
	while (i < c->address_count && !slice_is(address, c->addresses[i].text))
		i++;
	if (i == ADDRESSES_MAX)
		return;
	if (i == c->address_count) {
		memcpy(c->addresses[i].text, address.data, address.len);
		c->address_count++;
	}
	c->addresses[i].times++;
}

/* A reply that speaks of the server's own address says nothing of ours. */
static void add_reply(struct collecting *c, struct slice reply, struct slice servers_own)
{
	struct blocklist_words words;

	blocklist_find(reply, &words);
	if (!slice_equal(words.address, servers_own))
		add_address(c, words.address);
	for (size_t i = 0; i < words.zone_count; i++)
		add_zone(c, words.zones[i]);
}

static void add_message(
    struct collecting *c, struct query *query, const struct query_message *message)
{
	struct index_recipient recipient;
	struct reason reason;

	for (uint32_t n = 0; n < RECIPIENTS_MAX && query_recipient(query, message, n, &recipient);
	     n++) {
		reason_parse(recipient.reason, &reason);
		add_reply(c, reason.reply, reason.address);
	}
}

/* "cause:=a or cause:=b ..." of the family. */
static struct filter *reputation_filter(void)
{
	BUFFER_AUTO struct buffer text = {0};

	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *d = diagnosis_at(i);

		if (d->family == DIAGNOSIS_FAMILY_REPUTATION)
			buffer_printf(&text, "%scause:=%s", text.len > 0 ? " or " : "", d->key);
	}
	return filter_parse(buffer_slice(&text), NULL);
}

static void add_queue(struct collecting *c, struct query *query, const struct query_scope *scope)
{
	struct filter *filter = reputation_filter();
	struct query_page *page = memory_zero(1, sizeof(*page));
	struct query_message message;
	struct index_sort newest = {INDEX_SORT_ARRIVAL, true};

	if (query_page(
		query, scope, filter, newest, SLICE(""), MESSAGES_MAX, clock_now(), page, NULL))
		for (size_t i = 0; i < page->count; i++)
			if (query_page_message(query, page, i, &message) && !message.hidden)
				add_message(c, query, &message);
	query_page_free(page);
	free(page);
	filter_free(filter);
}

void probe_names_collect(struct query *query, const struct query_scope *scope,
    struct slice configured, const struct incident_record *incident, struct probe_names *names)
{
	struct collecting c = {.names = names};
	struct slice zone;
	unsigned most = 0;

	*names = (struct probe_names){.address = ""};
	while (slice_split(&configured, ' ', &zone))
		add_zone(&c, zone);
	for (size_t i = 0; incident != NULL && i < incident->row.evidence_count; i++)
		if (incident->row.evidence[i].quote != NULL)
			add_reply(&c, slice_of(incident->row.evidence[i].quote), SLICE(""));
	add_queue(&c, query, scope);
	for (size_t i = 0; i < c.address_count; i++)
		if (c.addresses[i].times > most) {
			most = c.addresses[i].times;
			memcpy(names->address, c.addresses[i].text, sizeof(names->address));
		}
}

void probe_names_free(struct probe_names *names)
{
	buffer_free(&names->blocklists);
}
