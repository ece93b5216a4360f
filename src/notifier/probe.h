/* One probe: what wire/probe_proto.h asks for, done on a loop. It connects to what the question and
 * the name servers say, and to no address that transfer/address.h refuses. */
#ifndef NOTIFIER_PROBE_H
#define NOTIFIER_PROBE_H

#include "base/loop.h"
#include "wire/probe_proto.h"

/* All of it: a person waits. What is not done then is not done. */
#define PROBE_MS 150000
/* As many as Postfix tries for one message, where nothing else is set. */
#define PROBE_ADDRESSES_MAX 5

struct probe;

struct probe_events {
	void (*step)(void *context, const struct probe_step *step);
	/* The last call, within which the probe may be destroyed. */
	void (*end)(void *context, const struct probe_end *end);
	void *context;
};

/* Begins. No event comes from within this call. */
struct probe *probe_create(
    struct loop *loop, const struct probe_question *question, const struct probe_events *events);
/* Ends it without a word. Accepts a pointer to NULL. */
void probe_destroy(struct probe **probe);

#endif
