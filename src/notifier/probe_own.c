/* Our own address, as others look at it: its reverse name and back, the name that we say in EHLO,
 * and the blocklists. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "notifier/probe_parts.h"
#include "notifier/smtp_reply.h"

/* A list's own words about an address. */
#define LIST_WORDS_MAX 400

struct list {
	struct probe_own *own;
	char zone[DNS_NAME_SIZE];
	char question[DNS_NAME_SIZE];
	char listed_as[PROBE_ADDRESS_SIZE];
	uint32_t took_ms;
};

struct probe_own {
	struct probe *probe;
	struct loop_watch *start;
	struct sockaddr_storage address;
	uint8_t bytes[16];
	size_t length; /* 4 or 16 */
	char text[PROBE_ADDRESS_SIZE];
	char reverse_name[DNS_NAME_SIZE];
	struct list lists[PROBE_BLOCKLISTS_MAX];
	size_t list_count, lists_open;
	size_t listed, bad, warnings;
};

static void tell(struct probe_own *own, enum probe_step_name name, const char *host,
    enum probe_outcome outcome, uint32_t took_ms, const struct buffer *text)
{
	own->bad += outcome == PROBE_BAD;
	own->warnings += outcome == PROBE_WARNING;
	probe_tell(own->probe,
	    &(struct probe_step){
		.name = name, .outcome = outcome, .host = slice_of(host), .took_ms = took_ms},
	    "%.*s", SLICE_ARGS(buffer_slice(text)));
}

static bool is_ours(const struct probe_own *own, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->records[i].length == own->length &&
		    memcmp(answer->records[i].data, own->bytes, own->length) == 0)
			return true;
	return false;
}

static enum dns_type family(const struct probe_own *own)
{
	return own->length == 4 ? DNS_A : DNS_AAAA;
}

static void sum_up(struct probe_own *own)
{
	if (own->listed > 0)
		probe_finish(own->probe, PROBE_BAD, "%s is on %zu of %zu blocklists.", own->text,
		    own->listed, own->list_count);
	else if (own->bad > 0)
		probe_finish(own->probe, PROBE_BAD,
		    "Others have reason to refuse mail from %s: see what is marked.", own->text);
	else if (own->warnings > 0)
		probe_finish(own->probe, PROBE_WARNING,
		    "Not all about %s is as it should be: see what is marked.", own->text);
	else
		probe_finish(own->probe, PROBE_OK, "%s has a name that leads back to it%s.",
		    own->text, own->list_count > 0 ? ", and is on none of the blocklists" : "");
}

/* ---- Blocklists ---- */

static void close_list(struct probe_own *own)
{
	if (--own->lists_open == 0)
		sum_up(own);
}

/* RFC 5782: 127.0.0.2 and up are listings. What is behind 127.255.255 is the answer of several
 * lists to those whom they do not answer: open resolvers, and who asks too much; so is 127.0.0.1.
 */
enum listing { LISTING_YES, LISTING_REFUSED, LISTING_NONSENSE };
static enum listing listing_of(const uint8_t address[4])
{
	if (address[0] != 127)
		return LISTING_NONSENSE;
	if ((address[1] == 255 && address[2] == 255) ||
	    (address[1] == 0 && address[2] == 0 && address[3] <= 1))
		return LISTING_REFUSED;
	return LISTING_YES;
}

static void on_words(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	struct list *list = context;
	BUFFER_AUTO struct buffer words = {0};

	(void)took_ms;
	if (answer->count > 0)
		smtp_reply_put_harmless(&words,
		    slice_make(answer->records[0].data, answer->records[0].length), LIST_WORDS_MAX);
	list->own->bad++;
	list->own->listed++;
	probe_tell(list->own->probe,
	    &(struct probe_step){.name = PROBE_STEP_BLOCKLIST,
		.outcome = PROBE_BAD,
		.host = slice_of(list->zone),
		.took_ms = list->took_ms,
		.answer = buffer_slice(&words)},
	    "%s is on this list (%s). Its page says how to get off it.", list->own->text,
	    list->listed_as);
	close_list(list->own);
}

static void on_listed(struct list *list, const struct dns_answer *answer)
{
	struct probe_own *own = list->own;
	struct sockaddr_storage address;
	BUFFER_AUTO struct buffer text = {0};
	enum listing listing = LISTING_REFUSED;

	/* One listing among several answers is one. */
	for (size_t i = 0; i < answer->count && listing != LISTING_YES; i++) {
		listing = listing_of(answer->records[i].data);
		probe_address_of(answer->records[i].data, 4, 0, &address);
		probe_address_text(&address, list->listed_as);
	}
	if (listing == LISTING_YES) {
		dns_ask(own->probe->dns, slice_of(list->question), DNS_TXT, on_words, list);
		return;
	}
	if (listing == LISTING_REFUSED)
		buffer_printf(&text,
		    "The list refuses to answer your resolver (%s): it says nothing about %s. Many "
		    "lists answer no public resolvers; ask by a name server of your own.",
		    list->listed_as, own->text);
	else
		buffer_printf(&text,
		    "The answer %s is none that a blocklist gives: the list may have ended, or the "
		    "name server makes answers up.",
		    list->listed_as);
	tell(own, PROBE_STEP_BLOCKLIST, list->zone, PROBE_WARNING, list->took_ms, &text);
	close_list(own);
}

static void on_list(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	struct list *list = context;
	struct probe_own *own = list->own;
	BUFFER_AUTO struct buffer text = {0};
	bool not_listed =
	    answer->status == DNS_NO_NAME || (answer->status == DNS_NO_DATA && !answer->foreign);

	list->took_ms = took_ms;
	if (answer->status == DNS_FOUND) {
		on_listed(list, answer);
		return;
	}
	if (not_listed)
		buffer_printf(&text, "%s is not on this list.", own->text);
	else
		probe_put_status(&text, list->question, DNS_A, answer);
	tell(own, PROBE_STEP_BLOCKLIST, list->zone, not_listed ? PROBE_OK : PROBE_WARNING, took_ms,
	    &text);
	close_list(own);
}

static void ask_lists(struct probe_own *own)
{
	struct slice rest = own->probe->question.blocklists, zone;

	while (own->list_count < PROBE_BLOCKLISTS_MAX && slice_split(&rest, '\n', &zone)) {
		struct list *list = &own->lists[own->list_count];

		if (!dns_name_valid(zone) ||
		    !dns_reverse(own->bytes, own->length, zone, list->question))
			continue;
		snprintf(list->zone, sizeof(list->zone), "%.*s", SLICE_ARGS(zone));
		list->own = own;
		own->list_count++;
	}
	own->lists_open = own->list_count;
	for (size_t i = 0; i < own->list_count; i++)
		dns_ask(own->probe->dns, slice_of(own->lists[i].question), DNS_A, on_list,
		    &own->lists[i]);
	if (own->list_count == 0)
		sum_up(own);
}

/* ---- Names ---- */

/* A name server that gave no answer says nothing against us. */
static enum probe_outcome outcome_without(const struct dns_answer *answer)
{
	return answer->status == DNS_NO_NAME || answer->status == DNS_NO_DATA ? PROBE_BAD
									      : PROBE_WARNING;
}

static void on_helo(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	struct probe_own *own = context;
	BUFFER_AUTO struct buffer name = {0};
	BUFFER_AUTO struct buffer text = {0};
	enum probe_outcome outcome = PROBE_OK;

	buffer_append_slice(&name, own->probe->question.helo);
	if (answer->status != DNS_FOUND) {
		outcome = outcome_without(answer);
		probe_put_status(&text, buffer_string(&name), family(own), answer);
		buffer_append_string(
		    &text, " It is what we say in EHLO, and some servers refuse such a name.");
	} else if (is_ours(own, answer)) {
		buffer_printf(&text, "The name of our EHLO, %s, leads to %s.", buffer_string(&name),
		    own->text);
	} else {
		outcome = PROBE_WARNING;
		buffer_printf(&text, "The name of our EHLO, %s, leads to another address than %s.",
		    buffer_string(&name), own->text);
	}
	tell(own, PROBE_STEP_HELO, buffer_string(&name), outcome, took_ms, &text);
	ask_lists(own);
}

static void ask_helo(struct probe_own *own)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice helo = own->probe->question.helo;

	if (dns_name_valid(helo)) {
		dns_ask(own->probe->dns, helo, family(own), on_helo, own);
		return;
	}
	buffer_append_string(&text, "What we say in EHLO (smtp_helo_name) is no name.");
	tell(own, PROBE_STEP_HELO, "", PROBE_WARNING, 0, &text);
	ask_lists(own);
}

static void on_forward(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	struct probe_own *own = context;
	BUFFER_AUTO struct buffer text = {0};
	bool back = answer->status == DNS_FOUND && is_ours(own, answer);
	enum probe_outcome outcome = back			   ? PROBE_OK
				     : answer->status == DNS_FOUND ? PROBE_BAD
								   : outcome_without(answer);

	if (back)
		buffer_printf(&text, "%s leads back to %s.", own->reverse_name, own->text);
	else if (answer->status == DNS_FOUND)
		buffer_printf(&text,
		    "%s leads to another address than %s: many servers refuse mail for that.",
		    own->reverse_name, own->text);
	else
		probe_put_status(&text, own->reverse_name, family(own), answer);
	tell(own, PROBE_STEP_FORWARD, own->reverse_name, outcome, took_ms, &text);
	ask_helo(own);
}

static void on_ptr(void *context, const struct dns_answer *answer, uint32_t took_ms)
{
	struct probe_own *own = context;
	BUFFER_AUTO struct buffer text = {0};

	if (answer->status == DNS_FOUND) {
		memcpy(own->reverse_name, answer->records[0].name, DNS_NAME_SIZE);
		buffer_printf(&text, "The reverse name of %s is %s%s.", own->text,
		    own->reverse_name, answer->count > 1 ? ", and it has others" : "");
		tell(own, PROBE_STEP_PTR, own->text, PROBE_OK, took_ms, &text);
		dns_ask(own->probe->dns, slice_of(own->reverse_name), family(own), on_forward, own);
		return;
	}
	if (answer->status == DNS_NO_NAME || answer->status == DNS_NO_DATA)
		buffer_printf(&text,
		    "%s has no reverse name (PTR): many servers refuse mail for that. Whoever gave "
		    "you the address sets it.",
		    own->text);
	else
		probe_put_status(&text, own->text, DNS_PTR, answer);
	tell(own, PROBE_STEP_PTR, own->text, outcome_without(answer), took_ms, &text);
	ask_helo(own);
}

/* ---- Which address ---- */

/* The one that a connection to the Internet would come from: nothing is sent to find out. */
static bool find_source(struct probe_own *own)
{
	/* A root name server's: any address of the Internet would do. */
	static const uint8_t v4[4] = {198, 41, 0, 4};
	static const uint8_t v6[16] = {0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, [13] = 0x02, 0x00, 0x30};
	bool use_v4 = own->probe->question.ipv4;
	FD_AUTO int fd = socket(use_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage far;
	socklen_t len = sizeof(own->address);

	probe_address_of(use_v4 ? v4 : v6, use_v4 ? 4 : 16, 53, &far);
	return fd >= 0 && connect(fd, (struct sockaddr *)&far, sizeof(far)) == 0 &&
	       getsockname(fd, (struct sockaddr *)&own->address, &len) == 0;
}

static void take_bytes(struct probe_own *own)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memcpy(&v4, &own->address, sizeof(v4));
	memcpy(&v6, &own->address, sizeof(v6));
	own->length = own->address.ss_family == AF_INET6 ? 16 : 4;
	memcpy(
	    own->bytes, own->length == 4 ? (const void *)&v4.sin_addr : &v6.sin6_addr, own->length);
	probe_address_text(&own->address, own->text);
}

static void begin(struct probe_own *own)
{
	bool given = own->probe->question.address.len > 0;
	BUFFER_AUTO struct buffer text = {0};
	char question[DNS_NAME_SIZE];

	if (given ? !probe_address_read(own->probe->question.address, 0, &own->address)
		  : !find_source(own)) {
		probe_finish(own->probe, PROBE_BAD, "Nothing was tested: %s.",
		    given ? "that is no address" : "there is no way to the Internet from here");
		return;
	}
	take_bytes(own);
	buffer_printf(&text, given ? "%s is looked at." : "Connections leave from %s.", own->text);
	if (!given && probe_address_private(&own->address)) {
		buffer_append_string(&text, " That is a private address: others see another one. "
					    "Give it, to test it.");
		tell(own, PROBE_STEP_OWN_ADDRESS, own->text, PROBE_WARNING, 0, &text);
		probe_finish(own->probe, PROBE_WARNING,
		    "Nothing was tested: others see another "
		    "address than ours, which is not known.");
		return;
	}
	tell(own, PROBE_STEP_OWN_ADDRESS, own->text, PROBE_OK, 0, &text);
	if (dns_reverse(own->bytes, own->length, SLICE(""), question))
		dns_ask(own->probe->dns, slice_of(question), DNS_PTR, on_ptr, own);
}

static void on_begin(void *context, short revents)
{
	struct probe_own *own = context;

	(void)revents;
	loop_remove(&own->start);
	begin(own);
}

struct probe_own *probe_own_create(struct probe *probe)
{
	struct probe_own *own = memory_zero(1, sizeof(*own));

	own->probe = probe;
	/* In the next turn: nothing is told from within this call. */
	own->start = loop_add(probe->loop, -1, 0, on_begin, own);
	loop_deadline(own->start, clock_monotonic_ms());
	return own;
}

void probe_own_destroy(struct probe_own **pointer)
{
	struct probe_own *own = *pointer;

	*pointer = NULL;
	if (own == NULL)
		return;
	loop_remove(&own->start);
	free(own);
}
