/* One SMTP session of a probe: connects to one address, reads the greeting, says EHLO, STARTTLS,
 * EHLO again and QUIT, and nothing else. Each step is told when it is done. */
#ifndef NOTIFIER_PROBE_SESSION_H
#define NOTIFIER_PROBE_SESSION_H

#include <sys/socket.h>

#include "base/loop.h"
#include "notifier/probe_tls.h"
#include "wire/probe_proto.h"

/* How long is waited: for a connection, for a whole reply (however slowly it comes), and for all of
 * the session. Postfix waits for longer (30 s, 300 s); a person who tests does not. */
#define PROBE_CONNECT_MS 10000
#define PROBE_REPLY_MS 15000
#define PROBE_QUIT_MS 3000

struct probe_session;

struct probe_session_plan {
	struct sockaddr_storage address; /* with the port */
	const char *label;		 /* "mx.shop.example[192.0.2.1]:25" */
	const char *helo;
	struct slice bind; /* the address that it comes from; "": any */
	struct probe_tls_policy tls;
};

struct probe_session_reader {
	void (*step)(void *context, const struct probe_step *step);
	/* The last call, within which the session may be destroyed: PROBE_OK where mail could be
	 * delivered here, else PROBE_BAD. */
	void (*end)(void *context, enum probe_outcome outcome);
	void *context;
};

/* What the plan points to outlives it. No function of the reader is called from within this. */
struct probe_session *probe_session_create(struct loop *loop, const struct probe_session_plan *plan,
    const struct probe_session_reader *reader);
/* Closes the connection, without a word. Accepts a pointer to NULL. */
void probe_session_destroy(struct probe_session **session);

#endif
