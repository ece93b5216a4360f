/* postroom-identity: who somebody is, by an issuer's word, asked by a process that holds nothing.
 */
#include "identity/identity.h"
#include "role/role.h"

int main(int argc, char **argv)
{
	return role_enter(argc, argv) == CONTROL_ROLE_IDENTITY ? identity_main(CONTROL_FD)
							       : ROLE_REFUSED;
}
