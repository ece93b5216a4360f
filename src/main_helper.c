/* postroom-helper: root, for what only root can do. It links libc and the sandbox's library. */
#include <string.h>

#include "base/log.h"
#include "helper/helper.h"
#include "role/connected.h"
#include "role/program.h"
#include "role/role.h"

int main(int argc, char **argv)
{
	struct error err;
	int viewer;

	/* Started by the service manager; it comes back here by an exec, as the helper. */
	if (argc == 2 && strcmp(argv[1], ROLE_CONNECTED) == 0)
		return role_connected(CONTROL_ROLE_HELPER);
	if (role_enter(argc, argv) != CONTROL_ROLE_HELPER)
		return ROLE_REFUSED;
	viewer = program_open(PROGRAM_VIEWER, &err);
	if (viewer < 0)
		log_error("no message can be shown: %s", err.text);
	return helper_main(CONTROL_FD, viewer);
}
