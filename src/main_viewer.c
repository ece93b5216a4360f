/* postroom-viewer: one message, and gone. */
#include "role/role.h"
#include "viewer/viewer.h"

int main(int argc, char **argv)
{
	return role_enter(argc, argv) == CONTROL_ROLE_VIEWER ? viewer_main(CONTROL_FD)
							     : ROLE_REFUSED;
}
