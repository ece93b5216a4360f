/* The kinds of incidents. Each looks at the facts and claims what it sees (list.h); none
 * knows another's claims but by the list, in the order of the table in incidents.c. What must not
 * fool it stands beside each rule in docs/decisions/incidents.md. */
#ifndef WATCH_INCIDENT_KINDS_H
#define WATCH_INCIDENT_KINDS_H

#include "watch/incidents/turn.h"

typedef void incident_tell_fn(struct incident_turn *turn);

/* flood.c */
incident_tell_fn incident_tell_floods;
/* destination.c */
incident_tell_fn incident_tell_destinations;
/* many.c: what many destinations have in common */
incident_tell_fn incident_tell_reputation;
incident_tell_fn incident_tell_own_trouble;
incident_tell_fn incident_tell_name_service;
/* local.c */
incident_tell_fn incident_tell_local_service;
/* host.c: room of the spool, what we cannot see */
incident_tell_fn incident_tell_spool_full;
incident_tell_fn incident_tell_blind;
/* postfix.c: what Postfix's programs complain of */
incident_tell_fn incident_tell_postfix;
/* mail.c */
incident_tell_fn incident_tell_loops;
incident_tell_fn incident_tell_backscatter;
/* queue.c */
incident_tell_fn incident_tell_expiring;
incident_tell_fn incident_tell_nothing_delivered;
incident_tell_fn incident_tell_old_queues;
incident_tell_fn incident_tell_active_full;
incident_tell_fn incident_tell_held;

/* causes.c: which incident explains which, after all have been claimed. */
incident_tell_fn incident_explain;

#endif
