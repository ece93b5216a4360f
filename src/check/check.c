/* First what can be seen from here: users, store, listeners, TLS. Then what a helper of its own
 * says. Then all of it, printed as text or JSON. */
#include "check/check.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "check/commands.h"
#include "check/own_helper.h"
#include "check/roles.h"
#include "check/running.h"
#include "role/program.h"
#include "supervisor/accounts.h"
#include "supervisor/facts.h"
#include "supervisor/listen.h"
#include "supervisor/process.h"
#include "supervisor/source.h"
#include "wire/helper_proto.h"

#define HELPER_TIMEOUT_MS 10000

static void add(struct problem_list *list, enum problem_severity severity, const char *code,
    const char *fix, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void add(struct problem_list *list, enum problem_severity severity, const char *code,
    const char *fix, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	problem_add(list, severity, code, text, fix);
}

static char *parent_of(const char *path)
{
	char *copy = memory_strdup(path), *parent = memory_strdup(dirname(copy));

	free(copy);
	return parent;
}

/* ---- the service's own needs ---- */

/* Four users, and none in the group of operators: the sandbox counts on it. */
static void check_user(const struct config *config, struct problem_list *problems)
{
	const struct {
		const char *key, *name;
	} users[] = {{"run.user", config->run_user}, {"run.parse_user", config->run_parse_user},
	    {"run.view_user", config->run_view_user}, {"run.notify_user", config->run_notify_user}};
	ROLE_CONFIG_AUTO struct role_config found = {0};
	struct user_ids ids;
	struct error err;
	bool all = true;
	uint32_t group;
	char how[300];

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		if (accounts_user(users[i].name, &ids))
			continue;
		all = false;
		snprintf(how, sizeof(how),
		    "useradd --system --user-group --home-dir /nonexistent --no-create-home "
		    "--shell /usr/sbin/nologin %s",
		    users[i].name);
		add(problems, PROBLEM_FATAL, "no_such_user", how, "the user %s (%s) does not exist",
		    users[i].name, users[i].key);
	}
	if (all && !accounts_collect(config, &found, &err))
		add(problems, PROBLEM_FATAL, err.code,
		    "set run.user, run.parse_user, run.view_user, run.notify_user and "
		    "http.socket_group to four users and a group of their own, as they are without "
		    "a configuration",
		    "%s", err.text);
	snprintf(how, sizeof(how), "groupadd --system %s", config->http_socket_group);
	if (config->http_socket[0] != '\0' && !accounts_group(config->http_socket_group, &group))
		add(problems, PROBLEM_PARTIAL, "no_such_group", how,
		    "the group %s (http.socket_group) does not exist: only root can use the "
		    "command line",
		    config->http_socket_group);
}

/* Whether run.user may write there, by owner and mode: access(2) would ask for root. */
static bool may_write(const struct config *config, const struct stat *st)
{
	struct user_ids user;

	if (geteuid() != 0 || !accounts_user(config->run_user, &user))
		return true; /* access(2) told */
	if (user.uid == 0)
		return true; /* check_user refuses it */
	/* As the kernel decides: the owner's bits count for the owner, even where the group's allow
	 * more. */
	if (st->st_uid == user.uid)
		return (st->st_mode & 0200) != 0;
	if (st->st_gid == user.gid)
		return (st->st_mode & 0020) != 0;
	return (st->st_mode & 0002) != 0;
}

/* Root may lack the right to write what is another user's, in a container for example; whether that
 * user may is another question, which may_write answers. */
static bool is_closed(const char *path)
{
	return access(path, W_OK) != 0 && (geteuid() != 0 || errno != EACCES);
}

static void check_store(const struct config *config, struct problem_list *problems)
{
	MEMORY_AUTO char *directory = parent_of(config->store_path);
	char how[700];
	struct stat st;

	snprintf(how, sizeof(how), "install -d -o %s -g %s -m 0700 %s", config->run_user,
	    config->run_user, directory);
	if (stat(directory, &st) != 0) {
		int error = errno;
		MEMORY_AUTO char *above = parent_of(directory);

		/* The next start as root makes one that is missing, not those above it. */
		if (error != ENOENT || geteuid() != 0 || access(above, F_OK) != 0)
			add(problems, PROBLEM_FATAL, "store_unwritable", how, "%s: %s", directory,
			    strerror(error));
		return;
	}
	if (is_closed(directory) || !may_write(config, &st))
		add(problems, PROBLEM_FATAL, "store_unwritable", how, "%s cannot be written by %s",
		    directory, config->run_user);
	else if (geteuid() == 0 && (st.st_mode & 0077) != 0) {
		snprintf(how, sizeof(how), "chmod 700 %s", directory);
		add(problems, PROBLEM_ADVICE, "store_open", how,
		    "%s can be read by others than %s: it holds accounts and the queue", directory,
		    config->run_user);
	}
	snprintf(how, sizeof(how), "chown %s %s*", config->run_user, config->store_path);
	if (stat(config->store_path, &st) == 0 &&
	    (is_closed(config->store_path) || !may_write(config, &st)))
		add(problems, PROBLEM_FATAL, "store_unwritable", how, "%s cannot be written by %s",
		    config->store_path, config->run_user);
}

/* By trying: only bind(2) knows whether the address can be had. */
static void check_tcp(const char *key, const char *wanted, struct problem_list *problems)
{
	BUFFER_AUTO struct buffer address = {0};
	FD_AUTO int fd = -1;
	struct error err;
	char how[160];

	if (wanted[0] == '\0')
		return;
	fd = listen_tcp(key, wanted, &address, &err);
	snprintf(how, sizeof(how),
	    "set %s in postroom.conf to a free address and port (ss -ltnp shows who listens)", key);
	if (fd < 0)
		add(problems, PROBLEM_FATAL, "address_in_use", how, "%s", err.text);
}

/* Not while the service runs, which has the address itself. */
static void check_listeners(const struct config *config, struct problem_list *problems)
{
	MEMORY_AUTO char *directory = parent_of(config->http_socket);

	if (service_runs(config))
		return; /* it listens itself */
	check_tcp("http.listen", config->http_listen, problems);
	check_tcp("metrics.listen", config->metrics_listen, problems);
	if (config->http_socket[0] != '\0' && access(directory, W_OK) != 0 && errno != ENOENT)
		add(problems, PROBLEM_FATAL, "socket_unwritable",
		    "start Postroom as root, or set http.socket to a path in a directory of yours",
		    "%s: %s", directory, strerror(errno));
}

/* The server reads these as run.user, so root's rights do not count. */
static void check_tls(const struct config *config, struct problem_list *problems)
{
	const char *const files[] = {config->http_tls_cert, config->http_tls_key};
	struct user_ids user;
	bool known = accounts_user(config->run_user, &user);

	for (size_t i = 0; i < 2; i++) {
		char how[700];
		struct stat st;

		if (files[i][0] == '\0')
			continue;
		snprintf(how, sizeof(how), "chgrp %s %s && chmod 640 %s", config->run_user,
		    files[i], files[i]);
		if (stat(files[i], &st) != 0)
			add(problems, PROBLEM_FATAL, "tls_unreadable",
			    "set http.tls_cert and http.tls_key to files that exist", "%s: %s",
			    files[i], strerror(errno));
		else if (known && (st.st_mode & 0004) == 0 && st.st_uid != user.uid &&
			 (st.st_gid != user.gid || (st.st_mode & 0040) == 0))
			add(problems, PROBLEM_FATAL, "tls_unreadable", how,
			    "%s cannot be read by %s", files[i], config->run_user);
	}
}

void check_service(
    const struct config *config, const struct role_config *facts, struct problem_list *problems)
{
	if (facts->privileged)
		check_user(config, problems);
	check_store(config, problems);
	check_listeners(config, problems);
	check_tls(config, problems);
	check_commands(config, problems);
}

/* ---- the helper's view ---- */

/* Only the helper sees Postfix as it is: it is started, asked for its status, and ended. */
void check_helper(const struct role_config *facts, struct problem_list *problems)
{
	struct own_helper helper;
	struct helper_status status = {0};
	struct error err = {"", "it did not answer"};
	BUFFER_AUTO struct buffer question = {0};
	struct frame answer;
	bool ok = own_helper_start(&helper, facts, &err);

	helper_plain_encode(&question, HELPER_STATUS, 1);
	if (ok && own_helper_ask(&helper, &question, HELPER_TIMEOUT_MS, &answer)) {
		ok = helper_status_decode(&answer, &status);
		frame_close(&answer);
	} else {
		ok = false;
	}
	own_helper_end(&helper, ok);
	if (ok)
		problem_list_move(problems, &status.problems);
	else
		add(problems, PROBLEM_FATAL, "helper_failed",
		    "look at the messages above; in a container, give it the capabilities SETUID, "
		    "SETGID, SETPCAP and "
		    "DAC_READ_SEARCH",
		    "the helper could not be asked: %s", err.text);
}

/* ---- printing ---- */

static const char *severity_name(enum problem_severity severity)
{
	static const char *const names[] = {"advice", "partial", "fatal"};

	return names[severity];
}

/* Texts and fixes are ours but hold paths and words of the system, so they are escaped. */
static void append_json(struct buffer *out, const char *name, const char *text)
{
	buffer_printf(out, "%s\"%s\":\"", out->len > 1 ? "," : "", name);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			buffer_printf(out, "\\%c", c);
		else if (c < 0x20)
			buffer_printf(out, "\\u%04x", c);
		else
			buffer_append_char(out, (char)c);
	}
	buffer_append_char(out, '"');
}

static void print_json(const struct problem *p)
{
	BUFFER_AUTO struct buffer line = {0};

	buffer_append_char(&line, '{');
	append_json(&line, "severity", severity_name(p->severity));
	append_json(&line, "code", p->code);
	append_json(&line, "text", p->text);
	append_json(&line, "fix", p->fix);
	printf("%s}\n", buffer_string(&line));
}

static void print_text(const struct problem *p)
{
	static const char *const words[] = {"advice", "does not work fully", "does not work"};

	printf("%s: %s\n    fix: %s\n", words[p->severity], p->text, p->fix);
}

static int print_all(const struct problem_list *problems, const struct role_config *facts,
    const struct buffer *roles, bool json)
{
	size_t bad = 0;

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		/* Advice alone is no reason for a script to fail. */
		bad += p->severity != PROBLEM_ADVICE;
		if (json)
			print_json(p);
		else
			print_text(p);
	}
	if (!json && bad == 0)
		printf("all is well: Postfix %s, %s\n", role_config_fact(facts, "mail_version"),
		    role_config_get(facts, "postfix.config_directory"));
	if (!json && roles->len > 0)
		printf("The processes, as this machine runs them:\n%.*s",
		    SLICE_ARGS(buffer_slice(roles)));
	return bad > 0;
}

/* Each part adds to one list, so that all that is wrong is told at once and not one after the
 * other. */
static int check(const struct source_options *options, check_function *const *more)
{
	PROBLEM_LIST_AUTO struct problem_list problems = {0};
	ROLE_CONFIG_AUTO struct role_config facts = {0};
	BUFFER_AUTO struct buffer path = {0}, roles = {0};
	struct config *config;
	struct error err;
	bool has_users;
	int status;

	config = source_load(&options->source, &path, &err);
	if (config == NULL) {
		add(&problems, PROBLEM_FATAL, "bad_config",
		    "correct the configuration; postroom serve --help lists the keys", "%s",
		    err.text);
		return print_all(&problems, &facts, &roles, options->json);
	}
	/* check_user says what is missing. */
	has_users = facts_collect(config, buffer_string(&path), &facts, &err);
	check_service(config, &facts, &problems);
	check_helper(&facts, &problems);
	if (has_users)
		check_roles(&facts, &roles, &problems);
	for (; *more != NULL; more++)
		(*more)(config, &problems);
	status = print_all(&problems, &facts, &roles, options->json);
	config_destroy(&config);
	return status;
}

int check_main(int argc, char **argv, check_function *const *more)
{
	struct source_options options;
	int status = 2;

	log_init("check", LOG_LEVEL_WARNING);
	if (source_parse_options(argc, argv, SOURCE_OPTION_JSON, &options)) {
		if (options.help)
			puts("usage: postroom check [--config FILE] [--set KEY=VALUE]... "
			     "[--json]\n\n"
			     "Says what is missing for Postroom to work on this machine, and the "
			     "exact fix.\n"
			     "Exit status: 0 nothing but advice, 1 something does not work, 2 "
			     "wrong usage.");
		status = options.help ? 0 : check(&options, more);
	}
	free(options.sets);
	return status;
}
