/* Starts the roles, hands them their channels, starts again what died. */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include "config/config.h"
#include "wire/control_proto.h"

/* What `postroom serve` was given, to read it again on SIGHUP. */
struct supervisor_source {
	const char *config_path; /* NULL: the default path, which may be missing */
	const char *const *sets; /* --set arguments */
	size_t set_count;
	const char *page_directory; /* --page-dir, "" for the embedded page */
	const int *programs;	    /* by role: what each is started from (role/program.h) */
};

/* Reads the configuration as the source says; NULL with bad_config, not_found, io_error. `path`
 * becomes the file that was read ("" for none). */
struct config *supervisor_load(
    const struct supervisor_source *source, struct buffer *path, struct error *err);

/* Serves until SIGTERM or SIGINT; the exit status. */
int supervisor_run(
    const struct supervisor_source *source, struct config *config, const char *config_path);

#endif
