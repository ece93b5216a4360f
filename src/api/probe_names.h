/* What replies have named where they turn our address away: which address it is, and which
 * blocklists; from the reasons of the mail that waits, and from an incident's quotes. */
#ifndef API_PROBE_NAMES_H
#define API_PROBE_NAMES_H

#include "query/query.h"
#include "store/incident_rows.h"
#include "wire/probe_proto.h"

struct probe_names {
	char address[PROBE_ADDRESS_MAX]; /* the one that most replies name; "": none does */
	struct buffer blocklists;	 /* zones, each ended by \n */
};

/* `configured`: zones separated by blanks, which come first; `incident` may be NULL. */
void probe_names_collect(struct query *query, const struct query_scope *scope,
    struct slice configured, const struct incident_record *incident, struct probe_names *names);
void probe_names_free(struct probe_names *names);

#endif
