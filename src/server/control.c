/* What the supervisor says. */
#include <unistd.h>

#include "base/log.h"
#include "server/work.h"

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
		server_stop(server, 1);
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
	unix_socket = listen.kind == CONTROL_LISTEN_UNIX;
	if (!unix_socket)
		prepare_tls(server);
	if (!http_server_listen(
		server->http, fd, unix_socket ? HTTP_LISTEN_UNIX : HTTP_LISTEN_TCP, &err)) {
		log_error("%.*s: %s", SLICE_ARGS(listen.address), err.text);
		server_stop(server, 1);
		return;
	}
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
	default:
		close(fd);
	}
}

/* A role that died is told where it is missed; one that is there takes its notice back. */
static void on_role_state(struct server *server, const struct frame *frame)
{
	static const char *const texts[CONTROL_ROLES] = {
	    [CONTROL_ROLE_HELPER] = "The helper is not running: the queue cannot be read and "
				    "nothing can be done to messages.",
	    [CONTROL_ROLE_READER] = "The reader is not running: what is shown is getting old.",
	    [CONTROL_ROLE_LOGREADER] =
		"The log reader is not running: there are no delivery attempts to show.",
	};
	struct control_role_state state;
	char code[ERROR_CODE_MAX], text[ERROR_TEXT_MAX];

	if (!control_role_state_decode(frame, &state) || !server->assembled ||
	    texts[state.role] == NULL)
		return;
	snprintf(code, sizeof(code), "%s_unavailable", control_role_name(state.role));
	if (state.running) {
		notices_clear(server->notices, "supervisor", code);
		return;
	}
	snprintf(text, sizeof(text), "%s It %.*s and is started again.", texts[state.role],
	    SLICE_ARGS(state.detail));
	notices_set(server->notices, "supervisor", code,
	    state.role == CONTROL_ROLE_LOGREADER ? "warning" : "error", slice_of(text),
	    SLICE("If this stays, look at `journalctl -u postroom`."));
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
	case CONTROL_STOP:
		server_stop(server, 0);
		break;
	default:
		log_warning("the supervisor sent a frame of unknown type %u", frame->type);
	}
}

void server_control_down(void *context)
{
	log_warning("the supervisor is gone");
	server_stop(context, 1);
}
