/* Asks Postfix's own tables, by `postmap -q`, what would become of an address, and whose a domain
 * is.
 */
#ifndef HELPER_PAUSE_QUERY_H
#define HELPER_PAUSE_QUERY_H

#include "helper/pause_config.h"
#include "helper/peer.h"
#include "wire/pause_proto.h"

/* PAUSE_QUERY of the other kinds; answers PAUSE_ANSWERS, or refuses: bad_value, postfix_failed,
 * postmap_failed. */
void pause_query_take(struct peer *peer, uint32_t request, const struct pause_query *query);

/* What `postmap -q -` printed for `key`, which was asked as it is; false where it found nothing. */
bool pause_query_find(struct slice output, struct slice key, struct slice *answer);
/* Whether it could ask at all: to find nothing is no failure. False with postmap_failed; `what` are
 * the tables, for people. */
bool pause_query_said_well(const struct tool_said *said, const char *what, struct error *err);

/* What transport_maps says of addresses, as Postfix asks it (transport.c of its trivial-rewrite):
 * the whole address in every table, then its domain and the domains above it, each with a dot in
 * front, in the tables that are lists of keys. `answers` has one for each address, and lives as
 * long as the call. `ours`: our own table is asked as well. */
typedef void pause_query_done(
    void *context, const struct pause_answer *answers, const struct error *err);
void pause_query_ask(struct helper *helper, const struct pause_config *config,
    const struct slice *addresses, size_t count, bool ours, pause_query_done *done, void *context);

/* Whose domains are (PAUSE_QUERY_OWN), the same way. ".dst.example": or any below it. */
void pause_query_own(struct helper *helper, const struct pause_config *config,
    const struct slice *domains, size_t count, pause_query_done *done, void *context);

#endif
