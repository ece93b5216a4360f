/* Where Postfix sends the mail for a domain, from what its configuration says: what a probe tests,
 * and the words that say so. Pure. */
#ifndef API_PROBE_ROUTE_H
#define API_PROBE_ROUTE_H

#include "base/buffer.h"
#include "wire/control_proto.h"
#include "wire/pause_proto.h"
#include "wire/probe_proto.h"

struct probe_route {
	/* As struct probe_question takes it; empty: there is no mail server to test. */
	struct buffer next_hop;
	/* The service of master.cf that takes mail there, and the next hop as Postfix has it: what
	 * PAUSE_QUERY_CLIENT asks about. */
	struct buffer transport, hop;
	struct buffer text;
	enum probe_outcome outcome; /* of the step that says it; PROBE_SKIPPED: nothing to test */
};

/* What Postfix's tables say of a domain, as the helper has asked them. */
struct probe_route_tables {
	bool asked; /* transport_maps could be asked */
	/* What stands there beside pauses of ours ("smtp:[relay.example]:587"); empty: nothing. */
	struct slice entry;
	bool paused; /* a pause of ours stands in front of it */
	/* The list of our own domains that has it ("relay_domains"); empty: none. */
	struct slice own_list;
};

/* The caller frees `route`. */
void probe_route_find(const struct role_config *config, struct slice domain,
    const struct probe_route_tables *tables, struct probe_route *route);
void probe_route_free(struct probe_route *route);

/* What Postfix says of the client that takes mail there: the answers to PAUSE_QUERY_CLIENT. None:
 * nobody was asked, and `config` alone counts. */
struct probe_client {
	const struct pause_answer *answers;
	size_t count;
};
/* How that client would look names up, connect and secure a session. Slices point into `config` and
 * the answers. */
void probe_route_client(const struct role_config *config, const struct probe_client *client,
    struct probe_question *question);
/* Says what the test goes by beside main.cf, and what it does not look at. Where Postfix would
 * deliver nothing whatever the server does, there is nothing to test: next_hop is empty then. */
void probe_route_say_client(const struct probe_client *client,
    const struct probe_question *question, struct probe_route *route);

#endif
