/* The scheme, then the authority up to the first of / ? #, then the authority taken apart. */
#include "base/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* A port has at most five digits: more would only be zeros, which some programs cut off. */
#define PORT_DIGITS 5

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_scheme(struct slice s)
{
	if (s.len == 0 || !is_lower(s.data[0]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_lower(s.data[i]) && !is_digit(s.data[i]) && s.data[i] != '+' &&
		    s.data[i] != '-' && s.data[i] != '.')
			return false;
	return true;
}

static bool is_visible(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] <= ' ' || s.data[i] > '~')
			return false;
	return true;
}

/* What DNS and /etc/hosts have, and the underscore of names inside of a network. A letter beyond
 * ASCII stands in its form of ASCII (xn--). */
static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!is_lower(c) && !is_digit(c) && !(c >= 'A' && c <= 'Z') && c != '.' &&
		    c != '-' && c != '_')
			return false;
	}
	return s.len > 0 && s.len <= URL_HOST_MAX;
}

/* Without a zone ("%eth0"): it means something on one host alone. */
static bool is_ipv6(struct slice s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (s.len == 0 || s.len >= sizeof(text) || memchr(s.data, '\0', s.len) != NULL)
		return false;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

/* Nothing, or a colon and a port of 1 to 65535. */
static bool take_port(struct slice s, uint16_t *port)
{
	uint64_t number;

	if (s.len == 0)
		return true;
	if (s.data[0] != ':' || s.len > 1 + PORT_DIGITS ||
	    !slice_to_u64(slice_from(s, 1), &number) || number == 0 || number > UINT16_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

bool url_split_authority(struct slice text, struct slice *host, uint16_t *port)
{
	bool brackets = slice_starts_with(text, "[");
	ptrdiff_t end = slice_find_char(text, brackets ? ']' : ':');
	struct slice name = text, behind = SLICE("");

	*host = SLICE("");
	*port = 0;
	if (brackets && end < 0)
		return false;
	if (end >= 0) {
		name = slice_first(text, (size_t)end);
		behind = slice_from(text, (size_t)end + brackets);
	}
	if (brackets)
		name = slice_from(name, 1);
	if (!(brackets ? is_ipv6(name) : is_name(name)) || !take_port(behind, port))
		return false;
	*host = name;
	return true;
}

bool url_split(struct slice text, struct url *url)
{
	ptrdiff_t scheme = slice_find(text, SLICE("://"));
	struct url found = {0};
	struct slice behind;
	size_t len = 0;

	*url = found;
	if (scheme < 0 || !is_visible(text))
		return false;
	behind = slice_from(text, (size_t)scheme + 3);
	while (len < behind.len && memchr("/?#", behind.data[len], 3) == NULL)
		len++;
	found.scheme = slice_first(text, (size_t)scheme);
	found.origin = slice_first(text, (size_t)scheme + 3 + len);
	found.authority = slice_first(behind, len);
	found.rest = slice_from(behind, len);
	if (!is_scheme(found.scheme) ||
	    !url_split_authority(found.authority, &found.host, &found.port))
		return false;
	*url = found;
	return true;
}

struct slice url_origin(struct slice text)
{
	struct url url;

	return url_split(text, &url) ? url.origin : SLICE("");
}

bool url_host_is_own(struct slice host)
{
	return slice_is(host, "localhost") || slice_is(host, "127.0.0.1") || slice_is(host, "::1");
}
