/* What a reply that turns our address away says of it: which address, and which blocklists:
 *
 *     554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.list.example; ...
 *
 * Replies are strangers' words: what is found here is only ever looked up, and shown as what a
 * reply has named. */
#ifndef POSTFIX_BLOCKLIST_H
#define POSTFIX_BLOCKLIST_H

#include <stddef.h>

#include "base/slice.h"

/* Of one reply; more are in no reply. */
#define BLOCKLIST_ZONES_MAX 4
/* Only so many bytes of a reply are looked at: what says why stands at the front. */
#define BLOCKLIST_REPLY_MAX 4096

struct blocklist_words {
	/* An IPv4 or IPv6 address that anybody in the Internet could have; empty: none. Points into
	 * the reply. */
	struct slice address;
	/* DNS zones: of lists that are known by their makers' names, and what stands behind
	 * "blocked using" and its like. They point into the reply, or live for ever. */
	struct slice zones[BLOCKLIST_ZONES_MAX];
	size_t zone_count;
};

/* Takes the remote's own words (reason.h) apart. Never fails: what is not found is empty. Linear in
 * the reply's length. */
void blocklist_find(struct slice reply, struct blocklist_words *words);

#endif
