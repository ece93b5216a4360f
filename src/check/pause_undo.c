/* Asks a helper of its own, which does it as it does for the service: it looks, writes main.cf by
 * one edit, and reloads. The tables stay: a process of Postfix that began before may still open
 * one. */
#include "check/pause_undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "check/own_helper.h"
#include "check/running.h"
#include "supervisor/facts.h"
#include "supervisor/source.h"
#include "wire/pause_proto.h"

/* `postfix reload` looks at every active message first. */
#define UNDO_MS 150000

/* The options without the words before them and those that only the command line knows. */
static bool read_options(int argc, char **argv, struct source_options *options)
{
	MEMORY_AUTO char **rest = memory_zero((size_t)argc + 1, sizeof(*rest));
	int count = 2;

	rest[0] = argv[0];
	rest[1] = argv[1];
	for (int i = 3; i < argc; i++)
		if (strcmp(argv[i], "--undo") != 0 && strcmp(argv[i], "--yes") != 0)
			rest[count++] = argv[i];
	return source_parse_options(count, rest, 0, options);
}

static struct config *load(int argc, char **argv, struct buffer *path, struct error *err)
{
	struct source_options options = {0};
	struct config *config = NULL;

	if (read_options(argc, argv, &options) && !options.help)
		config = source_load(&options.source, path, err);
	free(options.sets);
	return config;
}

bool pause_undo_wanted(int argc, char **argv)
{
	bool undo = false,
	     elsewhere = geteuid() != 0 || argc < 4 || getenv("POSTROOM_HOST") != NULL ||
			 getenv("POSTROOM_URL") != NULL || getenv("POSTROOM_SOCKET") != NULL;
	BUFFER_AUTO struct buffer path = {0};
	struct config *config;
	struct error err;

	for (int i = 3; i < argc; i++) {
		undo |= strcmp(argv[i], "--undo") == 0;
		elsewhere |= strncmp(argv[i], "--url", 5) == 0 ||
			     strncmp(argv[i], "--host", 6) == 0 ||
			     strncmp(argv[i], "--socket", 8) == 0 ||
			     strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "--help") == 0;
	}
	if (!undo || elsewhere || strcmp(argv[1], "pause") != 0 || strcmp(argv[2], "setup") != 0)
		return false;
	config = load(argc, argv, &path, &err);
	undo = config != NULL && !service_runs(config);
	config_destroy(&config);
	return undo;
}

/* False with `err`; the slices of `setup` last until the next question. */
static bool ask(struct own_helper *helper, const struct pause_setup_ask *what, struct frame *answer,
    struct pause_setup *setup, struct error *err)
{
	BUFFER_AUTO struct buffer question = {0};
	struct helper_refused refused;

	pause_setup_ask_encode(&question, 1, what);
	if (!own_helper_ask(helper, &question, UNDO_MS, answer))
		return error_set(err, "helper_failed", "the helper did not answer");
	if (helper_refused_decode(answer, &refused))
		return error_set(err, "refused", "%.*s", SLICE_ARGS(refused.text));
	return pause_setup_decode(answer, setup) ||
	       error_set(err, "helper_failed", "the helper's answer was malformed");
}

static bool undo(struct own_helper *helper, struct error *err)
{
	struct pause_setup_ask what = {.action = PAUSE_SETUP_LOOK};
	struct pause_setup setup;
	struct frame answer;

	if (!ask(helper, &what, &answer, &setup, err))
		return false;
	if (setup.state == PAUSE_SETUP_NONE) {
		puts("main.cf names no table of pauses: there is nothing to undo.");
		return true;
	}
	what = (struct pause_setup_ask){PAUSE_SETUP_UNDO, setup.seen};
	if (!ask(helper, &what, &answer, &setup, err))
		return false;
	if (setup.state != PAUSE_SETUP_NONE)
		return error_set(
		    err, "refused", "main.cf still names a table of pauses: look at it");
	for (size_t i = 0; i < setup.count; i++)
		if (setup.lines[i].set)
			printf("%.*s = %.*s\n", SLICE_ARGS(setup.lines[i].name),
			    SLICE_ARGS(setup.lines[i].before));
		else
			printf("%.*s is not set any more\n", SLICE_ARGS(setup.lines[i].name));
	if (setup.warning.len > 0)
		printf("%.*s\n", SLICE_ARGS(setup.warning));
	puts("Pauses are out of main.cf; what waited for one is tried as always.");
	return true;
}

int pause_undo_main(int argc, char **argv)
{
	BUFFER_AUTO struct buffer path = {0};
	ROLE_CONFIG_AUTO struct role_config facts = {0};
	struct own_helper helper = {.process.pidfd = -1};
	struct error err = {"", "it could not be read"};
	struct config *config;
	bool done = false, started = false;

	log_init("pause", LOG_LEVEL_WARNING);
	config = load(argc, argv, &path, &err);
	if (config != NULL) {
		(void)facts_collect(config, buffer_string(&path), &facts, &err);
		started = own_helper_start(&helper, &facts, &err);
		done = started && undo(&helper, &err);
		own_helper_end(&helper, started);
	}
	config_destroy(&config);
	if (!done)
		fprintf(stderr, "postroom pause setup --undo: %s\n", err.text);
	return done ? 0 : 1;
}
