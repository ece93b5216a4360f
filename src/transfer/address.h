/* Which addresses this process connects to. Asked when a connection is opened, after the name was
 * resolved: a name that leads elsewhere at the second look (DNS rebinding) gains nothing. */
#ifndef TRANSFER_ADDRESS_H
#define TRANSFER_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/* NULL where it may be connected to; else why not, for people: "is this host itself".
 *
 * `allow_local`: loopback and this host's own addresses may be. Never: link-local addresses and
 * others at which clouds give out credentials, multicast, broadcast, and what is neither IPv4 nor
 * IPv6. IPv6 addresses that carry an IPv4 address are judged as that. Private networks may be
 * connected to: receivers stand there. */
const char *address_refused(const struct sockaddr *address, bool allow_local);

/* One form for all: IPv6, an IPv4 address as ::ffff:a.b.c.d, also where an IPv6 address carries it.
 * False for what is neither. */
bool address_normalise(const struct sockaddr *address, struct in6_addr *found);

#endif
