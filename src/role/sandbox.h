/* What a process cannot do from here on, whoever took it over: a filter of system calls, and rules
 * for files and sockets. */
#ifndef ROLE_SANDBOX_H
#define ROLE_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"
#include "wire/control_proto.h"

/* Closed once, by role_enter, with the rights dropped and nothing read but the configuration
 * (`config` is empty for a viewer). Adds to `ready` what the kernel gave. False with
 * `err`. */
bool sandbox_close(enum control_role role, const struct role_config *config,
    struct control_ready *ready, struct error *err);

#endif
