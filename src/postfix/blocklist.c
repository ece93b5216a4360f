/* Reads addresses and blocklists out of refusals. A list that is known by its maker's name is asked
 * at its own zone: replies name it by a web page, by a word, or by a zone with somebody's key in
 * it. Any other is what stands behind the words that servers use for it. */
#include "postfix/blocklist.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

/* Lists that answer anybody, from their own pages; by what a reply that names them contains. Not
 * here: lists that have ended (an ended one may list the whole world), and those that ask for a
 * key. */
static const struct {
	const char *mark, *zone;
} known[] = {
    {"spamhaus", "zen.spamhaus.org"},
    {"spamcop", "bl.spamcop.net"},
    {"barracuda", "b.barracudacentral.org"},
    {"uceprotect", "dnsbl-1.uceprotect.net"},
    {"surriel", "psbl.surriel.com"},
    {"mailspike", "bl.mailspike.net"},
    {"gbudb", "truncate.gbudb.net"},
    {"spfbl", "dnsbl.spfbl.net"},
    {"dronebl", "dnsbl.dronebl.org"},
    {"0spam", "bl.0spam.org"},
    {"blocklist.de", "bl.blocklist.de"},
};

/* What stands before the name of a list. */
static const char *const before[] = {
    "blocked using ",
    "blocked by ",
    "blacklisted by ",
    "blacklisted at ",
    "blacklisted on ",
    "listed by ",
    "listed in ",
    "listed on ",
    "listed at ",
    "found in ",
    "found on ",
    "dnsbl ",
    "rbl ",
};

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-';
}

static bool has_letter(struct slice label)
{
	for (size_t i = 0; i < label.len; i++)
		if (label.data[i] > '9')
			return true;
	return false;
}

/* The name at the front: two labels or more, the last of them with a letter (an address is none),
 * and no web page. */
static struct slice zone_at(struct slice text)
{
	static const struct slice none = {"", 0};
	struct slice zone, rest, label;
	size_t len = 0, labels = 0;
	bool letter = false;

	while (len < text.len && len < 253 && is_host_char(text.data[len]))
		len++;
	if (slice_starts_with(text, "www.") ||
	    (len < text.len && strchr(":/@", text.data[len]) != NULL))
		return none;
	zone = slice_first(text, len);
	/* The full stop of the sentence. */
	if (slice_ends_with(zone, "."))
		zone.len--;
	rest = zone;
	while (slice_split(&rest, '.', &label)) {
		if (label.len == 0)
			return none;
		letter = has_letter(label);
		labels++;
	}
	return labels > 1 && letter ? zone : none;
}

static void add_zone(struct blocklist_words *words, struct slice zone)
{
	for (size_t i = 0; i < words->zone_count; i++)
		if (slice_equal_nocase(words->zones[i], zone))
			return;
	if (words->zone_count < BLOCKLIST_ZONES_MAX)
		words->zones[words->zone_count++] = zone;
}

/* The same list by another of its names. */
static bool is_known(struct slice zone)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_find_nocase(zone, slice_of(known[i].mark)) >= 0)
			return true;
	return false;
}

static void find_zones(struct slice reply, struct blocklist_words *words)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_find_nocase(reply, slice_of(known[i].mark)) >= 0)
			add_zone(words, slice_of(known[i].zone));
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		ptrdiff_t at = slice_find_nocase(reply, slice_of(before[i]));
		struct slice zone;

		if (at < 0)
			continue;
		zone = zone_at(slice_from(reply, (size_t)at + strlen(before[i])));
		if (zone.len > 0 && !is_known(zone))
			add_zone(words, zone);
	}
}

/* Whether others could see us by that address. */
static bool is_public(struct slice text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char v4[4], v6[16];

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, v4) == 1)
		return v4[0] != 0 && v4[0] != 10 && v4[0] != 127 && v4[0] < 224 &&
		       !(v4[0] == 172 && (v4[1] & 0xf0) == 16) && !(v4[0] == 192 && v4[1] == 168) &&
		       !(v4[0] == 169 && v4[1] == 254) && !(v4[0] == 100 && (v4[1] & 0xc0) == 64);
	/* 2000::/3 is what is given out. */
	return inet_pton(AF_INET6, copy, v6) == 1 && (v6[0] & 0xe0) == 0x20;
}

static bool is_address_char(char c)
{
	return slice_hex_digit(c) >= 0 || c == '.' || c == ':';
}

/* The first one: servers write `Client host [192.0.2.1]`, `IP=192.0.2.1`, `(192.0.2.1)`. */
static struct slice find_address(struct slice reply)
{
	for (size_t at = 0; at < reply.len; at++) {
		size_t begin = at;
		struct slice word;

		while (at < reply.len && is_address_char(reply.data[at]))
			at++;
		word = slice_make(reply.data + begin, at - begin);
		/* The end of a label ("IP:") in front; the end of a sentence behind. */
		if (word.len > 1 && word.data[0] == ':' && word.data[1] != ':')
			word = slice_from(word, 1);
		while (word.len > 0 &&
		       (word.data[word.len - 1] == '.' || word.data[word.len - 1] == ':'))
			word.len--;
		if (is_public(word))
			return word;
	}
	return (struct slice){"", 0};
}

void blocklist_find(struct slice reply, struct blocklist_words *words)
{
	*words = (struct blocklist_words){.address = {"", 0}};
	reply = slice_first(reply, BLOCKLIST_REPLY_MAX);
	if (reply.len == 0)
		return;
	words->address = find_address(reply);
	find_zones(reply, words);
}
