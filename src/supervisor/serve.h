/* `postroom serve`. */
#ifndef SUPERVISOR_SERVE_H
#define SUPERVISOR_SERVE_H

#include "supervisor/supervisor.h"

/* The options that serve and check share, parsed from argv[2] on: --config FILE, --set KEY=VALUE,
 * --page-dir DIR, --check-config, --json, --help. False with a message on standard error for one
 * that `allowed` does not have. */
struct serve_options {
	struct supervisor_source source; /* its `sets` points into this structure's memory */
	bool check_only, json, help;
	const char **sets; /* free() */
};
enum { SERVE_OPTION_PAGE_DIR = 1, SERVE_OPTION_CHECK_CONFIG = 2, SERVE_OPTION_JSON = 4 };
bool serve_parse_options(int argc, char **argv, unsigned allowed, struct serve_options *options);

/* Opens what each role is started from (role/program.h), by role; they stay open until the process
 * ends. */
bool serve_open_programs(int programs[CONTROL_ROLES], struct error *err);

/* Runs the service; the exit status (0 stopped, 1 failed, 2 wrong usage). */
int serve_main(int argc, char **argv);

#endif
