/* Root's process: it makes the sockets, starts the roles, proves what each is, joins them, and
 * starts again what dies or hangs. It reads nothing that a stranger wrote: signals, main.cf's time,
 * and a few frames of fixed form from its own roles. Everything else is given to a role. */
#include "supervisor/supervisor.h"

#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "role/sandbox.h"
#include "supervisor/errand.h"
#include "supervisor/facts.h"
#include "supervisor/listen.h"
#include "supervisor/notify.h"
#include "supervisor/passed.h"
#include "supervisor/process.h"

/* Between a role's death and its next start: doubled each time, from the first to the second, and
 * begun anew when it has run for the third. */
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 30000
#define STEADY_MS 60000
/* At the end: the server finishes its batch and saves, then the others; what is left is killed. */
#define STOP_SERVER_MS 10000
#define STOP_OTHERS_MS 3000
/* Each role is asked whether it is there. One that has not answered so many times in a row is said
 * to be silent, and killed: within 12.5 s. Long work is done in parts between which a role answers
 * (batches of names, blocks of a log; the database, password hashes and the viewers are elsewhere),
 * so that even a machine a fifth as fast as that of docs/BENCHMARKS.md, where all of a restart with
 * a million messages takes 2.3 s, does not come near. Only a server that begins restores what it
 * knew in one piece: it may take a minute. Counted in turns of this process, so that nobody is
 * killed because all of them stood still: a paused or suspended machine, a frozen control group.
 * The clock stands still in a suspend as well, and a turn that comes late is one turn. */
#define BEAT_MS 2500
#define BEATS_SILENT 2
#define BEATS_HUNG 4
#define BEATS_BEGIN 24
/* TCP, the Unix socket, and that for metrics. */
#define LISTENERS 3
/* Frames of one role that are read before another gets its turn. */
#define FRAMES_AT_ONCE 64
/* How often main.cf is looked at (one stat), and Postfix asked that did not answer. */
#define FACTS_LOOK_MS 5000
#define FACTS_RETRY_MS 30000

struct role {
	struct supervisor *supervisor;
	enum control_role role;
	struct process process;
	struct loop_watch *exit_watch, *control_watch, *restart_timer;
	int64_t started_ms, backoff_ms;
	uint32_t restarts;
	unsigned unanswered; /* pings in a row */
	unsigned pings;	     /* that wait for their answer */
	bool proved;	     /* it is what it should be; nothing is handed to it before */
	bool answers;	     /* it has answered once */
	unsigned serving;    /* how often it has said so: once for each listener */
	char wrong[128];     /* why it was ended; "" while nothing is known against it */
	char detail[160];
};

/* The phases of the supervisor's life; only set_phase moves between them. */
enum phase {
	PHASE_SERVING,
	PHASE_STOP_SERVER, /* waits for the server, the others still work for it */
	/* Waits for the reader and the log reader, which use the helper, and for the notifier and
	 * the identity, which nobody asks any more. */
	PHASE_STOP_READERS,
	PHASE_STOP_HELPER,
	PHASE_KILL,
};

struct supervisor {
	const struct source *source;
	const int *programs; /* by role */
	struct loop *loop;
	struct loop_watch *signal_watch, *phase_timer, *facts_timer, *beat_timer;
	const struct config *source_config; /* what the roles' configuration was made from */
	struct config *reloaded;	    /* the same after a SIGHUP; NULL before */
	struct facts_stamp stamp;
	struct role_config config;
	struct role roles[CONTROL_ROLES];
	int signal_fd, tcp, unix_socket, metrics;
	struct buffer tcp_address, metrics_address;
	enum phase phase;
	bool announced;
	unsigned filters; /* of system calls, which every role inherits */
	bool closed;	  /* one of them is its own */
	bool outdated;	  /* it ends, for a newer build to take over */
};

static const enum control_role all_roles[] = {CONTROL_ROLE_HELPER, CONTROL_ROLE_READER,
    CONTROL_ROLE_LOGREADER, CONTROL_ROLE_SERVER, CONTROL_ROLE_NOTIFIER, CONTROL_ROLE_IDENTITY};
#define ALL_ROLES (sizeof(all_roles) / sizeof(all_roles[0]))

/* Who talks to whom. */
static const enum control_role pairs[][2] = {
    {CONTROL_ROLE_SERVER, CONTROL_ROLE_HELPER},
    {CONTROL_ROLE_READER, CONTROL_ROLE_HELPER},
    {CONTROL_ROLE_LOGREADER, CONTROL_ROLE_HELPER},
    {CONTROL_ROLE_READER, CONTROL_ROLE_SERVER},
    {CONTROL_ROLE_LOGREADER, CONTROL_ROLE_SERVER},
    {CONTROL_ROLE_SERVER, CONTROL_ROLE_NOTIFIER},
    {CONTROL_ROLE_SERVER, CONTROL_ROLE_IDENTITY},
};
#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

static bool is_running(const struct role *role)
{
	return role->process.pid > 0;
}

/* A process that has nothing to do is one more that could be taken over: where there is no issuer
 * to ask, nobody is there who asks. */
static bool is_wanted(const struct role_config *config, enum control_role role)
{
	return role != CONTROL_ROLE_IDENTITY ||
	       role_config_get(config, "access.oidc_issuer")[0] != '\0';
}

/* ---- frames to the roles ---- */

static void send_frame(
    struct role *role, const struct buffer *frame, const int *fds, size_t fd_count)
{
	if (!is_running(role) || !channel_send(role->process.control, frame, fds, fd_count))
		return; /* its end is noticed by its pidfd */
	if (role->control_watch != NULL)
		loop_events(role->control_watch,
		    channel_wants_write(role->process.control) ? POLLIN | POLLOUT : POLLIN);
}

static void send_config(struct supervisor *supervisor, struct role *role)
{
	BUFFER_AUTO struct buffer frame = {0};

	role_config_encode(&frame, &supervisor->config);
	send_frame(role, &frame, NULL, 0);
}

static void send_listener(
    struct role *role, enum control_listen_kind kind, const char *address, int fd)
{
	struct control_listen listen = {kind, slice_of(address)};
	BUFFER_AUTO struct buffer frame = {0};

	control_listen_encode(&frame, &listen);
	if (fd >= 0)
		send_frame(role, &frame, &fd, 1);
}

static void send_peer(struct role *role, enum control_role peer, int fd)
{
	struct control_peer body = {peer};
	BUFFER_AUTO struct buffer frame = {0};

	control_peer_encode(&frame, &body);
	send_frame(role, &frame, &fd, 1);
}

static void connect_pair(struct supervisor *supervisor, const enum control_role pair[2])
{
	struct role *a = &supervisor->roles[pair[0]], *b = &supervisor->roles[pair[1]];
	struct error err;
	int fds[2];

	/* Nobody gets a channel to a process of which nothing is proved. */
	if (!a->proved || !b->proved)
		return; /* whoever is proved later is connected to the other */
	if (!channel_pair(fds, &err)) {
		log_error("%s", err.text);
		return;
	}
	send_peer(a, pair[1], fds[0]);
	send_peer(b, pair[0], fds[1]);
	/* Both ends are the roles' now. A copy here would hide that one of them has died. */
	fd_close(&fds[0]);
	fd_close(&fds[1]);
}

static void tell_server(struct supervisor *supervisor, const struct role *role)
{
	bool answers = is_running(role) && role->unanswered <= BEATS_SILENT;
	struct control_role_state state = {
	    role->role, answers, role->restarts, slice_of(role->detail)};
	BUFFER_AUTO struct buffer frame = {0};

	if (!is_wanted(&supervisor->config, role->role))
		return; /* nobody misses it */
	control_role_state_encode(&frame, &state);
	send_frame(&supervisor->roles[CONTROL_ROLE_SERVER], &frame, NULL, 0);
}

static void introduce(struct supervisor *supervisor, struct role *role)
{
	send_config(supervisor, role);
	if (role->role == CONTROL_ROLE_SERVER) {
		send_listener(role, CONTROL_LISTEN_TCP, buffer_string(&supervisor->tcp_address),
		    supervisor->tcp);
		send_listener(role, CONTROL_LISTEN_UNIX,
		    role_config_get(&supervisor->config, "http.socket"), supervisor->unix_socket);
		send_listener(role, CONTROL_LISTEN_METRICS,
		    buffer_string(&supervisor->metrics_address), supervisor->metrics);
	}
	/* A role that was started again is new to all it talks to: they get another channel. */
	for (size_t i = 0; i < PAIRS; i++)
		if (pairs[i][0] == role->role || pairs[i][1] == role->role)
			connect_pair(supervisor, pairs[i]);
	for (size_t i = 0; i < ALL_ROLES; i++)
		if (role->role == CONTROL_ROLE_SERVER || all_roles[i] == role->role)
			tell_server(supervisor, &supervisor->roles[all_roles[i]]);
}

/* ---- starting and restarting ---- */

static void start_role(struct role *role);

static void on_restart(void *context, short revents)
{
	start_role(context);
}

/* Twice as long each time: a role that dies at once must not keep the machine busy. */
static void plan_restart(struct role *role)
{
	int64_t now = clock_monotonic_ms();

	if (now - role->started_ms > STEADY_MS || role->backoff_ms == 0)
		role->backoff_ms = BACKOFF_MIN_MS;
	else if (role->backoff_ms < BACKOFF_MAX_MS / 2)
		role->backoff_ms *= 2;
	else
		role->backoff_ms = BACKOFF_MAX_MS;
	role->restarts++;
	loop_deadline(role->restart_timer, now + role->backoff_ms);
}

static void advance_phase(struct supervisor *supervisor);

static void on_role_exit(void *context, short revents)
{
	struct role *role = context;
	bool clean;

	loop_remove(&role->exit_watch);
	/* Frames that are still in the channel are of nobody any more. */
	loop_remove(&role->control_watch);
	role->proved = false;
	clean = process_reap(&role->process, role->detail, sizeof(role->detail));
	if (role->wrong[0] != '\0')
		snprintf(role->detail, sizeof(role->detail), "%s", role->wrong);
	if (role->supervisor->phase != PHASE_SERVING) {
		if (!clean)
			log_warning("the %s %s", control_role_name(role->role), role->detail);
		advance_phase(role->supervisor);
		return;
	}
	if (!is_wanted(&role->supervisor->config, role->role))
		return;
	plan_restart(role);
	log_warning("the %s %s; starting it again in %lld ms", control_role_name(role->role),
	    role->detail, (long long)role->backoff_ms);
	tell_server(role->supervisor, role);
}

static void announce(struct supervisor *supervisor)
{
	const char *socket = role_config_get(&supervisor->config, "http.socket");

	if (supervisor->announced)
		return;
	supervisor->announced = true;
	if (supervisor->tcp >= 0)
		log_info("the page is at http%s://%s/",
		    role_config_get(&supervisor->config, "http.tls_cert")[0] != '\0' ? "s" : "",
		    buffer_string(&supervisor->tcp_address));
	if (supervisor->metrics >= 0)
		log_info("metrics are at http://%s/metrics",
		    buffer_string(&supervisor->metrics_address));
	if (supervisor->unix_socket >= 0)
		log_info("the command line connects to %s", socket);
	/* Only when the server says that it serves: whoever waits for the unit can connect. */
	notify_manager("READY=1\nSTATUS=Serving");
}

/* ---- whether they are alive ---- */

static void take_pong(struct role *role)
{
	bool was_silent = role->unanswered > BEATS_SILENT;

	role->answers = true;
	role->unanswered = 0;
	/* The server has told people that the role does not answer; this takes it back. */
	if (was_silent)
		tell_server(role->supervisor, role);
}

/* One that does what no honest role does is ended, and started again as one that died. */
static void end_role(struct role *role, const char *does)
{
	log_error("the %s %s and is ended", control_role_name(role->role), does);
	snprintf(role->wrong, sizeof(role->wrong), "was ended: it %s", does);
	/* No SIGTERM: it may be taken over, and would not listen. */
	process_kill(&role->process);
}

static void beat(struct role *role)
{
	BUFFER_AUTO struct buffer frame = {0};
	bool begins = role->role == CONTROL_ROLE_SERVER && role->proved && !role->answers;

	if (!is_running(role))
		return;
	if (role->unanswered++ >= (begins ? BEATS_BEGIN : BEATS_HUNG)) {
		end_role(role, role->proved ? "does not answer" : "does not say what it is");
		return;
	}
	if (!begins && role->unanswered == BEATS_SILENT + 1) {
		snprintf(role->detail, sizeof(role->detail), "%s", CONTROL_SILENT);
		tell_server(role->supervisor, role);
	}
	control_plain_encode(&frame, CONTROL_PING);
	send_frame(role, &frame, NULL, 0);
	/* Counted, so that a role that answers more than it was asked is noticed. */
	role->pings++;
}

static void on_beat(void *context, short revents)
{
	struct supervisor *supervisor = context;

	loop_deadline(supervisor->beat_timer, clock_monotonic_ms() + BEAT_MS);
	notify_manager("WATCHDOG=1");
	if (supervisor->phase != PHASE_SERVING)
		return;
	for (size_t i = 0; i < ALL_ROLES; i++)
		beat(&supervisor->roles[all_roles[i]]);
}

/* A helper gets none where the supervisor could not close its own either; that was told. */
static bool has_sandbox(const struct role *role, struct error *err)
{
	const struct supervisor *supervisor = role->supervisor;

	if (role->process.connected)
		return sandbox_verify(role->process.status, role->process.filters, err);
	return (role->role == CONTROL_ROLE_HELPER && !supervisor->closed) ||
	       sandbox_verify(role->process.status, supervisor->filters, err);
}

/* The first frame, with which it has to prove what it is. */
static void take_first(struct role *role, const struct frame *frame)
{
	struct supervisor *supervisor = role->supervisor;
	struct confine_plan plan = confine_plan(&supervisor->config, role->role);
	struct error err;

	if (!process_prove(&role->process, &plan, frame, &err) || !has_sandbox(role, &err)) {
		log_error("the %s: %s", control_role_name(role->role), err.text);
		end_role(role, "is not what it should be");
		return;
	}
	role->proved = true;
	if (supervisor->phase == PHASE_SERVING)
		introduce(supervisor, role);
}

/* A role says nothing of itself but these: one PONG for each PING, and the server SERVING for each
 * listener. */
static void take_frame(struct role *role, const struct frame *frame)
{
	bool server = role->role == CONTROL_ROLE_SERVER;

	if (!role->proved) {
		take_first(role, frame);
	} else if (frame->type == CONTROL_PONG && role->pings > 0) {
		role->pings--;
		take_pong(role);
	} else if (frame->type == CONTROL_SERVING && server && role->serving < LISTENERS) {
		role->serving++;
		announce(role->supervisor);
	} else {
		end_role(role, "sends what nobody asked for");
	}
}

static void on_control(void *context, short revents)
{
	struct role *role = context;
	struct frame frame;
	enum channel_result result = CHANNEL_EMPTY;

	if ((revents & POLLOUT) != 0)
		(void)channel_flush(role->process.control);
	for (unsigned i = 0; i < FRAMES_AT_ONCE && role->wrong[0] == '\0'; i++) {
		result = channel_receive(role->process.control, &frame);
		/* No honest role sends such a thing, so it is no longer trusted with anything. */
		if (result == CHANNEL_BAD)
			end_role(role, "sends what is no frame");
		if (result != CHANNEL_FRAME)
			break;
		take_frame(role, &frame);
		frame_close(&frame);
	}
	/* Closed or ended: its pidfd will tell; until then there is nothing to hear. */
	loop_events(role->control_watch, result == CHANNEL_CLOSED || role->wrong[0] != '\0' ? 0
					 : channel_wants_write(role->process.control)
					     ? POLLIN | POLLOUT
					     : POLLIN);
}

/* Only the helper may be the service manager's child: the others need no more rights than the
 * supervisor has itself. */
static bool start_process(struct role *role, struct error *err)
{
	const struct supervisor *supervisor = role->supervisor;
	const char *socket = supervisor->source->helper_socket;
	struct confine_plan plan = confine_plan(&supervisor->config, role->role);
	int program = supervisor->programs[role->role];

	return role->role == CONTROL_ROLE_HELPER && socket != NULL
		   ? process_connect(&role->process, socket, program, &supervisor->config, err)
		   : process_start(&role->process, &plan, program, &supervisor->config, err);
}

static void set_phase(struct supervisor *supervisor, enum phase phase);

static void start_role(struct role *role)
{
	struct supervisor *supervisor = role->supervisor;
	struct error err;

	role->started_ms = clock_monotonic_ms();
	role->unanswered = 0;
	role->pings = 0;
	role->wrong[0] = '\0';
	role->serving = 0;
	role->proved = role->answers = false;
	if (supervisor->phase != PHASE_SERVING || !is_wanted(&supervisor->config, role->role))
		return;
	if (!start_process(role, &err)) {
		log_error("%s", err.text);
		plan_restart(role);
		/* Upgraded beneath us. The service manager starts all of the new build, when this
		 * one ends with a failure. */
		if (strcmp(err.code, "other_build") == 0) {
			supervisor->outdated = true;
			set_phase(supervisor, PHASE_STOP_SERVER);
			advance_phase(supervisor);
		}
		return;
	}
	role->exit_watch =
	    loop_add(supervisor->loop, role->process.pidfd, POLLIN, on_role_exit, role);
	role->control_watch =
	    loop_add(supervisor->loop, channel_fd(role->process.control), POLLIN, on_control, role);
	/* The first ping at once: it also puts a bound to how long it may take to prove itself. */
	beat(role);
}

/* ---- the end ---- */

static void send_stop(struct role *role)
{
	BUFFER_AUTO struct buffer frame = {0};

	control_plain_encode(&frame, CONTROL_STOP);
	send_frame(role, &frame, NULL, 0);
}

static bool any_running(const struct supervisor *supervisor)
{
	for (size_t i = 0; i < ALL_ROLES; i++)
		if (is_running(&supervisor->roles[all_roles[i]]))
			return true;
	return false;
}

/* The phase in which a role is told to stop. */
static enum phase stop_phase(enum control_role role)
{
	switch (role) {
	case CONTROL_ROLE_SERVER:
		return PHASE_STOP_SERVER;
	case CONTROL_ROLE_HELPER:
		return PHASE_STOP_HELPER;
	default:
		return PHASE_STOP_READERS;
	}
}

static void set_phase(struct supervisor *supervisor, enum phase phase)
{
	int64_t wait = phase == PHASE_STOP_SERVER ? STOP_SERVER_MS : STOP_OTHERS_MS;

	supervisor->phase = phase;
	for (size_t i = 0; i < ALL_ROLES; i++) {
		struct role *role = &supervisor->roles[all_roles[i]];

		/* Nothing starts any more while all is stopping. */
		loop_deadline(role->restart_timer, -1);
		if (!is_running(role))
			continue;
		if (phase == PHASE_KILL) {
			log_warning("the %s did not stop in time and is killed",
			    control_role_name(role->role));
			process_kill(&role->process);
		} else if (stop_phase(role->role) == phase) {
			send_stop(role);
		}
	}
	loop_deadline(supervisor->phase_timer, clock_monotonic_ms() + wait);
}

/* Goes on as soon as those that a phase waits for are gone. */
static void advance_phase(struct supervisor *supervisor)
{
	/* In this order, since the server's last commands run through the helper. */
	while (supervisor->phase >= PHASE_STOP_SERVER && supervisor->phase < PHASE_STOP_HELPER) {
		bool waiting = false;

		for (size_t i = 0; i < ALL_ROLES; i++)
			waiting = waiting || (stop_phase(all_roles[i]) <= supervisor->phase &&
						 is_running(&supervisor->roles[all_roles[i]]));
		if (waiting)
			return;
		set_phase(supervisor, supervisor->phase + 1);
	}
	if (supervisor->phase != PHASE_SERVING && !any_running(supervisor))
		loop_stop(supervisor->loop);
}

static void on_phase_over(void *context, short revents)
{
	struct supervisor *supervisor = context;

	if (supervisor->phase == PHASE_KILL)
		loop_stop(supervisor->loop);
	else
		set_phase(supervisor, supervisor->phase + 1);
	advance_phase(supervisor);
}

/* ---- signals ---- */

static bool collect(struct supervisor *supervisor, const struct config *config, const char *path,
    struct role_config *out, struct error *err)
{
	if (!facts_collect(config, path, out, err))
		return false;
	role_config_set(out, "page.directory", supervisor->source->page_directory);
	if (!out->facts.known)
		log_warning("Postfix did not answer: %s", out->facts.error);
	return true;
}

/* Whether what a role may reach depends on something that is another now. */
static bool sandbox_differs(
    enum control_role role, const struct role_config *old, const struct role_config *fresh)
{
	static const struct {
		enum control_role role;
		const char *key;
	} keys[] = {{CONTROL_ROLE_SERVER, "http.tls_cert"}, {CONTROL_ROLE_SERVER, "http.tls_key"},
	    {CONTROL_ROLE_SERVER, "access.oidc_client_secret_file"},
	    {CONTROL_ROLE_NOTIFIER, "alerts.commands"}};

	if (role == CONTROL_ROLE_HELPER)
		return confine_runs_foreign(old) != confine_runs_foreign(fresh);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].role == role && strcmp(role_config_get(old, keys[i].key),
						role_config_get(fresh, keys[i].key)) != 0)
			return true;
	return false;
}

static void use_config(struct supervisor *supervisor, struct role_config *fresh)
{
	ROLE_CONFIG_AUTO struct role_config old = supervisor->config;

	/* Taken over whole; the caller has an empty one to free. */
	supervisor->config = *fresh;
	*fresh = (struct role_config){0};
	for (size_t i = 0; i < ALL_ROLES; i++) {
		struct role *role = &supervisor->roles[all_roles[i]];

		send_config(supervisor, role);
		/* A sandbox that is closed cannot be closed otherwise: another process starts. */
		if (sandbox_differs(role->role, &old, &supervisor->config) ||
		    !is_wanted(&supervisor->config, role->role))
			send_stop(role);
		else if (!is_wanted(&old, role->role) && !is_running(role))
			start_role(role);
	}
}

/* What the sockets, the roles' user and the open database depend on stays until the next start;
 * `waits` gets the names of what would differ. */
static void keep_fixed(
    const struct supervisor *supervisor, struct role_config *fresh, struct buffer *waits)
{
	static const char *const fixed[] = {"http.listen", "http.socket", "http.socket_gid",
	    "metrics.listen", "metrics.destinations", "run.user", "run.uid", "run.gid",
	    "run.parse_user", "run.parse_uid", "run.parse_gid", "run.view_user", "run.view_uid",
	    "run.view_gid", "run.notify_user", "run.notify_uid", "run.notify_gid", "run.sandbox",
	    "store.path"};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		const char *old = role_config_get(&supervisor->config, fixed[i]);

		if (strcmp(role_config_get(fresh, fixed[i]), old) == 0)
			continue;
		log_warning("%s takes effect at the next start", fixed[i]);
		role_config_set(fresh, fixed[i], old);
		buffer_printf(waits, "%s%s", waits->len > 0 ? ", " : "", fixed[i]);
	}
}

/* What `systemctl status` shows of it. A reload that is not all of what was asked for says so. */
static void say_ready(const char *text, const struct buffer *more)
{
	BUFFER_AUTO struct buffer state = {0};

	buffer_printf(&state, "READY=1\nSTATUS=%s%.*s", text, (int)more->len,
	    more->len > 0 ? more->data : "");
	notify_manager(buffer_string(&state));
}

static void reload(struct supervisor *supervisor)
{
	BUFFER_AUTO struct buffer path = {0}, more = {0};
	ROLE_CONFIG_AUTO struct role_config fresh = {0};
	struct config *config;
	struct error err;

	/* systemd waits for the READY=1 behind it. */
	notify_manager("RELOADING=1");
	config = source_load(supervisor->source, &path, &err);
	if (config == NULL || !collect(supervisor, config, buffer_string(&path), &fresh, &err)) {
		log_error("the configuration was not read again: %s", err.text);
		buffer_append_string(&more, err.text);
		say_ready("Serving with the former configuration: ", &more);
		/* The service goes on with what it had: a mistake in the file must not stop it. */
		config_destroy(&config);
	} else {
		keep_fixed(supervisor, &fresh, &more);
		use_config(supervisor, &fresh);
		config_destroy(&supervisor->reloaded);
		supervisor->reloaded = config;
		supervisor->source_config = config;
		log_info("the configuration was read again");
		say_ready(more.len > 0 ? "Serving; a restart is needed for " : "Serving", &more);
	}
}

/* Postfix is asked again when somebody changed its main.cf, and as long as it did not answer. */
static void on_facts_time(void *context, short revents)
{
	struct supervisor *supervisor = context;
	ROLE_CONFIG_AUTO struct role_config fresh = {0};
	BUFFER_AUTO struct buffer waits = {0};
	bool changed = facts_changed(supervisor->source_config, &supervisor->stamp);
	bool known = supervisor->config.facts.known;
	struct error err;

	loop_deadline(supervisor->facts_timer,
	    clock_monotonic_ms() + (known || changed ? FACTS_LOOK_MS : FACTS_RETRY_MS));
	/* A Postfix that is installed after the service was started is found by this. */
	if (supervisor->phase != PHASE_SERVING || (known && !changed))
		return;
	if (!facts_collect(
		supervisor->source_config, supervisor->config.config_path, &fresh, &err) ||
	    !fresh.facts.known)
		return; /* what was known before is better than nothing */
	role_config_set(&fresh, "page.directory", supervisor->source->page_directory);
	keep_fixed(supervisor, &fresh, &waits);
	log_info("Postfix's settings were read again");
	use_config(supervisor, &fresh);
}

static void on_signal(void *context, short revents)
{
	struct supervisor *supervisor = context;
	struct signalfd_siginfo info;

	while (read(supervisor->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			if (supervisor->phase == PHASE_SERVING)
				reload(supervisor);
			continue;
		}
		if (supervisor->phase != PHASE_SERVING)
			continue;
		log_info("stopping");
		notify_manager("STOPPING=1");
		set_phase(supervisor, PHASE_STOP_SERVER);
		advance_phase(supervisor);
	}
}

static bool watch_signals(struct supervisor *supervisor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Roles die, and root's process must not die of writing to one. */
	signal(SIGPIPE, SIG_IGN);
	/* Signals come as something to read, in the loop's own time; no handler ever runs. */
	supervisor->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (supervisor->signal_fd < 0)
		return false;
	supervisor->signal_watch =
	    loop_add(supervisor->loop, supervisor->signal_fd, POLLIN, on_signal, supervisor);
	return true;
}

/* ---- beginning ---- */

static int make_directory(const void *path)
{
	return mkdir(path, 0700) == 0 ? 0 : errno;
}

/* The store's directory, when it is missing. The server makes it where it may, by a process that
 * has become its user: an instance's is in one that is the server's. Elsewhere only root may. */
static void make_store_directory(const struct role_config *config)
{
	MEMORY_AUTO char *copy = memory_strdup(role_config_get(config, "store.path"));
	const char *directory = dirname(copy);
	struct confine_plan plan = confine_plan(config, CONTROL_ROLE_SERVER);
	int failed = config->privileged ? errand_run(plan.uid, plan.gid, make_directory, directory)
					: make_directory(directory);

	if (failed == EACCES && config->privileged) {
		failed = make_directory(directory);
		if (failed == 0 && chown(directory, plan.uid, plan.gid) != 0) {
			failed = errno;
			rmdir(directory); /* the server could not use root's */
		}
	}
	if (failed != 0 && failed != EEXIST)
		log_error("%s cannot be made: %s", directory, strerror(failed));
}

static bool make_listeners(
    struct supervisor *supervisor, const struct config *config, struct error *err)
{
	if (config->http_listen[0] != '\0') {
		supervisor->tcp =
		    listen_tcp("http.listen", config->http_listen, &supervisor->tcp_address, err);
		if (supervisor->tcp < 0)
			return false;
	}
	if (config->metrics_listen[0] != '\0') {
		supervisor->metrics = listen_tcp(
		    "metrics.listen", config->metrics_listen, &supervisor->metrics_address, err);
		if (supervisor->metrics < 0)
			return false;
	}
	if (config->http_socket[0] != '\0') {
		supervisor->unix_socket = listen_unix(config, &supervisor->config, err);
		if (supervisor->unix_socket < 0)
			return false;
	}
	passed_end();
	passed_keep("http.listen", supervisor->tcp);
	passed_keep("metrics.listen", supervisor->metrics);
	passed_keep("http.socket", supervisor->unix_socket);
	return true;
}

static bool prepare(
    struct supervisor *supervisor, const struct config *config, const char *path, struct error *err)
{
	if (!collect(supervisor, config, path, &supervisor->config, err))
		return false;
	if (!make_listeners(supervisor, config, err))
		return false;
	/* After the sockets: what another Postroom uses is left alone. */
	make_store_directory(&supervisor->config);
	if (!supervisor->config.privileged)
		log_warning("not started as root: the queue can be listed at best, and nothing can "
			    "be acted on");
	return watch_signals(supervisor) || error_set_errno(err, "io_error", errno, "signalfd");
}

/* Around this process and everything that it starts. What programs the configuration names is known
 * now, but a SIGHUP may name others: so it is the filter for foreign ones. */
static bool close_sandbox(struct supervisor *supervisor, struct error *err)
{
	unsigned inherited = sandbox_own_filters();
	char lacks[256];

	sandbox_lacks(lacks, sizeof(lacks));
	if (lacks[0] != '\0' && sandbox_is_required(&supervisor->config))
		return error_set(err, "sandbox_failed", "run.sandbox = require, but %s", lacks);
	if (lacks[0] != '\0')
		log_warning("the sandbox is not whole: %s", lacks);
	if (!sandbox_close_root(true, err))
		return false;
	/* Roles inherit these, so a role has to have more of them to have a sandbox of its own. */
	supervisor->filters = sandbox_own_filters();
	supervisor->closed = supervisor->filters > inherited;
	return true;
}

static void serve(struct supervisor *supervisor)
{
	supervisor->phase_timer = loop_add(supervisor->loop, -1, 0, on_phase_over, supervisor);
	supervisor->facts_timer = loop_add(supervisor->loop, -1, 0, on_facts_time, supervisor);
	facts_changed(supervisor->source_config, &supervisor->stamp);
	loop_deadline(supervisor->facts_timer, clock_monotonic_ms() + FACTS_LOOK_MS);
	supervisor->beat_timer = loop_add(supervisor->loop, -1, 0, on_beat, supervisor);
	loop_deadline(supervisor->beat_timer, clock_monotonic_ms() + BEAT_MS);
	for (size_t i = 0; i < ALL_ROLES; i++) {
		struct role *role = &supervisor->roles[all_roles[i]];

		role->supervisor = supervisor;
		role->role = all_roles[i];
		role->restart_timer = loop_add(supervisor->loop, -1, 0, on_restart, role);
	}
	for (size_t i = 0; i < ALL_ROLES; i++)
		start_role(&supervisor->roles[all_roles[i]]);
	loop_run(supervisor->loop);
}

int supervisor_run(const struct source *source, struct config *config, const char *config_path,
    const int programs[CONTROL_ROLES])
{
	struct supervisor supervisor = {.source = source,
	    .programs = programs,
	    .loop = loop_create(),
	    .signal_fd = -1,
	    .tcp = -1,
	    .unix_socket = -1,
	    .metrics = -1};
	struct error err;
	bool ok;

	supervisor.source_config = config;
	ok = prepare(&supervisor, config, config_path, &err) && close_sandbox(&supervisor, &err);

	if (ok)
		serve(&supervisor);
	else
		log_error("%s", err.text);
	/* One that the service manager keeps is asked for by its path, also between two runs. */
	if (supervisor.unix_socket >= 0 && !notify_has_manager())
		unlink(role_config_get(&supervisor.config, "http.socket"));
	fd_close(&supervisor.unix_socket);
	fd_close(&supervisor.metrics);
	fd_close(&supervisor.tcp);
	fd_close(&supervisor.signal_fd);
	buffer_free(&supervisor.tcp_address);
	buffer_free(&supervisor.metrics_address);
	role_config_free(&supervisor.config);
	config_destroy(&supervisor.reloaded);
	loop_destroy(&supervisor.loop);
	return ok && !supervisor.outdated ? 0 : 1;
}
