/* postroom-supervisor: root, and in every process's place when that dies. `postroom serve` becomes
 * it, and gives it its arguments. It links libc and the sandbox's library. */
#include <stdio.h>
#include <string.h>

#include "supervisor/passed.h"
#include "supervisor/serve.h"

int main(int argc, char **argv)
{
	/* What whoever starts it had open is nothing to a service, but for its sockets. */
	passed_begin();
	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		return serve_main(argc, argv);
	fputs("postroom-supervisor: this is started by `postroom serve`\n", stderr);
	return 2;
}
