#include "supervisor/serve.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "role/program.h"

enum {
	OPT_CONFIG = 'c',
	OPT_SET = 's',
	OPT_PAGE = 'p',
	OPT_CHECK = 'k',
	OPT_JSON = 'j',
	OPT_HELP = 'h'
};

static bool refuse(const char *command, const char *option)
{
	fprintf(stderr, "postroom %s: %s is not an option here; see postroom %s --help\n", command,
	    option, command);
	return false;
}

bool serve_parse_options(int argc, char **argv, unsigned allowed, struct serve_options *options)
{
	static const struct option longs[] = {{"config", required_argument, NULL, OPT_CONFIG},
	    {"set", required_argument, NULL, OPT_SET},
	    {"page-dir", required_argument, NULL, OPT_PAGE},
	    {"check-config", no_argument, NULL, OPT_CHECK}, {"json", no_argument, NULL, OPT_JSON},
	    {"help", no_argument, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};
	int option;

	*options = (struct serve_options){.source = {.page_directory = ""}};
	options->sets = memory_zero((size_t)argc + 1, sizeof(*options->sets));
	options->source.sets = options->sets;
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
			if ((allowed & SERVE_OPTION_PAGE_DIR) == 0)
				return refuse(argv[1], "--page-dir");
			options->source.page_directory = optarg;
			break;
		case OPT_CHECK:
			if ((allowed & SERVE_OPTION_CHECK_CONFIG) == 0)
				return refuse(argv[1], "--check-config");
			options->check_only = true;
			break;
		case OPT_JSON:
			if ((allowed & SERVE_OPTION_JSON) == 0)
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

static void print_help(void)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	puts("usage: postroom serve [--config FILE] [--set KEY=VALUE]... [--check-config] "
	     "[--page-dir DIR]\n"
	     "\n"
	     "Runs the service until it is told to stop. Keys, in " CONFIG_DEFAULT_PATH
	     " and for --set:\n");
	for (size_t i = 0; i < count; i++)
		printf("  %s\n      %s\n      %s; default: %s\n", keys[i].name, keys[i].purpose,
		    keys[i].allowed, keys[i].fallback[0] != '\0' ? keys[i].fallback : "nothing");
}

bool serve_open_programs(int programs[CONTROL_ROLES], struct error *err)
{
	static const enum control_role started[] = {
	    CONTROL_ROLE_HELPER, CONTROL_ROLE_READER, CONTROL_ROLE_LOGREADER, CONTROL_ROLE_SERVER};
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof(started) / sizeof(started[0]); i++) {
		programs[started[i]] = program_open(started[i], err);
		ok = programs[started[i]] >= 0;
	}
	return ok;
}

static int run(struct serve_options *options)
{
	int programs[CONTROL_ROLES];
	BUFFER_AUTO struct buffer path = {0};
	struct config *config;
	struct error err;
	int status = 0;

	config = supervisor_load(&options->source, &path, &err);
	if (config == NULL) {
		fprintf(stderr, "postroom serve: %s\n", err.text);
		return 2;
	}
	if (options->check_only)
		printf("the configuration is right%s%s\n",
		    path.len > 0 ? ": " : " (no file, all defaults)", buffer_string(&path));
	else if (serve_open_programs(programs, &err)) {
		options->source.programs = programs;
		status = supervisor_run(&options->source, config, buffer_string(&path));
	} else {
		log_error("%s", err.text);
		status = 1;
	}
	config_destroy(&config);
	return status;
}

int serve_main(int argc, char **argv)
{
	struct serve_options options;
	int status = 2;

	log_init("supervisor", LOG_LEVEL_INFO);
	if (serve_parse_options(
		argc, argv, SERVE_OPTION_PAGE_DIR | SERVE_OPTION_CHECK_CONFIG, &options)) {
		if (options.help)
			print_help();
		status = options.help ? 0 : run(&options);
	}
	free(options.sets);
	return status;
}
