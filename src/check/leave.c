/* Writes down how everything shall end, and lets a service of its own do it: with nobody's
 * requests, through the same gate of releases as always. */
#include "check/leave.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "check/leave_store.h"
#include "check/running.h"
#include "cli/client.h"
#include "role/program.h"
#include "supervisor/source.h"

/* Postfix takes half a minute to notice the end of a pause, and a reload looks at every active
 * message first. */
#define ALL_ENDED_MS 300000
#define AGAIN_MS 250

struct leaving {
	struct source_options options;
	enum leave_wish wish;
	struct config *config;
};

static int usage(void)
{
	fputs("usage: postroom leave [--bring-back | --finish] [--config FILE]\n"
	      "                      [--set KEY=VALUE]...\n\n"
	      "Before Postroom is removed: ends what is under way, as root, with the\n"
	      "service stopped. Without an option it says what that is.\n\n"
	      "  --bring-back  undoes deletes in their grace time: their mail is released\n"
	      "  --finish      ends their grace time: their mail is removed now\n\n"
	      "With either, jobs that run are cancelled and pauses end.\n"
	      "Exit status: 0 nothing is under way, 1 something is, 2 wrong usage.\n",
	    stdout);
	return 0;
}

/* ---- the service, for this alone ---- */

/* `postroom serve` with the caller's options, and no door but the one of root. */
static _Noreturn void become_service(const struct leaving *l, const char *socket)
{
	const struct source *source = &l->options.source;
	MEMORY_AUTO char **words = memory_zero(source->set_count * 2 + 16, sizeof(*words));
	FD_AUTO int program = -1;
	BUFFER_AUTO struct buffer door = {0};
	struct error err = {0};
	size_t n = 0;

	buffer_printf(&door, "http.socket=%s", socket);
	words[n++] = (char *)program_name(PROGRAM_SUPERVISOR);
	words[n++] = (char *)"serve";
	if (source->config_path != NULL) {
		words[n++] = (char *)"--config";
		words[n++] = (char *)source->config_path;
	}
	for (size_t i = 0; i < source->set_count; i++) {
		words[n++] = (char *)"--set";
		words[n++] = (char *)source->sets[i];
	}
	words[n++] = (char *)"--set=http.listen=";
	words[n++] = (char *)"--set=metrics.listen=";
	words[n++] = (char *)"--set";
	words[n++] = (char *)buffer_string(&door);
	program = program_open(PROGRAM_SUPERVISOR, &err);
	if (program >= 0)
		syscall(SYS_execveat, program, "", words, environ, AT_EMPTY_PATH);
	fprintf(stderr, "postroom leave: the service does not start: %s\n",
	    program >= 0 ? strerror(errno) : err.text);
	_exit(127);
}

/* Whether a list of the API has something that must end; `unless`: what needs not. */
static bool has_open(
    struct client *client, const char *path, const char *list, const char *unless, bool *answered)
{
	json_t *reply = client_call(client, "GET", path, NULL, NULL), *one;
	bool open = false;
	size_t i;

	json_array_foreach(json_object_get(reply, list), i, one)
	{
		const char *action = json_string_value(json_object_get(one, "action"));
		open |= action == NULL || strcmp(action, unless) != 0;
	}
	*answered = json_is_array(json_object_get(reply, list));
	json_decref(reply);
	return open;
}

static bool all_ended(const char *socket)
{
	struct client *client = client_create(&(struct client_target){.socket = socket}, NULL);
	bool jobs = true, pauses = true;
	bool open = client == NULL ||
		    has_open(client, "/jobs?state=open&limit=200", "jobs", "retry", &jobs) ||
		    has_open(client, "/pauses", "pauses", "", &pauses);

	client_destroy(&client);
	return !open && jobs && pauses;
}

/* True when all has ended; `status` is set when the service has ended instead. */
static bool wait_for_end(pid_t service, const char *socket, bool *gone)
{
	int64_t deadline = clock_monotonic_ms() + ALL_ENDED_MS;
	int status;

	while (clock_monotonic_ms() < deadline) {
		*gone = waitpid(service, &status, WNOHANG) == service;
		if (*gone)
			return false;
		if (access(socket, F_OK) == 0 && all_ended(socket))
			return true;
		poll(NULL, 0, AGAIN_MS);
	}
	return false;
}

static bool run_service(const struct leaving *l)
{
	const char *socket = l->config->http_socket[0] != '\0' ? l->config->http_socket
							       : "/run/postroom/postroom.sock";
	pid_t service = fork();
	bool gone = false, ended;
	int status;

	if (service == 0)
		become_service(l, socket);
	ended = service > 0 && wait_for_end(service, socket, &gone);
	if (service > 0 && !gone) {
		kill(service, SIGTERM);
		while (waitpid(service, &status, 0) < 0 && errno == EINTR)
			;
	}
	return ended;
}

/* ---- the command ---- */

static void print_counts(const struct leave_counts *c)
{
	if (c->deletes > 0)
		printf("%lld delete%s: %lld message%s on hold until its grace time is over\n",
		    (long long)c->deletes, c->deletes == 1 ? "" : "s", (long long)c->held,
		    c->held == 1 ? "" : "s");
	if (c->jobs > 0)
		printf("%lld job%s under way\n", (long long)c->jobs, c->jobs == 1 ? "" : "s");
	if (c->pauses > 0)
		printf("%lld pause%s\n", (long long)c->pauses, c->pauses == 1 ? "" : "s");
}

static bool is_nothing(const struct leave_counts *c)
{
	return c->deletes == 0 && c->jobs == 0 && c->pauses == 0;
}

static bool leave(const struct leaving *l, struct error *err)
{
	struct leave_counts counts;

	if (l->wish != LEAVE_LOOK && service_runs(l->config))
		return error_set(err, "already_running",
		    "Postroom runs: stop it first (systemctl stop postroom)");
	if (!leave_store(l->config, LEAVE_LOOK, &counts, err))
		return false;
	print_counts(&counts);
	if (is_nothing(&counts))
		return true;
	if (l->wish == LEAVE_LOOK)
		return error_set(err, "under_way", "%s", "this is under way");
	if (!leave_store(l->config, l->wish, &counts, err))
		return false;
	if (!run_service(l))
		error_set(err, "under_way", "not all of it came to its end");
	if (!leave_store(l->config, LEAVE_LOOK, &counts, err))
		return false;
	if (is_nothing(&counts)) {
		puts(l->wish == LEAVE_FINISH ? "All of it is finished."
					     : "All of it is brought back.");
		return true;
	}
	puts("Still under way:");
	print_counts(&counts);
	return error_set(err, "under_way",
	    "what is on hold stays there, and is not lost: start Postroom, and `postroom jobs` "
	    "says why; or "
	    "release it with `postsuper -H`, after `postfix reload`");
}

/* The options without our own, for those that the service knows. */
static bool read_options(int argc, char **argv, struct leaving *l)
{
	MEMORY_AUTO char **rest = memory_zero((size_t)argc + 1, sizeof(*rest));
	int count = 0;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--bring-back") == 0)
			l->wish = LEAVE_BRING_BACK;
		else if (strcmp(argv[i], "--finish") == 0)
			l->wish = LEAVE_FINISH;
		else
			rest[count++] = argv[i];
	return source_parse_options(count, rest, 0, &l->options);
}

int leave_main(int argc, char **argv)
{
	struct leaving l = {.wish = LEAVE_LOOK};
	BUFFER_AUTO struct buffer path = {0};
	struct error err = {0};
	int status = 2;

	log_init("leave", LOG_LEVEL_WARNING);
	if (read_options(argc, argv, &l)) {
		if (l.options.help)
			status = usage();
		else {
			l.config = source_load(&l.options.source, &path, &err);
			status = l.config != NULL && leave(&l, &err) ? 0 : 1;
		}
	}
	/* What is under way has been printed already where it was only looked at. */
	if (status == 1 && (l.wish != LEAVE_LOOK || strcmp(err.code, "under_way") != 0))
		fprintf(stderr, "postroom leave: %s\n", err.text);
	config_destroy(&l.config);
	free(l.options.sets);
	return status;
}
