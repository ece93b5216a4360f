/* What the supervisor says. */
#include <unistd.h>

#include "audit/audit.h"
#include "base/log.h"
#include "base/said.h"
#include "server/measuring.h"
#include "server/work.h"

/* The loop ends after this turn. */
static void stop(struct server *server, int exit_status)
{
	server->stopping = true;
	server->exit_status = exit_status;
	uv_stop(&server->loop);
}

/* With a certificate configured, nothing is served over TCP without it. Again at each reload: a
 * renewed certificate is another one behind the same path. */
static void prepare_tls(struct server *server)
{
	const char *certificate = role_config_get(&server->config, "http.tls_cert");
	SAID_AUTO struct said text = {0}, fix = {0};
	struct error err;

	if (certificate[0] == '\0')
		return;
	if (http_server_use_tls(server->http, certificate,
		role_config_get(&server->config, "http.tls_key"), &err)) {
		notices_clear(server->notices, "config", "tls_failed");
		return;
	}
	said_verbatim(&text, slice_of(err.text));
	said_put(&fix,
	    http_server_has_tls(server->http) ? SAID_TLS_RENEWAL_FIX : SAID_TLS_FAILED_FIX, 0);
	notices_set(server->notices, "config", "tls_failed", "error", &text, &fix);
}

/* The first one makes the server, since nearly every part depends on it. Later ones come by a
 * reload. */
static void on_config(struct server *server, const struct frame *frame)
{
	struct role_config fresh = {0};

	if (!role_config_decode(frame, &fresh)) {
		log_error("the supervisor sent a malformed configuration");
		return;
	}
	role_config_free(&server->config);
	server->config = fresh;
	if (server->assembled) {
		server_use_config(server);
		work_facts(server->work);
		if (server->listening)
			prepare_tls(server);
	} else if (!server_assemble(server)) {
		stop(server, 1);
	}
}

static void say_serving(struct server *server)
{
	BUFFER_AUTO struct buffer frame = {0};

	server->listening = true;
	control_plain_encode(&frame, CONTROL_SERVING);
	link_send(server->control, &frame);
}

static void on_listen(struct server *server, struct frame *frame)
{
	struct control_listen listen;
	struct error err;
	int fd;
	bool unix_socket;

	if (!control_listen_decode(frame, &listen) || !server->assembled ||
	    (listen.kind == CONTROL_LISTEN_METRICS && server->metrics_http != NULL) ||
	    (fd = frame_take_fd(frame, 0)) < 0) {
		log_error("the supervisor sent a malformed listener");
		return;
	}
	/* Said by the supervisor, which made the socket: over a Unix socket the kernel tells who is
	 * calling. */
	unix_socket = listen.kind == CONTROL_LISTEN_UNIX;
	if (listen.kind == CONTROL_LISTEN_TCP)
		prepare_tls(server);
	if (listen.kind == CONTROL_LISTEN_METRICS)
		server->metrics_http = http_server_create(&server->loop, server->metrics_router);
	if (!http_server_listen(
		listen.kind == CONTROL_LISTEN_METRICS ? server->metrics_http : server->http, fd,
		unix_socket ? HTTP_LISTEN_UNIX : HTTP_LISTEN_TCP, &err)) {
		log_error("%.*s: %s", SLICE_ARGS(listen.address), err.text);
		stop(server, 1);
		return;
	}
	/* Only now does the supervisor tell systemd that the service is ready. */
	say_serving(server);
}

static void on_peer(struct server *server, struct frame *frame)
{
	struct control_peer peer;
	int fd;

	if (!control_peer_decode(frame, &peer) || !server->assembled ||
	    (fd = frame_take_fd(frame, 0)) < 0) {
		log_error("the supervisor sent a malformed peer");
		return;
	}
	audit_record(server->api.audit, &(struct audit_entry){.action = AUDIT_ROLE_STARTED,
					    .object = slice_of(control_role_name(peer.role))});
	switch (peer.role) {
	case CONTROL_ROLE_HELPER:
		helper_link_attach(server->helper, fd);
		break;
	case CONTROL_ROLE_READER:
		server_reader_attach(server, fd);
		break;
	case CONTROL_ROLE_LOGREADER:
		log_client_attach(server->log, fd);
		work_log_reader(server->work);
		break;
	case CONTROL_ROLE_NOTIFIER:
		server_notifier_attach(server, fd);
		break;
	case CONTROL_ROLE_IDENTITY:
		server_identity_attach(server, fd);
		break;
	/* Not for the server, or not known: closed, so that the other end sees that nobody is
	 * there. */
	default:
		close(fd);
	}
}

/* The supervisor says how a role ended in the words of its log. */
static void say_ended(struct said *text, enum said_code missed, struct slice how)
{
	BUFFER_AUTO struct buffer detail = {0}, sentence = {0};
	int number;

	buffer_append_slice(&detail, how);
	said_put(text, missed, 0);
	if (sscanf(buffer_string(&detail), "ended with status %d", &number) == 1) {
		said_then(text, SAID_ROLE_ENDED_STATUS, 1, said_number("status", number));
	} else if (sscanf(buffer_string(&detail), "was ended by signal %d", &number) == 1) {
		said_then(text, SAID_ROLE_ENDED_SIGNAL, 1, said_number("signal", number));
	} else if (slice_is(how, "made a system call that its sandbox does not admit")) {
		said_then(text, SAID_ROLE_ENDED_SANDBOX, 0);
	} else {
		buffer_printf(&sentence, "It %s and is started again.", buffer_string(&detail));
		said_then_said(text, buffer_slice(&sentence), SLICE(""));
	}
}

/* A role that died is told where it is missed; one that is there takes its notice back. */
static void on_role_state(struct server *server, const struct frame *frame)
{
	static const struct {
		enum said_code silent, ended;
	} texts[CONTROL_ROLES] = {
	    [CONTROL_ROLE_HELPER] = {SAID_ROLE_HELPER_SILENT, SAID_ROLE_HELPER_ENDED},
	    [CONTROL_ROLE_READER] = {SAID_ROLE_READER_SILENT, SAID_ROLE_READER_ENDED},
	    [CONTROL_ROLE_LOGREADER] = {SAID_ROLE_LOGREADER_SILENT, SAID_ROLE_LOGREADER_ENDED},
	    [CONTROL_ROLE_NOTIFIER] = {SAID_ROLE_NOTIFIER_SILENT, SAID_ROLE_NOTIFIER_ENDED},
	    [CONTROL_ROLE_IDENTITY] = {SAID_ROLE_IDENTITY_SILENT, SAID_ROLE_IDENTITY_ENDED},
	};
	SAID_AUTO struct said text = {0}, fix = {0};
	struct control_role_state state;
	bool lesser;
	char code[ERROR_CODE_MAX];

	if (!control_role_state_decode(frame, &state) || !server->assembled)
		return;
	measuring_role(server->measuring, &state);
	if (texts[state.role].ended == SAID_NOTHING)
		return;
	/* Without the log, alerts, or sign-ins by an issuer, the queue is as current as before. */
	lesser = state.role == CONTROL_ROLE_LOGREADER || state.role == CONTROL_ROLE_NOTIFIER ||
		 state.role == CONTROL_ROLE_IDENTITY;
	if (!lesser)
		feed_missing(server->feed, state.role, !state.running);
	snprintf(code, sizeof(code), "%s_unavailable", control_role_name(state.role));
	if (state.running) {
		notices_clear(server->notices, "supervisor", code);
		return;
	}
	if (slice_is(state.detail, CONTROL_SILENT))
		said_put(&text, texts[state.role].silent, 0);
	else
		say_ended(&text, texts[state.role].ended, state.detail);
	said_put(&fix, SAID_ROLE_FIX, 0);
	notices_set(server->notices, "supervisor", code, lesser ? "warning" : "error", &text, &fix);
}

/* From the loop itself: a server that is stuck does not answer, and is replaced. */
static void answer_ping(struct server *server)
{
	BUFFER_AUTO struct buffer frame = {0};

	control_plain_encode(&frame, CONTROL_PONG);
	link_send(server->control, &frame);
}

void server_control(void *context, struct frame *frame)
{
	struct server *server = context;

	switch (frame->type) {
	case CONTROL_CONFIG:
		on_config(server, frame);
		break;
	case CONTROL_LISTEN:
		on_listen(server, frame);
		break;
	case CONTROL_PEER:
		on_peer(server, frame);
		break;
	case CONTROL_ROLE_STATE:
		on_role_state(server, frame);
		break;
	case CONTROL_PING:
		answer_ping(server);
		break;
	case CONTROL_STOP:
		stop(server, 0);
		break;
	default:
		log_warning("the supervisor sent a frame of unknown type %u", frame->type);
	}
}

/* Without a supervisor nobody would replace a process that dies. The service manager starts all
 * anew. */
void server_control_down(void *context)
{
	log_warning("the supervisor is gone");
	stop(context, 1);
}
