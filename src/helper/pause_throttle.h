/* Throttles: a transport of its own in master.cf for each pace, a copy of the one that mail for a
 * domain takes anyway, and the next hop that it has anyway.
 *
 * Whoever asks for a throttle names a domain and seconds. Where its mail goes is found out here,
 * from Postfix's own tables and settings, so that nobody can have it sent elsewhere. */
#ifndef HELPER_PAUSE_THROTTLE_H
#define HELPER_PAUSE_THROTTLE_H

#include "helper/pause_config.h"
#include "wire/pause_proto.h"

/* Each is asked for with postmap, fifty at a time. */
#define PAUSE_THROTTLED_MAX 500

struct pause_throttles;

/* Finds the next hops of the throttled among `entries` (checked), makes the transports that are
 * missing or no copies any more, and reloads Postfix where it made one. `throttles` is the
 * receiver's then. NULL with pause_throttle_impossible, too_many, postfix_failed, postmap_failed.
 */
typedef void pause_throttle_done(
    void *context, struct pause_throttles *throttles, const struct error *err);
void pause_throttle_prepare(struct helper *helper, const struct pause_config *config,
    struct slice entries, pause_throttle_done *done, void *context);
void pause_throttle_destroy(struct pause_throttles **throttles);

/* "postroom-slow-60-smtp:[192.0.2.1]" for an entry that was prepared; pause_tables_hop. */
struct slice pause_throttle_hop(void *throttles, const struct pause_entry *entry);

/* Takes the transports of throttles out of master.cf and their parameters out of main.cf.
 * `services` is what `postconf -M` printed; `words` get what follows "postconf -MX" and "postconf
 * -X". */
void pause_throttle_names(
    struct slice services, struct command_words *transports, struct command_words *parameters);

/* ---- Pure parts ---- */

/* A line of `postconf -M NAME/unix`: the name, and what to make of it under another name with one
 * process: true for a client of SMTP or LMTP. */
bool pause_throttle_copy(struct slice service, const char *name, struct buffer *copy);
/* Whether a line of `postconf -M` is that copy, whatever blanks are between. */
bool pause_throttle_same(struct slice service, struct slice copy);
/* Where mail for a domain goes: by the entry of transport_maps ("" none), or default_transport and
 * relayhost. `hop` is empty for the domain's own hosts. False where that cannot be throttled. */
bool pause_throttle_resolve(struct slice entry, struct slice default_transport,
    struct slice relayhost, struct slice *transport, struct slice *hop, struct error *err);

#endif
