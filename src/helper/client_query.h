/* Asks Postfix how the SMTP client of a transport is set: what main.cf says, what the -o of its
 * service in master.cf say instead, and the entry of smtp_tls_policy_maps for a next hop. */
#ifndef HELPER_CLIENT_QUERY_H
#define HELPER_CLIENT_QUERY_H

#include "helper/peer.h"
#include "wire/pause_proto.h"

/* PAUSE_QUERY_CLIENT; answers PAUSE_ANSWERS, or refuses: bad_value, postfix_failed. */
void client_query_take(struct peer *peer, uint32_t request, const struct pause_query *query);

/* ---- Pure parts ---- */

/* A parameter of the client as `service` has it: of `overrides`, what `postconf -P` printed of that
 * service (`from_master`), else of `main_cf`, what `postconf -x` printed. False where neither says
 * it. */
bool client_query_value(struct slice overrides, struct slice main_cf, const char *name,
    struct slice *value, bool *from_master);
/* The keys that are looked up for a next hop, one a line, in the order of Postfix's SMTP client:
 * itself, and of a name without brackets and port ".parent", too. */
void client_query_put_keys(struct buffer *keys, struct slice next_hop);

#endif
