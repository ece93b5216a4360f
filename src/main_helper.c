/* postroom-helper: root, for what only root can do. It links libc and the sandbox's library. */
#include "base/log.h"
#include "helper/helper.h"
#include "role/program.h"
#include "role/role.h"

int main(int argc, char **argv)
{
	struct error err;
	int viewer;

	if (role_enter(argc, argv) != CONTROL_ROLE_HELPER)
		return ROLE_REFUSED;
	viewer = program_open(PROGRAM_VIEWER, &err);
	if (viewer < 0)
		log_error("no message can be shown: %s", err.text);
	return helper_main(CONTROL_FD, viewer);
}
