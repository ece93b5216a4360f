/* The words of http.trusted_proxy, taken apart and compared. */
#include "base/proxy_list.h"

#include <arpa/inet.h>
#include <string.h>

/* Either family as 16 bytes; `*offset` is how many bits the mapping of IPv4 takes. */
static bool read_address(struct slice text, unsigned char out[16], unsigned *offset)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	char copy[INET6_ADDRSTRLEN];

	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*offset = 96;
	memcpy(out, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, copy, out + 12) == 1)
		return true;
	*offset = 0;
	return inet_pton(AF_INET6, copy, out) == 1;
}

static bool same_network(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static bool read_network(struct slice word, struct proxy_list *list)
{
	unsigned char *address = list->networks[list->network_count].address, masked[16] = {0};
	struct slice rest = word, text;
	uint64_t bits;
	unsigned offset;

	slice_split(&rest, '/', &text);
	if (!read_address(text, address, &offset))
		return false;
	bits = 128 - offset;
	/* Of /0 everybody would be a proxy: whoever writes that has not meant it. */
	if (rest.data != NULL && (!slice_to_u64(rest, &bits) || bits == 0 || bits > 128 - offset))
		return false;
	list->networks[list->network_count].bits = (unsigned)bits + offset;
	/* 192.0.2.7/24 could mean the one address or the network, and only one can be right. */
	memcpy(masked, address, 16);
	for (unsigned i = (unsigned)bits + offset; i < 128; i++)
		masked[i / 8] &= (unsigned char)~(0x80 >> i % 8);
	if (memcmp(masked, address, 16) != 0)
		return false;
	list->network_count++;
	return true;
}

static bool read_user(struct slice name, struct proxy_list *list)
{
	uint64_t number;

	if (name.len == 0 || name.len > PROXY_LIST_NAME_MAX || slice_find_char(name, ':') >= 0 ||
	    slice_find_char(name, '/') >= 0)
		return false;
	/* Root's command line comes the same way, and would be anybody's. */
	if (slice_is(name, "root") || (slice_to_u64(name, &number) && number == 0))
		return false;
	memcpy(list->users[list->user_count], name.data, name.len);
	list->users[list->user_count++][name.len] = '\0';
	return true;
}

bool proxy_list_parse(struct slice text, struct proxy_list *list)
{
	struct slice word;

	memset(list, 0, sizeof(*list));
	while (slice_split(&text, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (list->network_count == PROXY_LIST_MAX || list->user_count == PROXY_LIST_MAX)
			return false;
		if (slice_starts_with(word, "unix:")
			? !read_user(slice_from(word, strlen("unix:")), list)
			: !read_network(word, list))
			return false;
	}
	return true;
}

bool proxy_list_has_address(const struct proxy_list *list, struct slice address)
{
	unsigned char binary[16];
	unsigned offset;

	if (!read_address(address, binary, &offset))
		return false;
	for (size_t i = 0; i < list->network_count; i++)
		if (same_network(list->networks[i].address, binary, list->networks[i].bits))
			return true;
	return false;
}

bool proxy_list_has_loopback(const struct proxy_list *list)
{
	static const unsigned char loopback[16] = {[10] = 0xff, [11] = 0xff, [12] = 127},
				   loopback6[16] = {[15] = 1};

	for (size_t i = 0; i < list->network_count; i++) {
		unsigned bits = list->networks[i].bits;

		/* Of 127.0.0.0/8 any: whoever connects chooses which. */
		if (same_network(list->networks[i].address, loopback, bits < 104 ? bits : 104) ||
		    same_network(list->networks[i].address, loopback6, bits))
			return true;
	}
	return false;
}
