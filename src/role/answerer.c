/* Frames of the server are taken a few at a time; those of the supervisor all at once. */
#include "role/answerer.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "wire/control_channel.h"

/* Frames of the server that are taken before what is under way gets its turn. */
#define FRAMES_AT_ONCE 16

struct answerer {
	struct answerer_work work;
	struct loop *loop;
	struct channel *control, *server;
	struct loop_watch *control_watch, *server_watch;
};

/* ---- the server ---- */

static void disconnect_server(struct answerer *a)
{
	loop_remove(&a->server_watch);
	channel_destroy(&a->server);
	a->work.drop(a->work.context);
}

static void watch_server(struct answerer *a)
{
	if (a->server_watch != NULL)
		loop_events(
		    a->server_watch, channel_wants_write(a->server) ? POLLIN | POLLOUT : POLLIN);
}

static void on_server(void *context, short revents)
{
	struct answerer *a = context;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		(void)channel_flush(a->server);
	for (unsigned i = 0; i < FRAMES_AT_ONCE; i++) {
		enum channel_result result = channel_receive(a->server, &frame);

		if (result == CHANNEL_EMPTY)
			break;
		if (result != CHANNEL_FRAME) {
			disconnect_server(a);
			return;
		}
		a->work.take(a->work.context, &frame);
		frame_close(&frame);
	}
	watch_server(a);
}

void answerer_send(struct answerer *a, const struct buffer *frame)
{
	/* One that is gone is noticed when its channel is read. */
	if (a->server != NULL)
		(void)channel_send(a->server, frame, NULL, 0);
	watch_server(a);
}

/* ---- the supervisor ---- */

static void take_config(void *context, const struct frame *frame)
{
	struct answerer *a = context;
	struct role_config fresh = {0};

	if (a->work.config == NULL)
		return;
	if (!role_config_decode(frame, &fresh)) {
		log_error("the supervisor sent a malformed configuration");
		return;
	}
	role_config_free(a->work.config);
	*a->work.config = fresh;
}

static void take_peer(void *context, struct frame *frame)
{
	struct answerer *a = context;
	struct control_peer peer;
	int fd;

	if (!control_peer_decode(frame, &peer) || peer.role != CONTROL_ROLE_SERVER ||
	    (fd = frame_take_fd(frame, 0)) < 0) {
		log_error("the supervisor sent a malformed peer");
		return;
	}
	disconnect_server(a);
	a->server = channel_create(fd);
	a->server_watch = loop_add(a->loop, fd, POLLIN, on_server, a);
}

static void on_control(void *context, short revents)
{
	struct answerer *a = context;

	(void)revents;
	if (!control_take(a->control, &(struct control_taker){take_config, take_peer, a}))
		loop_stop(a->loop);
}

/* ---- its life ---- */

struct answerer *answerer_create(int control_fd, const struct answerer_work *work)
{
	struct answerer *a = memory_zero(1, sizeof(*a));

	/* Ctrl-C goes to the whole group; the supervisor says when to stop. A receiver that closes
	 * early must not end all others' answers. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	a->work = *work;
	a->loop = loop_create();
	a->control = channel_create(control_fd);
	a->control_watch = loop_add(a->loop, control_fd, POLLIN, on_control, a);
	return a;
}

struct loop *answerer_loop(const struct answerer *a)
{
	return a->loop;
}

bool answerer_run(struct answerer *a)
{
	bool ok = loop_run(a->loop);

	disconnect_server(a);
	return ok;
}

void answerer_destroy(struct answerer **pointer)
{
	struct answerer *a = *pointer;

	if (a == NULL)
		return;
	loop_remove(&a->server_watch);
	channel_destroy(&a->server);
	loop_remove(&a->control_watch);
	channel_destroy(&a->control);
	loop_destroy(&a->loop);
	free(a);
	*pointer = NULL;
}
