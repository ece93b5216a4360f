/* The entrance of every process of the service. Its parent starts it with role_become, which drops
 * its rights (role/confine.h) before exec; its main calls role_enter first of all, which proves
 * them, closes the sandbox (role/sandbox.h) and answers on the control channel. Nothing that a
 * stranger wrote is read before that. */
#ifndef ROLE_ROLE_H
#define ROLE_ROLE_H

#include <stdbool.h>

#include "role/confine.h"
#include "wire/control_proto.h"

/* How a process is started. The descriptors stay the caller's. */
struct role_launch {
	struct confine_plan plan;
	int program;	       /* the executable, opened by program_open (role/program.h) */
	int standard[3];       /* become descriptors 0 to 2 */
	int control;	       /* becomes CONTROL_FD */
	int gate;	       /* waits until this says end of file (prove_open); -1: does not */
	bool dies_with_parent; /* killed when its parent ends */
};

/* In the new process, after fork: signals, descriptors, rights, environment, exec. It ends with
 * status 71 and a line on standard error where one of them fails. */
_Noreturn void role_become(const struct role_launch *launch);

/* The arguments that role_become gives, parsed back: NAME UID GID MODE. */
bool role_parse_arguments(int argc, char **argv, struct confine_plan *plan);

/* The exit status of a main that role_enter has not let in. */
#define ROLE_REFUSED 70

/* The first call of every process's main: checks what it is against its arguments, reads the
 * configuration (but for a viewer, which has none), closes the sandbox, sends READY. 0, said on
 * standard error, when it must not go on; else who it is. */
enum control_role role_enter(int argc, char **argv);

/* Called when the configuration is known and nothing is closed yet. False: the role does not start.
 */
typedef bool role_prepare(void *context, const struct role_config *config, struct error *err);
/* The same for a role that first has to start a process which keeps what it gives up. */
enum control_role role_enter_prepared(int argc, char **argv, role_prepare *prepare, void *context);

#endif
