/* The sandbox of each role. */
#include "role/sandbox.h"

bool sandbox_close(enum control_role role, const struct role_config *config,
    struct control_ready *ready, struct error *err)
{
	(void)role;
	(void)config;
	(void)ready;
	(void)err;
	return true; /* no filter is written yet */
}
