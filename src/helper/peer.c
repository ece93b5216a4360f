/* Receives the frames of each peer, a few a turn, and sends it answers. What a frame means, and
 * what ends with a peer, is given by whoever runs the helper (peer_events). */
#include "helper/peer.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/memory.h"

/* A peer that does not take its answers is cut off before they eat the memory. */
#define PEER_QUEUE_MAX ((size_t)64 << 20)
/* Every refusal of a bad frame is logged up to here; a peer that goes on is not worth more lines.
 */
#define BAD_FRAMES_LOGGED 20
/* Frames answered before the other descriptors get their turn. */
#define FRAMES_AT_ONCE 16

/* Whoever does not take answers is not asked for more questions: each may cost 253 descriptors. */
static void update_events(struct peer *peer)
{
	loop_events(peer->watch, channel_wants_write(peer->channel) ? POLLOUT : POLLIN);
}

void peer_send(struct peer *peer, const struct buffer *frame, const int *fds, size_t fd_count)
{
	if (channel_queued(peer->channel) < PEER_QUEUE_MAX)
		(void)channel_send(peer->channel, frame, fds, fd_count);
	else
		shutdown(channel_fd(peer->channel), SHUT_RDWR); /* its watch closes it */
	update_events(peer);
}

void peer_refuse(struct peer *peer, uint32_t request, const char *code, const char *text)
{
	BUFFER_AUTO struct buffer frame = {0};

	helper_refused_encode(&frame, request, code, text);
	peer_send(peer, &frame, NULL, 0);
}

void peer_refuse_error(struct peer *peer, uint32_t request, const struct error *err)
{
	peer_refuse(peer, request, err->code, err->text);
}

void peer_stream(struct peer *peer, uint32_t request, int fd)
{
	BUFFER_AUTO struct buffer frame = {0};

	helper_plain_encode(&frame, HELPER_STREAM, request);
	peer_send(peer, &frame, &fd, 1);
}

struct peer_ref peer_ref(const struct peer *peer, uint32_t request)
{
	return (struct peer_ref){peer->role, peer->serial, request};
}

struct peer *peer_of(struct helper *helper, const struct peer_ref *ref)
{
	struct peer *peer = helper->peers[ref->role];

	return peer != NULL && peer->serial == ref->serial ? peer : NULL;
}

void peer_complain(struct peer *peer, const char *what)
{
	if (peer->bad_frames < BAD_FRAMES_LOGGED)
		log_warning("%s from the %s was refused", what, control_role_name(peer->role));
	peer->bad_frames++;
}

static void on_ready(void *context, short revents)
{
	struct peer *peer = context;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		(void)channel_flush(peer->channel);
	if ((revents & (POLLHUP | POLLERR)) != 0 && channel_wants_write(peer->channel)) {
		peer_close(&peer->helper->peers[peer->role]); /* nobody takes what waits */
		return;
	}
	update_events(peer);
	if ((revents & (POLLIN | POLLHUP | POLLERR)) == 0)
		return;
	for (int i = 0; i < FRAMES_AT_ONCE && !channel_wants_write(peer->channel); i++) {
		switch (channel_receive(peer->channel, &frame)) {
		case CHANNEL_FRAME:
			peer->helper->peer_events->frame(peer, &frame);
			frame_close(&frame);
			break;
		case CHANNEL_BAD:
			peer_complain(peer, "a packet that is no frame");
			break;
		case CHANNEL_EMPTY:
			return;
		case CHANNEL_CLOSED:
			peer_close(&peer->helper->peers[peer->role]);
			return;
		}
	}
}

void peer_open(struct helper *helper, enum control_role role, int fd)
{
	static uint64_t serial;
	struct peer *peer = memory_zero(1, sizeof(*peer));

	peer_close(&helper->peers[role]);
	*peer = (struct peer){
	    .helper = helper, .role = role, .channel = channel_create(fd), .serial = ++serial};
	peer->watch = loop_add(helper->loop, fd, POLLIN, on_ready, peer);
	helper->peers[role] = peer;
}

void peer_close(struct peer **pointer)
{
	struct peer *peer = *pointer;

	if (peer == NULL)
		return;
	*pointer = NULL;
	loop_remove(&peer->watch);
	channel_destroy(&peer->channel);
	peer->helper->peer_events->gone(peer);
	free(peer);
}
