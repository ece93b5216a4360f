/* What the supervisor says. */
#include <unistd.h>

#include "base/log.h"
#include "server/work.h"

/* The loop ends after this turn. */
static void stop(struct server *server, int exit_status)
{
	server->stopping = true;
	server->exit_status = exit_status;
	uv_stop(&server->loop);
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

/* With a certificate configured, nothing is served over TCP without it. */
static void prepare_tls(struct server *server)
{
	const char *certificate = role_config_get(&server->config, "http.tls_cert");
	struct error err;

	if (certificate[0] == '\0' || http_server_use_tls(server->http, certificate,
					  role_config_get(&server->config, "http.tls_key"), &err))
		return;
	notices_set(server->notices, "config", "tls_failed", "error", slice_of(err.text),
	    SLICE("Both files must be PEM and readable by run.user. Until then only the Unix "
		  "socket is served."));
}

static void on_listen(struct server *server, struct frame *frame)
{
	struct control_listen listen;
	struct error err;
	int fd;
	bool unix_socket;

	if (!control_listen_decode(frame, &listen) || !server->assembled ||
	    (fd = frame_take_fd(frame, 0)) < 0) {
		log_error("the supervisor sent a malformed listener");
		return;
	}
	/* Said by the supervisor, which made the socket: over a Unix socket the kernel tells who is
	 * calling. */
	unix_socket = listen.kind == CONTROL_LISTEN_UNIX;
	if (!unix_socket)
		prepare_tls(server);
	if (!http_server_listen(
		server->http, fd, unix_socket ? HTTP_LISTEN_UNIX : HTTP_LISTEN_TCP, &err)) {
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
	/* Not for the server, or not known: closed, so that the other end sees that nobody is
	 * there. */
	default:
		close(fd);
	}
}

/* A role that died is told where it is missed; one that is there takes its notice back. */
static void on_role_state(struct server *server, const struct frame *frame)
{
	static const struct {
		const char *name, *missed;
	} texts[CONTROL_ROLES] = {
	    [CONTROL_ROLE_HELPER] = {"helper",
		"what is shown may be old, and nothing can be done to messages."},
	    [CONTROL_ROLE_READER] = {"reader", "what is shown is getting old."},
	    [CONTROL_ROLE_LOGREADER] = {"log reader", "there are no delivery attempts to show."},
	};
	struct control_role_state state;
	char code[ERROR_CODE_MAX], text[ERROR_TEXT_MAX];

	if (!control_role_state_decode(frame, &state) || !server->assembled ||
	    texts[state.role].name == NULL)
		return;
	/* Without the log the queue is as current as before. */
	if (state.role != CONTROL_ROLE_LOGREADER)
		feed_missing(server->feed, state.role, !state.running);
	snprintf(code, sizeof(code), "%s_unavailable", control_role_name(state.role));
	if (state.running) {
		notices_clear(server->notices, "supervisor", code);
		return;
	}
	if (slice_is(state.detail, CONTROL_SILENT))
		snprintf(text, sizeof(text),
		    "The %s does not answer: %s It is replaced if it stays so for 15 seconds.",
		    texts[state.role].name, texts[state.role].missed);
	else
		snprintf(text, sizeof(text),
		    "The %s is not running: %s It %.*s and is started again.",
		    texts[state.role].name, texts[state.role].missed, SLICE_ARGS(state.detail));
	notices_set(server->notices, "supervisor", code,
	    state.role == CONTROL_ROLE_LOGREADER ? "warning" : "error", slice_of(text),
	    SLICE("If this stays, look at `journalctl -u postroom`, and: `systemctl restart "
		  "postroom`."));
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
