/* The demo's addresses: one loopback address for each host of the world, all listening on one port.
 */
#ifndef DEMO_NETWORK_H
#define DEMO_NETWORK_H

#include <netinet/in.h>
#include <stdint.h>

#include "base/error.h"
#include "demo/sink.h"

#define NETWORK_HOSTS_MAX 32
/* Enough connections to fill the backlog of a host that drops. */
#define NETWORK_FILLERS 4

struct network {
	uint8_t block;	     /* the addresses are 127.<block>.0.<index + 1> */
	uint16_t mail_port;  /* of all hosts */
	uint16_t smtpd_port; /* free a moment ago, for the private Postfix, on 127.0.0.1 */
	struct sink_listener listeners[NETWORK_HOSTS_MAX];
	size_t listener_count;
	int fillers[NETWORK_FILLERS * NETWORK_HOSTS_MAX];
	size_t filler_count;
};

/* Opens all listeners. Another demo may run: it has other addresses. Errors: io_error. Closed with
 * network_close, also after an error. */
bool network_open(struct network *net, struct error *err);
void network_close(struct network *net);

/* The address of a host as text. */
void network_address(
    const struct network *net, const struct world_host *host, char out[INET_ADDRSTRLEN]);

#endif
