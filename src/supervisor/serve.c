/* `postroom serve` from its arguments to its end. */
#include "supervisor/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "role/program.h"
#include "supervisor/accounts.h"
#include "supervisor/supervisor.h"

static void print_help(void)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	puts("usage: postroom serve [--config FILE] [--set KEY=VALUE]... [--check-config] "
	     "[--page-dir DIR]\n"
	     "                      [--helper-socket PATH]\n"
	     "\n"
	     "Runs the service until it is told to stop. Keys, in " CONFIG_DEFAULT_PATH
	     " and for --set:\n");
	for (size_t i = 0; i < count; i++)
		printf("  %s\n      %s\n      %s; default: %s\n", keys[i].name, keys[i].purpose,
		    keys[i].allowed, keys[i].fallback[0] != '\0' ? keys[i].fallback : "nothing");
}

bool serve_open_programs(int programs[CONTROL_ROLES], struct error *err)
{
	static const enum control_role started[] = {CONTROL_ROLE_HELPER, CONTROL_ROLE_READER,
	    CONTROL_ROLE_LOGREADER, CONTROL_ROLE_SERVER, CONTROL_ROLE_NOTIFIER,
	    CONTROL_ROLE_IDENTITY};
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof(started) / sizeof(started[0]); i++) {
		/* Opened once: a role that is started again after an upgrade is of the same build
		 * as the others. */
		programs[started[i]] = program_open(program_of(started[i]), err);
		ok = programs[started[i]] >= 0;
	}
	return ok;
}

/* The users too, where the service would run as them: it would refuse to start. */
static int check(const struct config *config, const char *path)
{
	ROLE_CONFIG_AUTO struct role_config users = {0};
	struct error err;

	if (geteuid() == 0 && !accounts_collect(config, &users, &err)) {
		fprintf(stderr, "postroom serve: %s\n", err.text);
		return 2;
	}
	printf("the configuration is right%s%s\n",
	    path[0] != '\0' ? ": " : " (no file, all defaults)", path);
	return 0;
}

static int run(const struct source_options *options)
{
	int programs[CONTROL_ROLES];
	BUFFER_AUTO struct buffer path = {0};
	struct config *config;
	struct error err;
	int status = 0;

	config = source_load(&options->source, &path, &err);
	if (config == NULL) {
		fprintf(stderr, "postroom serve: %s\n", err.text);
		return 2;
	}
	/* After the configuration was read and checked, and before anything is made. */
	if (options->check_only)
		status = check(config, buffer_string(&path));
	else if (serve_open_programs(programs, &err)) {
		status = supervisor_run(&options->source, config, buffer_string(&path), programs);
	} else {
		log_error("%s", err.text);
		status = 1;
	}
	config_destroy(&config);
	return status;
}

int serve_main(int argc, char **argv)
{
	struct source_options options;
	int status = 2;

	log_init("supervisor", LOG_LEVEL_INFO);
	if (source_parse_options(argc, argv,
		SOURCE_OPTION_PAGE_DIR | SOURCE_OPTION_CHECK_CONFIG | SOURCE_OPTION_HELPER_SOCKET,
		&options)) {
		if (options.help)
			print_help();
		status = options.help ? 0 : run(&options);
	}
	free(options.sets);
	return status;
}
