/* `postroom serve`. */
#ifndef SUPERVISOR_SERVE_H
#define SUPERVISOR_SERVE_H

#include "base/error.h"
#include "wire/control_proto.h"

/* Opens what each role is started from (role/program.h), by role; they stay open until the process
 * ends. */
bool serve_open_programs(int programs[CONTROL_ROLES], struct error *err);

/* Runs the service; the exit status (0 stopped, 1 failed, 2 wrong usage). */
int serve_main(int argc, char **argv);

#endif
