/* Listening sockets, and the beginning of connections. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/memory.h"
#include "http/connection.h"

static void name_tcp_peer(struct http_connection *c)
{
	struct sockaddr_storage address;
	int len = sizeof(address), port = 0;
	char host[INET6_ADDRSTRLEN] = "?";

	if (uv_tcp_getpeername(&c->handle.tcp, (struct sockaddr *)&address, &len) == 0) {
		uv_ip_name((const struct sockaddr *)&address, host, sizeof(host));
		port = ntohs(address.ss_family == AF_INET6
				 ? ((struct sockaddr_in6 *)&address)->sin6_port
				 : ((struct sockaddr_in *)&address)->sin_port);
	}
	snprintf(c->peer, sizeof(c->peer), "%s:%d", host, port);
}

static void name_unix_peer(struct http_connection *c)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	uv_os_fd_t fd;

	if (uv_fileno(&c->handle.handle, &fd) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		c->socket_peer =
		    (struct http_socket_peer){true, cred.uid, cred.gid, (uint32_t)cred.pid};
	snprintf(c->peer, sizeof(c->peer), "unix:uid=%u", c->socket_peer.uid);
}

static struct http_connection *connection_create(struct listener *l)
{
	struct http_connection *c = memory_zero(1, sizeof(*c));

	c->server = l->server;
	c->kind = l->kind;
	if (l->kind == HTTP_LISTEN_TCP)
		uv_tcp_init(l->server->loop, &c->handle.tcp);
	else
		uv_pipe_init(l->server->loop, &c->handle.pipe, 0);
	uv_timer_init(l->server->loop, &c->timer);
	c->open_handles = 2;
	c->handle.handle.data = c;
	c->timer.data = c;
	c->next = l->server->connections;
	c->previous = &l->server->connections;
	if (c->next != NULL)
		c->next->previous = &c->next;
	l->server->connections = c;
	l->server->connection_count++;
	return c;
}

static size_t connections_max(enum http_listen_kind kind)
{
	return kind == HTTP_LISTEN_TCP ? HTTP_CONNECTIONS_MAX - HTTP_CONNECTIONS_UNIX
				       : HTTP_CONNECTIONS_MAX;
}

/* Whether it is the client's turn to send something. */
static bool waits_for_client(const struct http_connection *c)
{
	return c->state == CONNECTION_HEAD ||
	       (c->state == CONNECTION_REQUEST && c->request->stage == HTTP_STAGE_BODY);
}

/* False when all others are at work: else the oldest of those that wait for a request, which may be
 * held by somebody who never sends one, makes room for the new one. */
static bool make_room(struct http_connection *new)
{
	struct http_connection *oldest = NULL; /* the list begins with the newest */

	if (new->server->connection_count <= connections_max(new->kind))
		return true;
	for (struct http_connection *c = new->next; c != NULL; c = c->next)
		if (c->kind == new->kind && waits_for_client(c))
			oldest = c;
	if (oldest != NULL)
		connection_close(oldest);
	return oldest != NULL;
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct listener *l = stream->data;
	struct http_connection *c;

	if (status < 0) {
		log_warning("cannot accept a connection: %s", uv_strerror(status));
		return;
	}
	c = connection_create(l);
	if (uv_accept(stream, &c->handle.stream) != 0 || !make_room(c) ||
	    (l->server->refuse_tcp && l->kind == HTTP_LISTEN_TCP)) {
		connection_close(c);
		return;
	}
	if (l->kind == HTTP_LISTEN_TCP && l->server->tls != NULL)
		c->tls = tls_create(l->server->tls);
	if (l->kind == HTTP_LISTEN_TCP) {
		uv_tcp_nodelay(&c->handle.tcp, 1);
		name_tcp_peer(c);
	} else {
		name_unix_peer(c);
	}
	connection_begin(c);
}

struct http_server *http_server_create(uv_loop_t *loop, struct http_router *router)
{
	struct http_server *server = memory_zero(1, sizeof(*server));

	server->loop = loop;
	server->router = router;
	return server;
}

bool http_server_use_tls(
    struct http_server *server, const char *certificate, const char *key, struct error *err)
{
	tls_server_destroy(&server->tls);
	server->tls = tls_server_create(certificate, key, err);
	server->refuse_tcp = server->tls == NULL;
	return !server->refuse_tcp;
}

static void on_listener_closed(uv_handle_t *handle)
{
	free(handle->data);
}

bool http_server_listen(
    struct http_server *server, int fd, enum http_listen_kind kind, struct error *err)
{
	struct listener *l = memory_zero(1, sizeof(*l));
	int failed;

	l->server = server;
	l->kind = kind;
	if (kind == HTTP_LISTEN_TCP)
		uv_tcp_init(server->loop, &l->handle.tcp);
	else
		uv_pipe_init(server->loop, &l->handle.pipe, 0);
	l->handle.stream.data = l;
	failed = kind == HTTP_LISTEN_TCP ? uv_tcp_open(&l->handle.tcp, fd)
					 : uv_pipe_open(&l->handle.pipe, fd);
	if (failed == 0)
		failed = uv_listen(&l->handle.stream, 128, on_connection);
	if (failed != 0) {
		uv_close((uv_handle_t *)&l->handle.stream, on_listener_closed);
		return error_set(err, "io_error", "cannot listen: %s", uv_strerror(failed));
	}
	l->next = server->listeners;
	server->listeners = l;
	return true;
}

void http_server_destroy(struct http_server **server)
{
	struct http_server *s = *server;

	if (s == NULL)
		return;
	while (s->connections != NULL) {
		struct http_connection *c = s->connections;
		connection_close(c);
		c->server = NULL;
	}
	while (s->listeners != NULL) {
		struct listener *l = s->listeners;
		s->listeners = l->next;
		uv_close((uv_handle_t *)&l->handle.stream, on_listener_closed);
	}
	tls_server_destroy(&s->tls);
	free(s);
	*server = NULL;
}
