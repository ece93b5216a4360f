/* Sessions are smtp_session.h's; here are sockets, lines and the poll loop. */
#include "demo/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "demo/smtp_session.h"

/* More at once than Postfix's own limits let come (20 for each destination). */
#define CONNECTIONS_MAX 512
/* A line of mail content may be this long before it counts as finished. */
#define LINE_MAX_BYTES ((size_t)64 << 10)
#define READ_BYTES 16384

struct connection {
	int fd;
	struct smtp_session session;
	struct buffer input;
};

struct sink {
	const struct sink_listener *listeners;
	size_t listener_count;
	struct connection connections[CONNECTIONS_MAX];
	size_t connection_count;
	struct smtp_session_seen seen;
};

static void drop(struct sink *sink, size_t i)
{
	struct connection *c = &sink->connections[i];

	fd_close(&c->fd);
	smtp_session_free(&c->session);
	buffer_free(&c->input);
	/* The last one takes the place: the array has no gaps. */
	*c = sink->connections[--sink->connection_count];
}

/* One a round is enough, as poll comes back at once when more wait. */
static void accept_one(struct sink *sink, const struct sink_listener *listener)
{
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct connection *c = &sink->connections[sink->connection_count];

	if (fd < 0)
		return;
	if (sink->connection_count == CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	sink->connection_count++;
	*c = (struct connection){.fd = fd};
	smtp_session_start(&c->session, listener->host, &sink->seen, clock_monotonic_ms());
}

static void consume_lines(struct connection *c, int64_t now)
{
	for (;;) {
		struct slice input = buffer_slice(&c->input);
		ptrdiff_t end = slice_find_char(input, '\n');
		struct slice line;
		if (end < 0)
			break;
		line = slice_first(input, (size_t)end);
		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		smtp_session_line(&c->session, line, now);
		buffer_consume(&c->input, (size_t)end + 1);
	}
	/* Nothing is kept of mail: a long line is only passed over. */
	if (c->input.len > LINE_MAX_BYTES)
		buffer_clear(&c->input);
}

/* False when the connection is over. */
static bool read_some(struct connection *c, int64_t now)
{
	ssize_t n = read(c->fd, buffer_reserve(&c->input, READ_BYTES), READ_BYTES);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->input.len += (size_t)n;
	consume_lines(c, now);
	return true;
}

static bool write_some(struct connection *c, int64_t now)
{
	struct buffer *replies = &c->session.replies;
	ssize_t n;

	/* A slow host holds its answer back for a while, and the message stays active. */
	if (replies->len == 0 || c->session.hold_until > now)
		return true;
	c->session.hold_until = 0;
	n = send(c->fd, replies->data, replies->len, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buffer_consume(replies, (size_t)n);
	return replies->len > 0 || !c->session.closing;
}

/* Reading goes on while an answer is held back: the client may hang up. */
static short wanted(const struct connection *c, int64_t now, int *timeout)
{
	if (c->session.replies.len == 0)
		return POLLIN;
	if (c->session.hold_until > now) {
		int64_t left = c->session.hold_until - now;
		if (*timeout < 0 || left < *timeout)
			*timeout = (int)left;
		return POLLIN;
	}
	return POLLIN | POLLOUT;
}

static void serve_ready(struct sink *sink, struct pollfd *polled, size_t connections)
{
	int64_t now = clock_monotonic_ms();

	/* From the last, because drop() puts the last in the place of a gone one. */
	for (size_t i = connections; i-- > 0;) {
		struct connection *c = &sink->connections[i];
		short events = polled[sink->listener_count + i].revents;
		bool alive = (events & (POLLERR | POLLNVAL)) == 0;
		if (alive && (events & (POLLIN | POLLHUP)) != 0)
			alive = read_some(c, now);
		if (!alive || !write_some(c, now))
			drop(sink, i);
	}
	for (size_t i = 0; i < sink->listener_count; i++)
		if ((polled[i].revents & POLLIN) != 0)
			accept_one(sink, &sink->listeners[i]);
}

/* A host that drops never accepts: its backlog is full (see network.c). poll ignores -1. */
static int accepting_fd(const struct sink_listener *listener)
{
	return listener->host->kind == WORLD_DROPS ? -1 : listener->fd;
}

_Noreturn void sink_run(const struct sink_listener *listeners, size_t count)
{
	struct sink *sink = memory_zero(1, sizeof(*sink));
	struct pollfd *polled = memory_zero(count + CONNECTIONS_MAX, sizeof(*polled));

	sink->listeners = listeners;
	sink->listener_count = count;
	for (;;) {
		size_t connections = sink->connection_count;
		int timeout = -1;
		int64_t now = clock_monotonic_ms();
		for (size_t i = 0; i < count; i++)
			polled[i] = (struct pollfd){accepting_fd(&listeners[i]), POLLIN, 0};
		for (size_t i = 0; i < connections; i++)
			polled[count + i] = (struct pollfd){sink->connections[i].fd,
			    wanted(&sink->connections[i], now, &timeout), 0};
		if (poll(polled, count + connections, timeout) < 0 && errno != EINTR)
			abort();
		serve_ready(sink, polled, connections);
	}
}
