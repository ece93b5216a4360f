/* Where the service's configuration comes from: the arguments of a command, and a file that root
 * alone can write. */
#include "supervisor/source.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/memory.h"

enum {
	OPT_CONFIG = 'c',
	OPT_SET = 's',
	OPT_PAGE = 'p',
	OPT_CHECK = 'k',
	OPT_JSON = 'j',
	OPT_HELPER_SOCKET = 'r',
	OPT_HELP = 'h'
};

static bool refuse(const char *command, const char *option)
{
	fprintf(stderr, "postroom %s: %s is not an option here; see postroom %s --help\n", command,
	    option, command);
	return false;
}

bool source_parse_options(int argc, char **argv, unsigned allowed, struct source_options *options)
{
	static const struct option longs[] = {{"config", required_argument, NULL, OPT_CONFIG},
	    {"set", required_argument, NULL, OPT_SET},
	    {"page-dir", required_argument, NULL, OPT_PAGE},
	    {"check-config", no_argument, NULL, OPT_CHECK}, {"json", no_argument, NULL, OPT_JSON},
	    {"helper-socket", required_argument, NULL, OPT_HELPER_SOCKET},
	    {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
	int option;

	*options = (struct source_options){.source = {.page_directory = ""}};
	options->sets = memory_zero((size_t)argc + 1, sizeof(*options->sets));
	options->source.sets = options->sets;
	/* Behind the program and the name of the command. */
	optind = 2;
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case OPT_CONFIG:
			options->source.config_path = optarg;
			break;
		case OPT_SET:
			options->sets[options->source.set_count++] = optarg;
			break;
		case OPT_PAGE:
			if ((allowed & SOURCE_OPTION_PAGE_DIR) == 0)
				return refuse(argv[1], "--page-dir");
			options->source.page_directory = optarg;
			break;
		case OPT_CHECK:
			if ((allowed & SOURCE_OPTION_CHECK_CONFIG) == 0)
				return refuse(argv[1], "--check-config");
			options->check_only = true;
			break;
		case OPT_HELPER_SOCKET:
			if ((allowed & SOURCE_OPTION_HELPER_SOCKET) == 0)
				return refuse(argv[1], "--helper-socket");
			options->source.helper_socket = optarg;
			break;
		case OPT_JSON:
			if ((allowed & SOURCE_OPTION_JSON) == 0)
				return refuse(argv[1], "--json");
			options->json = true;
			break;
		case OPT_HELP:
			options->help = true;
			break;
		default:
			return false; /* getopt has said why */
		}
	}
	return optind == argc || refuse(argv[1], argv[optind]);
}

/* ---- the file ---- */

static bool is_roots(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set_errno(err, "bad_config", errno, "%s", path);
	/* Nothing is ever read from the null device. The demo has no other file. */
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return true;
	if (st.st_uid != 0)
		return error_set(err, "bad_config",
		    "%s does not belong to root, and says which commands root runs: chown root %s",
		    path, path);
	/* In a directory such as /tmp nobody can put another file in place of root's. */
	if ((st.st_mode & 0022) == 0 || (S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0))
		return true;
	return error_set(err, "bad_config",
	    "%s can be written by others than root, and says which commands root runs: chmod go-w "
	    "%s",
	    path, path);
}

/* A file and all directories above it. */
static bool path_is_roots(const char *file, struct error *err)
{
	MEMORY_AUTO char *path = memory_strdup(file);

	while (is_roots(path, err)) {
		char *slash = strrchr(path, '/');

		if (slash == NULL || strcmp(path, "/") == 0)
			return true;
		slash[slash == path ? 1 : 0] = '\0';
	}
	return false;
}

/* What is written there, root runs; links in the path lead to directories that count, too. */
static bool is_trustworthy(const char *file, struct error *err)
{
	MEMORY_AUTO char *real = realpath(file, NULL);

	/* Only root has more rights than whoever wrote the file. */
	if (geteuid() != 0 || real == NULL)
		return true; /* not root, or there is no such file */
	return path_is_roots(file, err) && path_is_roots(real, err);
}

struct config *source_load(const struct source *source, struct buffer *path, struct error *err)
{
	struct config *config = config_create();
	const char *file = source->config_path != NULL ? source->config_path : CONFIG_DEFAULT_PATH;
	bool ok = config_load(config, file, err);

	buffer_clear(path);
	if (ok)
		buffer_append_string(path, file);
	else if (source->config_path == NULL && err != NULL && strcmp(err->code, "not_found") == 0)
		ok = true; /* without a file there are the defaults */
	ok = ok && is_trustworthy(file, err);
	/* After the file: what is said on the command line counts. */
	for (size_t i = 0; ok && i < source->set_count; i++)
		ok = config_set(config, source->sets[i], err);
	/* All of it together, as some keys only make sense with others. */
	ok = ok && config_check(config, err);
	if (!ok)
		config_destroy(&config);
	return config;
}
