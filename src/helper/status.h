/* What works on this host, tried and not guessed; what is missing, with its exact fix. `postroom
 * check`, the page and the log show the same words. */
#ifndef HELPER_STATUS_H
#define HELPER_STATUS_H

#include "wire/control_proto.h"
#include "wire/helper_proto.h"

/* Fills in `status`, whose problems the caller frees. A few dozen system calls, no process.
 * `try_watches`: whether the queue can be watched too, for when no reader is there to say so. */
void status_look(const struct role_config *config, bool try_watches, struct helper_status *status);

#endif
