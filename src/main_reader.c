/* postroom-reader: what a queue and a log say, read by processes that hold nothing. */
#include "logreader/logreader.h"
#include "reader/reader.h"
#include "role/role.h"

int main(int argc, char **argv)
{
	switch (role_enter(argc, argv)) {
	case CONTROL_ROLE_READER:
		return reader_main(CONTROL_FD);
	case CONTROL_ROLE_LOGREADER:
		return logreader_main(CONTROL_FD);
	default:
		return ROLE_REFUSED;
	}
}
