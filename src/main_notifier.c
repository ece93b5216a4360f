/* postroom-notifier: what leaves this host, sent by a process that holds nothing. */
#include "notifier/notifier.h"
#include "notifier/starter.h"
#include "role/role.h"

int main(int argc, char **argv)
{
	int starter = -1;

	return role_enter_prepared(argc, argv, starter_begin, &starter) == CONTROL_ROLE_NOTIFIER
		   ? notifier_main(CONTROL_FD, starter)
		   : ROLE_REFUSED;
}
