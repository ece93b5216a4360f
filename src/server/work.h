/* What the server does to the queue: the job engine, the settings, the depth samples, and the
 * turns of these, and of the exchanges, on the loop. */
#ifndef SERVER_WORK_H
#define SERVER_WORK_H

#include "server/internal.h"
#include "wire/helper_proto.h"

struct work;

/* When index, store, events and the links of `server` are there; fills in api.jobs and
 * api.settings. */
struct work *work_create(struct server *server);
/* Before links and store go: nothing new is begun, what is under way is found again at the next
 * start. */
void work_stop(struct work *work);
/* After the store was destroyed. Accepts a pointer to NULL. */
void work_destroy(struct work **work);

/* A helper or a reader came. */
void work_helper(struct work *work);
void work_reader(struct work *work);
void work_repeats(struct work *work, const struct log_proto_repeats *head, struct cursor *repeats);
void work_status(struct work *work, const struct helper_status *status);
/* A log reader came: it knows nothing of what is followed. */
void work_log_reader(struct work *work);
void work_log_event(struct work *work, const struct log_proto_event *event);
/* The configuration or Postfix's facts are new. */
void work_facts(struct work *work);

#endif
