/* The pauses of the service: joins them to the helper and the index, and has what waited tried
 * again at a pace when one has ended. */
#ifndef SERVER_PAUSING_H
#define SERVER_PAUSING_H

#include <stdint.h>

#include "settings/pauses.h"
#include "store/job_rows.h"
#include "wire/log_proto.h"

struct pausing;
struct server;

/* Needs the store, the jobs and the exchange with the helper; fills in api.pauses. */
struct pausing *pausing_create(struct server *server);
/* The helper has come (back). */
void pausing_helper(struct pausing *pausing);
void pausing_tick(struct pausing *pausing);
/* A delivery may tell of a domain whose mail goes to a provider that is paused. */
void pausing_log_event(struct pausing *pausing, const struct log_proto_event *event);
/* A job has moved on or ended: what one of ours has released is tried then. */
void pausing_job(struct pausing *pausing, const struct job_row *job);
int64_t pausing_deadline_ms(const struct pausing *pausing);
/* Says in the log what goes on to be held back without the service. */
void pausing_stop(struct pausing *pausing);
/* Accepts a pointer to NULL. */
void pausing_destroy(struct pausing **pausing);

#endif
