/* Whom http.trusted_proxy names: addresses, networks, and users that connect to the Unix socket.
 * Pure. One reader of that text, for the configuration that checks it and the server that goes by
 * it. */
#ifndef BASE_PROXY_LIST_H
#define BASE_PROXY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define PROXY_LIST_MAX 16
#define PROXY_LIST_NAME_MAX 64

struct proxy_list {
	/* IPv4 as ::ffff:1.2.3.4, so that there is one way to compare. */
	struct {
		unsigned char address[16];
		unsigned bits;
	} networks[PROXY_LIST_MAX];
	size_t network_count;
	char users[PROXY_LIST_MAX][PROXY_LIST_NAME_MAX + 1]; /* names or numbers */
	size_t user_count;
};

/* "192.0.2.7", "192.0.2.0/24", "2001:db8::/64" and "unix:www-data" (or "unix:33"), separated by
 * blanks; nothing is an empty list. False when a word is none of them, when bits beyond the
 * network's own are set, when it is all addresses ("/0"), root, or when there are too many. */
bool proxy_list_parse(struct slice text, struct proxy_list *list);

/* Whether an address, as inet_ntop writes it, is in one of the networks. */
bool proxy_list_has_address(const struct proxy_list *list, struct slice address);
/* Whether one of the networks has an address of loopback, from which every user and program of this
 * host can come. */
bool proxy_list_has_loopback(const struct proxy_list *list);

#endif
