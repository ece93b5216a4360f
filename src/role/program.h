/* Which file a process of the service is started from. The working directory and the environment
 * have no say in it. */
#ifndef ROLE_PROGRAM_H
#define ROLE_PROGRAM_H

#include "base/error.h"
#include "wire/control_proto.h"

/* A descriptor (O_PATH) of the executable of that role, for role_become; -1 with not_found or
 * unsafe. Who starts roles opens it once, at its own start: an upgrade in between would put another
 * version there. */
int program_open(enum control_role role, struct error *err);

#endif
