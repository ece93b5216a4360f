/* Packets in and out of one socket pair. What the socket does not take waits in a list, with copies
 * of its descriptors, and goes out in order; what is received is checked to be one whole frame. */
#include "wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"

struct queued {
	struct queued *next;
	struct buffer bytes;
	int fds[WIRE_FDS_MAX];
	size_t fd_count;
};

struct channel {
	int fd;
	bool closed;
	struct queued *first, **last;
	size_t queued;
	struct ucred sender;	     /* of the last frame received; pid 0: not known */
	char in[WIRE_FRAME_MAX + 1]; /* one more, so that a longer packet is noticed */
};

bool channel_pair(int fds[2], struct error *err)
{
	/* Packets and not a stream: one that is bad spoils none that follows, and descriptors stay
	 * with their frame. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
		return error_set_errno(err, "io_error", errno, "socketpair");
	return true;
}

struct channel *channel_create(int fd)
{
	struct channel *channel = memory_zero(1, sizeof(*channel));

	fd_set_nonblocking(fd, true);
	fd_set_cloexec(fd, true);
	channel->fd = fd;
	channel->last = &channel->first;
	return channel;
}

static void drop_first(struct channel *channel)
{
	struct queued *q = channel->first;

	channel->first = q->next;
	/* What waits goes first: frames arrive in the order in which they were sent. */
	if (channel->first == NULL)
		channel->last = &channel->first;
	channel->queued -= q->bytes.len;
	for (size_t i = 0; i < q->fd_count; i++)
		fd_close(&q->fds[i]);
	buffer_free(&q->bytes);
	free(q);
}

void channel_destroy(struct channel **pointer)
{
	struct channel *channel = *pointer;

	if (channel == NULL)
		return;
	while (channel->first != NULL)
		drop_first(channel);
	fd_close(&channel->fd);
	free(channel);
	*pointer = NULL;
}

int channel_fd(const struct channel *channel)
{
	return channel->fd;
}

/* 1 sent, 0 would block, -1 the peer is gone. */
static int send_packet(int fd, const struct buffer *bytes, const int *fds, size_t fd_count)
{
	union {
		char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {bytes->data, bytes->len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n;

	if (fd_count > 0) {
		struct cmsghdr *header;

		memset(&control, 0, sizeof(control));
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
	}
	/* A peer that died is an error to deal with, and no signal that ends this process. */
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 1;
	/* ETOOMANYREFS: too many descriptors under way; the peer has to take some first. */
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS
		   ? 0
		   : -1;
}

static void enqueue(
    struct channel *channel, const struct buffer *frame, const int *fds, size_t fd_count)
{
	struct queued *q = memory_zero(1, sizeof(*q));

	buffer_append(&q->bytes, frame->data, frame->len);
	for (size_t i = 0; i < fd_count; i++) {
		/* One that cannot be duplicated is missing at the peer, and so are all after it:
		 * what is said of number N must never be taken for number N + 1. */
		int copy = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);

		if (copy < 0)
			break;
		q->fds[q->fd_count++] = copy;
	}
	*channel->last = q;
	channel->last = &q->next;
	channel->queued += q->bytes.len;
}

bool channel_send(
    struct channel *channel, const struct buffer *frame, const int *fds, size_t fd_count)
{
	int sent = 0;

	if (frame->len > WIRE_FRAME_MAX || frame->len < WIRE_HEADER_SIZE ||
	    fd_count > WIRE_FDS_MAX || channel->closed)
		return false;
	if (channel->first == NULL)
		sent = send_packet(channel->fd, frame, fds, fd_count);
	if (sent < 0) {
		channel->closed = true;
		return false;
	}
	if (sent == 0)
		enqueue(channel, frame, fds, fd_count);
	return true;
}

bool channel_flush(struct channel *channel)
{
	while (channel->first != NULL && !channel->closed) {
		struct queued *q = channel->first;
		int sent = send_packet(channel->fd, &q->bytes, q->fds, q->fd_count);

		if (sent == 0)
			return true;
		if (sent < 0)
			channel->closed = true;
		else
			drop_first(channel);
	}
	return !channel->closed;
}

bool channel_wants_write(const struct channel *channel)
{
	return channel->first != NULL && !channel->closed;
}

size_t channel_queued(const struct channel *channel)
{
	return channel->queued;
}

bool channel_know_sender(struct channel *channel, bool on)
{
	int value = on;

	return setsockopt(channel->fd, SOL_SOCKET, SO_PASSCRED, &value, sizeof(value)) == 0;
}

bool channel_sender(const struct channel *channel, struct ucred *sender)
{
	*sender = channel->sender;
	return sender->pid != 0;
}

static void take_control(struct msghdr *message, struct frame *frame, struct ucred *sender)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h != NULL; h = CMSG_NXTHDR(message, h)) {
		size_t count;

		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_CREDENTIALS)
			memcpy(sender, CMSG_DATA(h), sizeof(*sender));
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		/* Taken whatever the frame is: descriptors that nobody looks at would stay open for
		 * good. */
		count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(frame->fds, CMSG_DATA(h), count * sizeof(int));
		frame->fd_count = count;
	}
}

enum channel_result channel_receive(struct channel *channel, struct frame *frame)
{
	union {
		char bytes[CMSG_SPACE(WIRE_FDS_MAX * sizeof(int)) +
			   CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec part = {channel->in, sizeof(channel->in)};
	struct msghdr message = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	frame->fd_count = 0;
	/* Closed on exec from the first moment: the helper forks for its tools at any time. */
	do
		n = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return CHANNEL_EMPTY;
	if (n <= 0)
		return CHANNEL_CLOSED;
	/* Of this frame alone, never of one before it. */
	channel->sender = (struct ucred){0};
	take_control(&message, frame, &channel->sender);
	/* A frame that lost bytes or descriptors on its way is none, even where its beginning makes
	 * sense. */
	if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || (size_t)n > WIRE_FRAME_MAX ||
	    !frame_parse(channel->in, (size_t)n, frame)) {
		frame_close(frame);
		return CHANNEL_BAD;
	}
	return CHANNEL_FRAME;
}

bool channel_wait(struct channel *channel, int timeout_ms)
{
	for (;;) {
		struct pollfd p = {channel->fd, POLLIN, 0};
		int n;

		if (channel_wants_write(channel))
			p.events |= POLLOUT;
		n = poll(&p, 1, timeout_ms);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if ((p.revents & POLLOUT) != 0 && !channel_flush(channel))
			return false;
		if ((p.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			return true;
	}
}
