/* Starts the roles, hands them their channels, starts again what died. */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include "supervisor/source.h"
#include "wire/control_proto.h"

/* Serves until SIGTERM or SIGINT; the exit status. `programs`: by role, what each is started from
 * (role/program.h). The source is read again on SIGHUP. */
int supervisor_run(const struct source *source, struct config *config, const char *config_path,
    const int programs[CONTROL_ROLES]);

#endif
