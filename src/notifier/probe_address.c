/* Addresses and next hops as text, and back. Pure. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "notifier/probe_parts.h"
#include "transfer/address.h"

#define SMTP_PORT 25

bool probe_address_of(
    const uint8_t *bytes, size_t length, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	memset(out, 0, sizeof(*out));
	if (length == 4) {
		memcpy(&v4.sin_addr, bytes, 4);
		memcpy(out, &v4, sizeof(v4));
	} else if (length == 16) {
		memcpy(&v6.sin6_addr, bytes, 16);
		memcpy(out, &v6, sizeof(v6));
	}
	return length == 4 || length == 16;
}

bool probe_address_read(struct slice text, uint16_t port, struct sockaddr_storage *out)
{
	char copy[PROBE_ADDRESS_SIZE];
	uint8_t bytes[16];

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		return probe_address_of(bytes, 4, port, out);
	return inet_pton(AF_INET6, copy, bytes) == 1 && probe_address_of(bytes, 16, port, out);
}

void probe_address_text(const struct sockaddr_storage *address, char out[PROBE_ADDRESS_SIZE])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memcpy(&v4, address, sizeof(v4));
	memcpy(&v6, address, sizeof(v6));
	if (inet_ntop(address->ss_family,
		address->ss_family == AF_INET6 ? (const void *)&v6.sin6_addr : &v4.sin_addr, out,
		PROBE_ADDRESS_SIZE) == NULL)
		snprintf(out, PROBE_ADDRESS_SIZE, "?");
}

bool probe_address_private(const struct sockaddr_storage *address)
{
	struct in6_addr one;
	const uint8_t *b = one.s6_addr + 12;

	if (!address_normalise((const struct sockaddr *)address, &one))
		return false;
	/* Unique local addresses (RFC 4193). */
	if (!IN6_IS_ADDR_V4MAPPED(&one))
		return (one.s6_addr[0] & 0xfe) == 0xfc;
	/* RFC 1918, and what providers use behind NAT (RFC 6598). */
	return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
	       (b[0] == 100 && (b[1] & 0xc0) == 64);
}

static bool read_port(struct slice text, uint16_t *port)
{
	static const struct {
		const char *name;
		uint16_t port;
	} names[] = {
	    {"smtp", SMTP_PORT}, {"submission", 587}, {"submissions", 465}, {"smtps", 465}};
	uint64_t number;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(text, names[i].name)) {
			*port = names[i].port;
			return true;
		}
	if (!slice_to_u64(text, &number) || number == 0 || number > UINT16_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

/* Off the front of *rest: what is in brackets, or all before a colon. */
static bool take_host(struct slice *rest, struct slice *host, bool *bracketed)
{
	ptrdiff_t end;

	*bracketed = rest->len > 0 && rest->data[0] == '[';
	end = slice_find_char(*rest, *bracketed ? ']' : ':');
	if (*bracketed) {
		if (end < 0)
			return false;
		*host = slice_make(rest->data + 1, (size_t)end - 1);
		*rest = slice_from(*rest, (size_t)end + 1);
	} else {
		*host = slice_first(*rest, end < 0 ? rest->len : (size_t)end);
		*rest = slice_from(*rest, host->len);
	}
	return true;
}

bool probe_next_hop_read(struct slice text, struct probe_next_hop *out)
{
	struct slice rest = text, host;
	bool bracketed;

	*out = (struct probe_next_hop){.port = SMTP_PORT};
	/* Without brackets it may have colons. */
	if (probe_address_read(text, SMTP_PORT, &out->address)) {
		out->mx = out->literal = true;
		snprintf(out->host, sizeof(out->host), "%.*s", SLICE_ARGS(text));
		return true;
	}
	if (!take_host(&rest, &host, &bracketed))
		return false;
	if (rest.len > 0 && (rest.data[0] != ':' || !read_port(slice_from(rest, 1), &out->port)))
		return false;
	out->mx = !bracketed;
	/* As in an address: [IPv6:2001:db8::1]. */
	if (bracketed && host.len > 5 && slice_equal_nocase(slice_first(host, 5), SLICE("ipv6:")))
		host = slice_from(host, 5);
	out->literal = probe_address_read(host, out->port, &out->address);
	if (!out->literal && !dns_name_valid(host))
		return false;
	snprintf(out->host, sizeof(out->host), "%.*s", SLICE_ARGS(host));
	return true;
}
