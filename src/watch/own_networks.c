/* Networks as bits of an address, IPv4 as mapped into IPv6, so that one comparison serves both. The
 * first pattern that fits decides, as in Postfix. */
#include "watch/own_networks.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* mynetworks is written by hand, or comes from a few interfaces. */
#define NETWORKS_MAX 512
/* Of IPv4 addresses in IPv6 (RFC 4291): ::ffff:0:0/96. */
#define MAPPED_BITS 96

struct network {
	uint8_t address[16];
	unsigned bits;
	bool excluded; /* written with a ! */
};

struct own_networks {
	struct network items[NETWORKS_MAX];
	size_t count;
};

static bool parse_address(struct slice text, uint8_t address[16], bool *ipv4)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char copy[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*ipv4 = inet_pton(AF_INET, copy, address + 12) == 1;
	if (!*ipv4)
		return inet_pton(AF_INET6, copy, address) == 1;
	memcpy(address, mapped, sizeof(mapped));
	return true;
}

static bool within(const uint8_t address[16], const struct network *n)
{
	unsigned whole = n->bits / 8, rest = n->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(address, n->address, whole) == 0 &&
	       (rest == 0 || ((address[whole] ^ n->address[whole]) & mask) == 0);
}

/* "[2001:db8::]/32": brackets keep the colons from the patterns of tables. */
static struct slice without_brackets(struct slice text)
{
	if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		return slice_make(text.data + 1, text.len - 2);
	return text;
}

static bool parse_network(struct slice text, struct network *n)
{
	struct slice address, bits = text;
	uint64_t number;
	bool ipv4;

	*n = (struct network){.excluded = slice_starts_with(text, "!")};
	if (n->excluded)
		text = slice_from(text, 1);
	bits = text;
	slice_split(&bits, '/', &address);
	if (!parse_address(without_brackets(slice_trim(address)), n->address, &ipv4))
		return false;
	/* Without a length it is one address. */
	number = ipv4 ? 32 : 128;
	if (bits.len > 0 && (!slice_to_u64(bits, &number) || number > (ipv4 ? 32 : 128)))
		return false;
	n->bits = (unsigned)number + (ipv4 ? MAPPED_BITS : 0);
	return true;
}

static void add(struct own_networks *networks, struct slice text)
{
	if (networks->count < NETWORKS_MAX &&
	    parse_network(text, &networks->items[networks->count]))
		networks->count++;
}

struct own_networks *own_networks_create(struct slice mynetworks)
{
	struct own_networks *networks = memory_zero(1, sizeof(*networks));
	size_t from = 0;

	/* Blanks and commas separate. */
	for (size_t i = 0; i <= mynetworks.len; i++) {
		if (i < mynetworks.len && strchr(" \t\r\n,", mynetworks.data[i]) == NULL)
			continue;
		if (i > from)
			add(networks, slice_make(mynetworks.data + from, i - from));
		from = i + 1;
	}
	/* Also where mynetworks does not say so. */
	add(networks, SLICE("127.0.0.0/8"));
	add(networks, SLICE("::1"));
	return networks;
}

void own_networks_free(struct own_networks **networks)
{
	free(*networks);
	*networks = NULL;
}

bool own_networks_contain(const struct own_networks *networks, struct slice address)
{
	uint8_t bytes[16];
	bool ipv4;

	if (!parse_address(address, bytes, &ipv4))
		return false;
	for (size_t i = 0; i < networks->count; i++)
		if (within(bytes, &networks->items[i]))
			return !networks->items[i].excluded;
	return false;
}
