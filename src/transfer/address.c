/* The kinds of address as ranges, and this host's own as the kernel lists them now. */
#include "transfer/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char THIS_HOST[] = "is this host itself";
static const char METADATA[] = "is where a cloud gives out credentials";
static const char LINK_LOCAL[] = "is link-local";
static const char MANY[] = "is no single host";

/* The first that has an address counts. All of them as IPv6 (RFC 4291 2.5.5.2 for the others), so
 * that there is one way to compare. */
static const struct range {
	const char *address;
	unsigned bits;
	bool local; /* allow_local admits it */
	const char *why;
} ranges[] = {
    {"::ffff:127.0.0.0", 96 + 8, true, THIS_HOST},
    {"::ffff:0.0.0.0", 96 + 8, true, THIS_HOST}, /* the kernel connects to loopback */
    {"::1", 128, true, THIS_HOST},
    {"::", 128, true, THIS_HOST},
    {"::ffff:169.254.169.254", 128, false, METADATA}, /* nearly all of them */
    {"::ffff:100.100.100.200", 128, false, METADATA}, /* Alibaba */
    {"::ffff:168.63.129.16", 128, false, METADATA},   /* Azure */
    {"::ffff:192.0.0.192", 128, false, METADATA},     /* Oracle */
    {"fd00:ec2::254", 128, false, METADATA},	      /* Amazon */
    {"fd20:ce::254", 128, false, METADATA},	      /* Google */
    {"::ffff:169.254.0.0", 96 + 16, false, LINK_LOCAL},
    {"fe80::", 10, false, LINK_LOCAL},
    {"::ffff:224.0.0.0", 96 + 3, false, MANY}, /* multicast, reserved, broadcast */
    {"ff00::", 8, false, MANY},
};

/* Prefixes behind which an IPv6 address carries an IPv4 one: compatible (RFC 4291), translated
 * (NAT64, RFC 6052) and tunnelled (6to4, RFC 3056). */
static const struct {
	const char *prefix;
	unsigned bits, at; /* `at`: the byte at which the IPv4 address begins */
} carriers[] = {{"::", 96, 12}, {"64:ff9b::", 96, 12}, {"2002::", 16, 2}};

static bool is_within(const struct in6_addr *address, const char *prefix, unsigned bits)
{
	struct in6_addr range;
	unsigned whole = bits / 8, rest = bits % 8;

	if (inet_pton(AF_INET6, prefix, &range) != 1)
		return false;
	return memcmp(address, &range, whole) == 0 &&
	       (rest == 0 || ((address->s6_addr[whole] ^ range.s6_addr[whole]) >> (8 - rest)) == 0);
}

static void set_mapped(struct in6_addr *address, const void *four)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(address->s6_addr, mapped, sizeof(mapped));
	memcpy(address->s6_addr + sizeof(mapped), four, 4);
}

bool address_normalise(const struct sockaddr *address, struct in6_addr *found)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	uint8_t carried[4];

	if (address->sa_family == AF_INET) {
		memcpy(&four, address, sizeof(four));
		set_mapped(found, &four.sin_addr);
		return true;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&six, address, sizeof(six));
	*found = six.sin6_addr;
	if (is_within(found, "::", 128) || is_within(found, "::1", 128))
		return true; /* these are in ::/96 and carry nothing */
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		if (is_within(found, carriers[i].prefix, carriers[i].bits)) {
			memcpy(carried, found->s6_addr + carriers[i].at, sizeof(carried));
			set_mapped(found, carried);
			break;
		}
	return true;
}

static bool is_own(const struct in6_addr *address)
{
	struct ifaddrs *all, *one;
	bool found = false;

	/* Where the kernel does not say, nothing is known to be another host. */
	if (getifaddrs(&all) != 0)
		return true;
	for (one = all; one != NULL && !found; one = one->ifa_next) {
		struct in6_addr own;

		found = one->ifa_addr != NULL && address_normalise(one->ifa_addr, &own) &&
			memcmp(&own, address, sizeof(own)) == 0;
	}
	freeifaddrs(all);
	return found;
}

const char *address_refused(const struct sockaddr *address, bool allow_local)
{
	struct in6_addr one;

	if (!address_normalise(address, &one))
		return "is of no family that is connected to";
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (is_within(&one, ranges[i].address, ranges[i].bits))
			return ranges[i].local && allow_local ? NULL : ranges[i].why;
	return !allow_local && is_own(&one) ? THIS_HOST : NULL;
}
