/* Questions to the name servers (c-ares), on a loop: as /etc/resolv.conf says, or one server that
 * is named. No search domains: names are whole. */
#ifndef NOTIFIER_DNS_H
#define NOTIFIER_DNS_H

#include "base/error.h"
#include "base/loop.h"
#include "notifier/dns_reply.h"

/* One server is asked this often, each time so long: DNS_TRIES times for each server that
 * /etc/resolv.conf names. Whoever asks ends the wait earlier by destroying. */
#define DNS_TIMEOUT_MS 2500
#define DNS_TRIES 2

struct dns;

/* `server`: "127.0.0.1:5353", or empty. NULL with dns_failed in `err`. The loop outlives it. */
struct dns *dns_create(struct loop *loop, struct slice server, struct error *err);
/* Questions that are open end without a word. Accepts a pointer to NULL. */
void dns_destroy(struct dns **dns);

/* The answer lives during the call, within which `dns` may be asked and destroyed. */
typedef void dns_done(void *context, const struct dns_answer *answer, uint32_t took_ms);
/* Asks for records of a valid name (dns_name_valid); several may be open. `done` is called exactly
 * once, and never from within this call. */
void dns_ask(struct dns *dns, struct slice name, enum dns_type type, dns_done *done, void *context);

/* The addresses that /etc/hosts has for a name: at most `room`, IPv4 as 4 and IPv6 as 16 bytes.
 * Returns how many. */
struct dns_host_address {
	uint8_t bytes[16];
	size_t length;
};
size_t dns_hosts_file(struct slice name, struct dns_host_address *out, size_t room);

/* "7.2.0.192.in-addr.arpa", or of IPv6 "....ip6.arpa": what a reverse name and a blocklist are
 * asked by. `zone` stands in the place of "in-addr.arpa" and "ip6.arpa" where it is not empty. Of a
 * length of 4 or 16. False where it would be longer than a name. */
bool dns_reverse(const uint8_t *address, size_t length, struct slice zone, char out[DNS_NAME_SIZE]);

#endif
