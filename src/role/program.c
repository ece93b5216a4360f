/* The executables of the service and how they find each other. */
#include "role/program.h"

#include <errno.h>
#include <fcntl.h>

int program_open(enum control_role role, struct error *err)
{
	int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);

	(void)role;
	if (fd < 0)
		error_set_errno(err, "not_found", errno, "the executable of this process");
	return fd;
}
