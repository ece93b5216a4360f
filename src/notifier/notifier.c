/* One loop with two channels: the supervisor's, and the server's, whose frames are given to the
 * part that they are for by a table. When the server dies, what is under way for it is dropped: it
 * asks again by what it has written down. */
#include "notifier/notifier.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "notifier/prober.h"
#include "notifier/sends.h"
#include "wire/channel.h"
#include "wire/notifier_proto.h"

/* Frames of the server that are taken before what is under way gets its turn. */
#define FRAMES_AT_ONCE 16

struct notifier {
	struct loop *loop;
	struct channel *control, *server;
	struct loop_watch *control_watch, *server_watch;
	struct role_config config;
	struct notifier_parts parts;
	struct sends *sends;
	struct prober *prober;
	bool failed;
};

/* ---- the server ---- */

static void take_send(struct notifier *n, const struct frame *frame)
{
	sends_begin(n->sends, frame);
}

static void take_probe(struct notifier *n, const struct frame *frame)
{
	prober_begin(n->prober, frame);
}

static void take_cancel(struct notifier *n, const struct frame *frame)
{
	uint32_t request;

	/* A number that is none of theirs is nothing to a part. */
	if (!notifier_cancel_decode(frame, &request))
		return;
	sends_cancel(n->sends, request);
	prober_cancel(n->prober, request);
}

/* What each part takes. */
static const struct {
	enum notifier_type type;
	void (*take)(struct notifier *n, const struct frame *frame);
} frames[] = {
    {NOTIFIER_SEND, take_send},
    {NOTIFIER_PROBE, take_probe},
    {NOTIFIER_CANCEL, take_cancel},
};

static void take_frame(struct notifier *n, const struct frame *frame)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		if (frames[i].type == frame->type) {
			frames[i].take(n, frame);
			return;
		}
	log_warning("the server sent a frame of unknown type %u", frame->type);
}

static void disconnect_server(struct notifier *n)
{
	loop_remove(&n->server_watch);
	channel_destroy(&n->server);
	/* Another server has other numbers: what is answered now would be the answer to another
	 * question. */
	sends_drop(n->sends);
	prober_drop(n->prober);
}

static void watch_server(struct notifier *n)
{
	if (n->server_watch != NULL)
		loop_events(
		    n->server_watch, channel_wants_write(n->server) ? POLLIN | POLLOUT : POLLIN);
}

static void on_server(void *context, short revents)
{
	struct notifier *n = context;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		(void)channel_flush(n->server);
	for (unsigned i = 0; i < FRAMES_AT_ONCE; i++) {
		enum channel_result result = channel_receive(n->server, &frame);

		if (result == CHANNEL_EMPTY)
			break;
		if (result != CHANNEL_FRAME) {
			disconnect_server(n);
			return;
		}
		take_frame(n, &frame);
		frame_close(&frame);
	}
	watch_server(n);
}

static void answer(void *context, const struct buffer *frame)
{
	struct notifier *n = context;

	/* One that is gone is noticed when its channel is read. */
	if (n->server != NULL)
		(void)channel_send(n->server, frame, NULL, 0);
	watch_server(n);
}

static void fail(void *context)
{
	struct notifier *n = context;

	n->failed = true;
	loop_stop(n->loop);
}

/* ---- the supervisor ---- */

static void take_config(struct notifier *n, const struct frame *frame)
{
	struct role_config fresh = {0};

	if (!role_config_decode(frame, &fresh)) {
		log_error("the supervisor sent a malformed configuration");
		return;
	}
	role_config_free(&n->config);
	n->config = fresh;
}

static void take_peer(struct notifier *n, struct frame *frame)
{
	struct control_peer peer;
	int fd;

	if (!control_peer_decode(frame, &peer) || peer.role != CONTROL_ROLE_SERVER ||
	    (fd = frame_take_fd(frame, 0)) < 0) {
		log_error("the supervisor sent a malformed peer");
		return;
	}
	disconnect_server(n);
	n->server = channel_create(fd);
	n->server_watch = loop_add(n->loop, fd, POLLIN, on_server, n);
}

static void take_control(struct notifier *n, struct frame *frame)
{
	switch (frame->type) {
	case CONTROL_CONFIG:
		take_config(n, frame);
		break;
	case CONTROL_PEER:
		take_peer(n, frame);
		break;
	case CONTROL_PING:
		control_answer_ping(n->control);
		break;
	default:
		log_warning("the supervisor sent a frame of unknown type %u", frame->type);
	}
}

static void on_control(void *context, short revents)
{
	struct notifier *n = context;
	struct frame frame;

	(void)revents;
	for (;;) {
		enum channel_result result = channel_receive(n->control, &frame);

		if (result == CHANNEL_EMPTY)
			return;
		/* Without a supervisor nobody would replace what dies: all of it ends. */
		if (result != CHANNEL_FRAME || frame.type == CONTROL_STOP) {
			if (result == CHANNEL_FRAME)
				frame_close(&frame);
			loop_stop(n->loop);
			return;
		}
		take_control(n, &frame);
		frame_close(&frame);
	}
}

int notifier_main(int control_fd, int starter)
{
	struct notifier n = {.loop = loop_create(), .control = channel_create(control_fd)};
	bool ok;

	/* Ctrl-C goes to the whole group; the supervisor says when to stop. A receiver that closes
	 * early must not end all others' sends. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	n.parts = (struct notifier_parts){n.loop, &n.config, answer, fail, &n};
	n.sends = sends_create(&n.parts, starter);
	n.prober = prober_create(&n.parts);
	n.control_watch = loop_add(n.loop, control_fd, POLLIN, on_control, &n);
	ok = loop_run(n.loop) && !n.failed;
	disconnect_server(&n);
	sends_destroy(&n.sends);
	prober_destroy(&n.prober);
	loop_remove(&n.control_watch);
	channel_destroy(&n.control);
	loop_destroy(&n.loop);
	role_config_free(&n.config);
	return ok ? 0 : 1;
}
