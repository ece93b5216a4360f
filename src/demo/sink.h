/* The mail servers of the demo's world: SMTP on sockets that are already listening, in one poll
 * loop. Accepted mail is counted and forgotten. */
#ifndef DEMO_SINK_H
#define DEMO_SINK_H

#include <stddef.h>

#include "demo/world.h"

struct sink_listener {
	int fd;
	const struct world_host *host;
};

/* Serves until the process is ended. `listeners` stay the caller's. */
_Noreturn void sink_run(const struct sink_listener *listeners, size_t count);

#endif
