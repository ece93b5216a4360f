/* What `postroom serve` and `postroom check` are given, and the configuration that comes of it. */
#ifndef SUPERVISOR_SOURCE_H
#define SUPERVISOR_SOURCE_H

#include "base/buffer.h"
#include "config/config.h"

/* Kept by the supervisor, to read it again on SIGHUP. */
struct source {
	const char *config_path; /* NULL: the default path, which may be missing */
	const char *const *sets; /* --set arguments */
	size_t set_count;
	const char *page_directory; /* --page-dir, "" for the embedded page */
	const char *helper_socket;  /* --helper-socket; NULL: the supervisor starts the helper */
};

/* Reads the configuration as the source says; NULL with bad_config, not_found, io_error. `path`
 * becomes the file that was read ("" for none). */
struct config *source_load(const struct source *source, struct buffer *path, struct error *err);

/* The options that serve and check share, parsed from argv[2] on: --config FILE, --set KEY=VALUE,
 * --page-dir DIR, --helper-socket PATH, --check-config, --json, --help. False with a message on
 * standard error for one that `allowed` does not have. */
struct source_options {
	struct source source; /* its `sets` points into this structure's memory */
	bool check_only, json, help;
	const char **sets; /* free() */
};
enum {
	SOURCE_OPTION_PAGE_DIR = 1,
	SOURCE_OPTION_CHECK_CONFIG = 2,
	SOURCE_OPTION_JSON = 4,
	SOURCE_OPTION_HELPER_SOCKET = 8
};
bool source_parse_options(int argc, char **argv, unsigned allowed, struct source_options *options);

#endif
