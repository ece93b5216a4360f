/* Reads options, starts the world, Postfix and the service one after the other, waits for a
 * signal, and takes down in the opposite order what has come up. */
#include "demo/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/slice.h"
#include "base/users.h"
#include "config/config.h"
#include "demo/feeder.h"
#include "demo/instance.h"
#include "demo/login.h"
#include "demo/network.h"
#include "demo/past.h"
#include "demo/program.h"

#define LISTEN_KEY "http.listen="
#define DEFAULT_LISTEN "127.0.0.1:8025"
/* How long each part may take to start or to stop; a slow machine needs some of it. */
#define SMTP_SECONDS 20
#define SERVICE_SECONDS 30
#define STOP_SECONDS 10
#define SETTINGS_MAX 16
#define POLL_MS 50
/* Of the service's log, shown when it ended by itself. */
#define LOG_TAIL ((size_t)2000)

struct demo {
	char listen[64];
	const char *settings[SETTINGS_MAX]; /* --set of the caller */
	size_t setting_count;
	struct network net;
	struct instance instance;
	char socket[INSTANCE_PATH_MAX * 2], config[INSTANCE_PATH_MAX * 2];
	char log[INSTANCE_PATH_MAX * 2];
	pid_t sinks, feeder, service;
	int signals; /* signalfd of what stops the demo, and SIGCHLD */
};

static void print_usage(FILE *out)
{
	fputs("usage: postroom demo [--listen ADDRESS:PORT] [--set SECTION.KEY=VALUE]...\n\n"
	      "Starts a private Postfix on loopback with a lifelike queue, and the page on it. "
	      "Ctrl-C stops and\n"
	      "removes all of it. Needs root. Does not touch the machine's own mail.\n\n"
	      "  --listen ADDRESS:PORT  where the page answers (" DEFAULT_LISTEN
	      ", or another port when that is taken)\n"
	      "  --set SECTION.KEY=VALUE  as for postroom serve\n",
	    out);
}

static bool take_listen(struct demo *d, const char *value)
{
	char host[INET6_ADDRSTRLEN];
	uint16_t port;

	if (!config_split_address(value, host, sizeof(host), &port) ||
	    strlen(value) >= sizeof(d->listen))
		return false;
	snprintf(d->listen, sizeof(d->listen), "%s", value);
	return true;
}

/* -1 to go on, else the exit status. */
static int parse_options(struct demo *d, int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(argv[i], "--help") == 0) {
			print_usage(stdout);
			return 0;
		}
		if (strcmp(argv[i], "--listen") == 0 && value != NULL && take_listen(d, value)) {
			i++;
		} else if (strcmp(argv[i], "--set") == 0 && value != NULL &&
			   strncmp(value, LISTEN_KEY, strlen(LISTEN_KEY)) == 0 &&
			   take_listen(d, value + strlen(LISTEN_KEY))) {
			i++; /* the same as --listen: the address is printed */
		} else if (strcmp(argv[i], "--set") == 0 && value != NULL &&
			   d->setting_count < SETTINGS_MAX) {
			d->settings[d->setting_count++] = value;
			i++;
		} else {
			fprintf(stderr, "postroom demo: cannot use %s\n", argv[i]);
			print_usage(stderr);
			return 2;
		}
	}
	return -1;
}

/* Whether a port of loopback can be had; with port 0, which one was. */
static uint16_t try_port(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	FD_AUTO int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return 0;
	return ntohs(address.sin_port);
}

/* A port that is free, where none was named or 0 was: the address is printed before the service
 * says it. */
static void choose_listen(struct demo *d)
{
	char host[INET6_ADDRSTRLEN];
	bool named = d->listen[0] != '\0';
	uint16_t port;

	config_split_address(named ? d->listen : DEFAULT_LISTEN, host, sizeof(host), &port);
	if (named && port != 0)
		return;
	if (port == 0 || try_port(port) == 0)
		port = try_port(0);
	snprintf(d->listen, sizeof(d->listen), strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u",
	    host, port);
}

/* What ends the demo arrives as data, so that no moment of starting can be interrupted unseen. */
static bool watch_signals(struct demo *d, struct error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    (d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return error_set_errno(err, "io_error", errno, "signals");
	return true;
}

/* Whether one of them has come, waiting at most `timeout` ms (-1: for ever). Children that have
 * ended are noticed elsewhere. */
static bool stop_wanted(struct demo *d, int timeout)
{
	struct pollfd polled = {d->signals, POLLIN, 0};
	struct signalfd_siginfo info;

	if (poll(&polled, 1, timeout) <= 0)
		return false;
	while (read(d->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			return true;
	return false;
}

static bool start_sinks(struct demo *d, struct error *err)
{
	d->sinks = program_fork();
	if (d->sinks < 0)
		return error_set_errno(err, "io_error", errno, "fork");
	if (d->sinks == 0)
		sink_run(d->net.listeners, d->net.listener_count);
	return true;
}

static bool start_feeder(struct demo *d, struct error *err)
{
	d->feeder = program_fork();
	if (d->feeder < 0)
		return error_set_errno(err, "io_error", errno, "fork");
	if (d->feeder == 0)
		feeder_run(d->net.smtpd_port);
	return true;
}

/* Whom the service runs as where it is installed, and else. The numbers are of the few that neither
 * Debian nor systemd gives to anybody (65520 to 65533), so that nobody is whoever parses mail here,
 * and nothing is left behind in the files of users. */
static const struct {
	const char *key, *name, *number;
} users[] = {
    {"user", "postroom", "65521"},
    {"parse_user", "postroom-parse", "65522"},
    {"view_user", "postroom-view", "65523"},
    {"notify_user", "postroom-notify", "65524"},
};
#define USERS (sizeof(users) / sizeof(users[0]))

/* All or none: a mixture would be a service that nobody installed. */
static bool is_installed(void)
{
	struct user_ids ids;
	bool all = true;

	for (size_t i = 0; i < USERS; i++)
		all = all && user_find(users[i].name, &ids);
	return all;
}

static const char *service_user(size_t i)
{
	return is_installed() ? users[i].name : users[i].number;
}

/* A file, so that commands that work on the service's files can be told where they are. */
static bool write_service_config(struct demo *d, struct error *err)
{
	BUFFER_AUTO struct buffer text = {0};
	FD_AUTO int fd = -1;

	buffer_printf(&text, "[http]\nlisten = %s\nsocket = %s\n", d->listen, d->socket);
	buffer_printf(&text, "[postfix]\nconfig_directory = %s\n", d->instance.config);
	/* Real samples only, but often: the chart should have something to show soon. */
	buffer_printf(
	    &text, "[store]\npath = %s/state/postroom.db\nsample_interval = 5\n", d->instance.dir);
	/* The demo's world stands on loopback, and no name server is to be asked for it. */
	buffer_printf(
	    &text, "[probes]\nallow_local = yes\nresolver = 127.%u.0.53:53\n[run]\n", d->net.block);
	for (size_t i = 0; i < USERS; i++)
		buffer_printf(&text, "%s = %s\n", users[i].key, service_user(i));
	snprintf(d->config, sizeof(d->config), "%s/postroom.conf", d->instance.dir);
	fd = open(d->config, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || !fd_write_all(fd, text.data, text.len))
		return error_set_errno(err, "io_error", errno, "%s", d->config);
	return true;
}

static bool make_service_directories(struct demo *d, struct error *err)
{
	struct user_ids user;
	char path[INSTANCE_PATH_MAX * 2];

	snprintf(d->socket, sizeof(d->socket), "%s/run/postroom.sock", d->instance.dir);
	snprintf(d->log, sizeof(d->log), "%s/postroom.log", d->instance.dir);
	snprintf(path, sizeof(path), "%s/run", d->instance.dir);
	if (mkdir(path, 0755) < 0)
		return error_set_errno(err, "io_error", errno, "%s", path);
	snprintf(path, sizeof(path), "%s/state", d->instance.dir);
	if (!user_find(service_user(0), &user) || mkdir(path, 0700) < 0 ||
	    chown(path, user.uid, user.gid) < 0)
		return error_set_errno(err, "io_error", errno, "%s", path);
	return write_service_config(d, err);
}

static _Noreturn void become_service(const struct demo *d)
{
	const char *argv[4 + 2 * SETTINGS_MAX + 1] = {"postroom", "serve", "--config", d->config};
	size_t argc = 4;
	int log = open(d->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	for (size_t i = 0; i < d->setting_count; i++) {
		/* They go over the demo's own. */
		argv[argc++] = "--set";
		argv[argc++] = d->settings[i];
	}
	/* Names too: a probe meets the hosts that Postfix meets. */
	if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
	    !instance_enter_names(&d->instance))
		_exit(126);
	/* The same program, even when another file was put in its place meanwhile. */
	execv("/proc/self/exe", (char *const *)argv);
	_exit(127);
}

/* The service's log is in a directory that is about to be removed. */
static void show_log(const struct demo *d)
{
	BUFFER_AUTO struct buffer log = {0};
	struct slice tail;

	fd_read_file(d->log, (size_t)16 << 20, &log, NULL);
	tail = buffer_slice(&log);
	if (tail.len > LOG_TAIL)
		tail = slice_from(tail, tail.len - LOG_TAIL);
	fprintf(stderr, "%.*s", SLICE_ARGS(tail));
}

/* True while it runs; when it has ended, its process is collected. */
static bool service_runs(struct demo *d)
{
	if (d->service > 0 && waitpid(d->service, NULL, WNOHANG) == d->service)
		d->service = 0;
	return d->service > 0;
}

/* A child becomes the service's user for it. Without a past the page has a shorter chart, and is no
 * worse otherwise. */
static void write_past(const struct demo *d)
{
	char path[INSTANCE_PATH_MAX * 2];
	pid_t pid = program_fork();

	snprintf(path, sizeof(path), "%s/state/postroom.db", d->instance.dir);
	if (pid == 0)
		_exit(past_write_store(path, service_user(0), clock_now(), NULL) ? 0 : 1);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0)
		if (errno != EINTR)
			return;
}

static bool start_service(struct demo *d, struct error *err)
{
	int64_t deadline = clock_monotonic_ms() + (int64_t)SERVICE_SECONDS * 1000;

	if (!make_service_directories(d, err))
		return false;
	write_past(d);
	d->service = program_fork();
	if (d->service < 0)
		return error_set_errno(err, "io_error", errno, "fork");
	if (d->service == 0)
		become_service(d);
	/* A service that ended needs no waiting for: its log says why. */
	while (service_runs(d) && clock_monotonic_ms() < deadline) {
		if (login_alive(d->socket))
			return true;
		if (stop_wanted(d, POLL_MS))
			return error_set(err, "stopped", "stopped");
	}
	show_log(d);
	return error_set(err, "service_failed",
	    d->service > 0 ? "the service does not answer"
			   : "the service ended by itself; its last words are above");
}

/* What Postfix itself says of why it does not answer, the last of it; empty: nothing. */
static void read_fatal(const struct demo *d, struct buffer *out)
{
	BUFFER_AUTO struct buffer path = {0}, log = {0};
	struct slice rest, line;
	ptrdiff_t at;

	buffer_clear(out);
	buffer_printf(&path, "%s/mail.log", d->instance.dir);
	fd_read_file(buffer_string(&path), (size_t)16 << 20, &log, NULL);
	rest = buffer_slice(&log);
	while (slice_split(&rest, '\n', &line))
		if ((at = slice_find(line, SLICE("fatal: "))) >= 0) {
			buffer_clear(out);
			buffer_append_slice(out, slice_from(line, (size_t)at + strlen("fatal: ")));
		}
}

/* Postfix may run, and its smtpd end again and again. What a minimal system lacks is named with the
 * package that has it. */
static bool smtpd_answers(const struct demo *d, struct error *err)
{
	BUFFER_AUTO struct buffer why = {0};

	for (int i = 0; i < SMTP_SECONDS && why.len == 0; i++) {
		if (feeder_wait(d->net.smtpd_port, 1, err))
			return true;
		read_fatal(d, &why);
	}
	if (why.len == 0)
		return false;
	return error_set(err, "postfix_failed", "the private Postfix does not answer: %s%s",
	    buffer_string(&why),
	    strstr(buffer_string(&why), "SASL") != NULL ? " (apt install libsasl2-modules)" : "");
}

/* Sinks before Postfix, so that its first attempts find the world; the feeder when SMTP answers. */
static bool start_all(struct demo *d, struct error *err)
{
	printf("Starting a private Postfix and its world ...\n");
	fflush(stdout);
	return network_open(&d->net, err) && instance_create(&d->instance, &d->net, err) &&
	       past_write_log(&d->instance, &d->net, clock_now(), err) && start_sinks(d, err) &&
	       instance_start(&d->instance, err) &&
	       past_plant_mail(&d->instance, &d->net, clock_now(), err) && smtpd_answers(d, err) &&
	       start_feeder(d, err) && start_service(d, err);
}

static void print_address(const struct demo *d, const char *path)
{
	printf("\nThe page, signed in once by this link:\n\n    http://%s%s\n\n", d->listen, path);
	printf("The command line: postroom list --socket %s\n", d->socket);
	printf("On its files:     sudo postroom audit verify --config %s\n", d->config);
	printf("Its mail log:     %s/mail.log\n", d->instance.dir);
	printf("\nCtrl-C stops and removes all of it.\n");
	fflush(stdout);
}

static bool run(struct demo *d, struct error *err)
{
	char path[LOGIN_PATH_SIZE];

	if (!start_all(d, err) || !login_link(d->socket, path, err))
		return false;
	print_address(d, path);
	while (!stop_wanted(d, -1))
		if (!service_runs(d)) {
			show_log(d);
			return error_set(err, "service_failed",
			    "the service ended by itself; its last words are above");
		}
	return true;
}

/* In the opposite order; every step does nothing where its part was not started. */
static void stop_all(struct demo *d)
{
	program_end(&d->feeder, STOP_SECONDS);
	program_end(&d->service, STOP_SECONDS);
	/* Before the sinks: Postfix ends its deliveries with somebody still answering. */
	instance_remove(&d->instance);
	program_end(&d->sinks, STOP_SECONDS);
	network_close(&d->net);
	fd_close(&d->signals);
}

int demo_main(int argc, char **argv)
{
	struct demo d = {.signals = -1};
	struct error err = {0};
	int status = parse_options(&d, argc, argv);
	bool done;

	if (status >= 0)
		return status;
	if (!instance_check_machine(&err) || !watch_signals(&d, &err)) {
		fprintf(stderr, "postroom demo: %s\n", err.text);
		return 1;
	}
	choose_listen(&d);
	done = run(&d, &err);
	if (done)
		printf("\nStopping ...\n");
	stop_all(&d);
	if (!done && strcmp(err.code, "stopped") != 0) {
		fprintf(stderr, "postroom demo: %s\n", err.text);
		return 1;
	}
	return 0;
}
