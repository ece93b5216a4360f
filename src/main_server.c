/* postroom-server: index, jobs, store and HTTP. */
#include "role/role.h"
#include "server/server.h"

int main(int argc, char **argv)
{
	return role_enter(argc, argv) == CONTROL_ROLE_SERVER ? server_main(CONTROL_FD)
							     : ROLE_REFUSED;
}
