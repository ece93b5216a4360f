/* One loop with two channels: the supervisor's, and the server's, whose questions go to the issuer.
 * When the server dies, what is under way for it is dropped. */
#include "identity/identity.h"

#include <poll.h>
#include <signal.h>

#include "base/log.h"
#include "identity/issuer.h"
#include "wire/channel.h"
#include "wire/control_proto.h"
#include "wire/identity_proto.h"

/* Frames of the server that are taken before what is under way gets its turn. */
#define FRAMES_AT_ONCE 16

struct identity {
	struct loop *loop;
	struct channel *control, *server;
	struct loop_watch *control_watch, *server_watch;
	struct issuer *issuer;
};

/* ---- the server ---- */

static void disconnect_server(struct identity *id)
{
	loop_remove(&id->server_watch);
	channel_destroy(&id->server);
	/* Another server has other numbers. */
	issuer_drop(id->issuer);
}

static void watch_server(struct identity *id)
{
	if (id->server_watch != NULL)
		loop_events(
		    id->server_watch, channel_wants_write(id->server) ? POLLIN | POLLOUT : POLLIN);
}

static void take_frame(struct identity *id, const struct frame *frame)
{
	uint32_t request;

	if (identity_cancel_decode(frame, &request))
		issuer_cancel(id->issuer, request);
	else if (!issuer_begin(id->issuer, frame))
		log_warning("the server sent a frame of unknown type %u", frame->type);
}

static void on_server(void *context, short revents)
{
	struct identity *id = context;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		(void)channel_flush(id->server);
	for (unsigned i = 0; i < FRAMES_AT_ONCE; i++) {
		enum channel_result result = channel_receive(id->server, &frame);

		if (result == CHANNEL_EMPTY)
			break;
		if (result != CHANNEL_FRAME) {
			disconnect_server(id);
			return;
		}
		take_frame(id, &frame);
		frame_close(&frame);
	}
	watch_server(id);
}

static void answer(void *context, const struct buffer *frame)
{
	struct identity *id = context;

	/* One that is gone is noticed when its channel is read. */
	if (id->server != NULL)
		(void)channel_send(id->server, frame, NULL, 0);
	watch_server(id);
}

/* ---- the supervisor ---- */

static void take_peer(struct identity *id, struct frame *frame)
{
	struct control_peer peer;
	int fd;

	if (!control_peer_decode(frame, &peer) || peer.role != CONTROL_ROLE_SERVER ||
	    (fd = frame_take_fd(frame, 0)) < 0) {
		log_error("the supervisor sent a malformed peer");
		return;
	}
	disconnect_server(id);
	id->server = channel_create(fd);
	id->server_watch = loop_add(id->loop, fd, POLLIN, on_server, id);
}

static void take_control(struct identity *id, struct frame *frame)
{
	switch (frame->type) {
	case CONTROL_CONFIG:
		break; /* every question brings what of it is needed */
	case CONTROL_PEER:
		take_peer(id, frame);
		break;
	case CONTROL_PING:
		control_answer_ping(id->control);
		break;
	default:
		log_warning("the supervisor sent a frame of unknown type %u", frame->type);
	}
}

static void on_control(void *context, short revents)
{
	struct identity *id = context;
	struct frame frame;

	(void)revents;
	for (;;) {
		enum channel_result result = channel_receive(id->control, &frame);

		if (result == CHANNEL_EMPTY)
			return;
		/* Without a supervisor nobody would replace what dies: all of it ends. */
		if (result != CHANNEL_FRAME || frame.type == CONTROL_STOP) {
			if (result == CHANNEL_FRAME)
				frame_close(&frame);
			loop_stop(id->loop);
			return;
		}
		take_control(id, &frame);
		frame_close(&frame);
	}
}

int identity_main(int control_fd)
{
	struct identity id = {.loop = loop_create(), .control = channel_create(control_fd)};
	bool ok;

	/* Ctrl-C goes to the whole group; the supervisor says when to stop. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	id.issuer = issuer_create(id.loop, answer, &id);
	id.control_watch = loop_add(id.loop, control_fd, POLLIN, on_control, &id);
	ok = loop_run(id.loop);
	disconnect_server(&id);
	issuer_destroy(&id.issuer);
	loop_remove(&id.control_watch);
	channel_destroy(&id.control);
	loop_destroy(&id.loop);
	return ok ? 0 : 1;
}
