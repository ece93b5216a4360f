/* Listening sockets, and the beginning of connections. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/connection.h"
#include "http/crowd.h"

/* A socket for both families shows IPv4 callers as ::ffff:1.2.3.4: each is one of his own, and has
 * the name by which he is known elsewhere. */
static void unmap(struct sockaddr_storage *address)
{
	const struct sockaddr_in6 v6 = *(const struct sockaddr_in6 *)address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;

	if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
		return;
	*v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = v6.sin6_port};
	memcpy(&v4->sin_addr, v6.sin6_addr.s6_addr + 12, sizeof(v4->sin_addr));
}

/* Whoever has one IPv6 address has all of its /64. Keyed: else somebody could choose addresses that
 * share a place, and be counted as another. */
static uint64_t address_hash(
    const struct http_connection *c, const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;

	return address->ss_family == AF_INET6
		   ? hash_bytes(&c->server->key, slice_make((const char *)&v6->sin6_addr, 8))
		   : hash_bytes(&c->server->key,
			 slice_make((const char *)&v4->sin_addr, sizeof(v4->sin_addr)));
}

static void name_tcp_peer(struct http_connection *c)
{
	struct sockaddr_storage address = {0};
	int len = sizeof(address), port = 0;
	char host[INET6_ADDRSTRLEN] = "?";

	if (uv_tcp_getpeername(&c->handle.tcp, (struct sockaddr *)&address, &len) == 0) {
		unmap(&address);
		uv_ip_name((const struct sockaddr *)&address, host, sizeof(host));
		port = ntohs(address.ss_family == AF_INET6
				 ? ((struct sockaddr_in6 *)&address)->sin6_port
				 : ((struct sockaddr_in *)&address)->sin_port);
	}
	snprintf(c->peer, sizeof(c->peer), "%s:%d", host, port);
	c->address = address_hash(c, &address);
}

static void name_unix_peer(struct http_connection *c)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	uv_os_fd_t fd;

	/* The kernel's word, from when the client connected. Nothing that the client sends can
	 * change it. */
	if (uv_fileno(&c->handle.handle, &fd) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		c->socket_peer =
		    (struct http_socket_peer){true, cred.uid, cred.gid, (uint32_t)cred.pid};
	snprintf(c->peer, sizeof(c->peer), "unix:uid=%u", c->socket_peer.uid);
	if (!c->socket_peer.known || !http_router_is_proxy(c->server->router, c->socket_peer.uid))
		return;
	/* All who come through it are one address here: they push each other out first. */
	c->outside = true;
	c->server->stranger_count++;
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
	/* At the front, so that the list has the newest first. */
	c->next = l->server->connections;
	c->previous = &l->server->connections;
	if (c->next != NULL)
		c->next->previous = &c->next;
	l->server->connections = c;
	l->server->connection_count++;
	/* Every connection begins as a stranger's, but for those over the Unix socket. */
	c->outside = l->kind == HTTP_LISTEN_TCP;
	l->server->stranger_count += c->outside;
	return c;
}

/* Some are kept for the Unix socket: the operator gets in, however many have come from outside. */
static size_t connections_max(bool outside)
{
	return outside ? HTTP_CONNECTIONS_MAX - HTTP_CONNECTIONS_UNIX : HTTP_CONNECTIONS_MAX;
}

/* False when all others are at work: else the oldest of those that wait for a request makes room.
 */
static bool make_room(struct http_connection *new)
{
	struct http_server *server = new->server;
	struct http_connection *oldest = NULL;

	connection_bound_strangers(new);
	if (server->connection_count <= connections_max(new->outside))
		return true;
	for (struct http_connection *c = new->next; c != NULL; c = c->next)
		/* The list begins with the newest, so the last one that fits is the oldest. */
		if (c->outside == new->outside && crowd_waits_for_client(c))
			oldest = c;
	if (oldest != NULL)
		connection_close(oldest);
	return oldest != NULL;
}

static void accept_one(struct listener *l)
{
	struct http_connection *c = connection_create(l);

	/* The client may have gone while it waited for its turn. */
	if (uv_accept(&l->handle.stream, &c->handle.stream) != 0) {
		connection_close(c);
		return;
	}
	if (l->kind == HTTP_LISTEN_TCP)
		name_tcp_peer(c);
	else
		name_unix_peer(c);
	if (!make_room(c) || (l->server->refuse_tcp && l->kind == HTTP_LISTEN_TCP)) {
		connection_close(c);
		return;
	}
	if (l->kind == HTTP_LISTEN_TCP && l->server->tls != NULL)
		c->tls = tls_create(l->server->tls);
	if (l->kind == HTTP_LISTEN_TCP)
		/* An event is small and goes out at once. */
		uv_tcp_nodelay(&c->handle.tcp, 1);
	connection_begin(c);
}

static void on_turn(uv_timer_t *timer)
{
	struct http_server *server = timer->data;

	for (struct listener *l = server->listeners; l != NULL; l = l->next)
		if (l->waiting) {
			l->waiting = false;
			accept_one(l);
		}
}

/* Whether it is the next turn's business. libuv takes no further connection before this one was
 * accepted. */
static bool waits_for_turn(struct listener *l)
{
	struct http_server *server = l->server;

	if (l->kind != HTTP_LISTEN_TCP)
		return false;
	if (server->turn_ms != uv_now(server->loop)) {
		/* libuv's clock stands still within a turn, so its value names the turn. */
		server->turn_ms = uv_now(server->loop);
		server->accepted = 0;
	}
	if (server->accepted++ < HTTP_ACCEPTS_PER_TURN)
		return false;
	l->waiting = true;
	uv_timer_start(&server->turn, on_turn, 1, 0);
	return true;
}

static void on_connection(uv_stream_t *stream, int status)
{
	static struct log_limit limit;
	struct listener *l = stream->data;

	if (status < 0)
		log_limited(&limit, LOG_LEVEL_WARNING, "cannot accept a connection: %s",
		    uv_strerror(status));
	else if (!waits_for_turn(l))
		accept_one(l);
}

struct http_server *http_server_create(uv_loop_t *loop, struct http_router *router)
{
	struct http_server *server = memory_zero(1, sizeof(*server));

	server->loop = loop;
	server->router = router;
	server->key = hash_key_random();
	server->holders = holders_create();
	server->scratch = memory_alloc(HTTP_READ_SIZE);
	uv_timer_init(loop, &server->turn);
	server->turn.data = server;
	return server;
}

bool http_server_use_tls(
    struct http_server *server, const char *certificate, const char *key, struct error *err)
{
	struct tls_server *fresh = tls_server_create(certificate, key, err);

	if (fresh != NULL) {
		tls_server_destroy(&server->tls);
		server->tls = fresh;
	}
	/* Never in the clear where a certificate was wanted. */
	server->refuse_tcp = server->tls == NULL;
	return fresh != NULL;
}

bool http_server_has_tls(const struct http_server *server)
{
	return server->tls != NULL;
}

static void on_listener_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void http_server_people(const struct http_server *server,
    void (*each)(void *context, const struct http_person *person), void *context)
{
	holders_each(server->holders, each, context);
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
	/* Bound by the supervisor, as root; libuv only takes it over. */
	failed = kind == HTTP_LISTEN_TCP ? uv_tcp_open(&l->handle.tcp, fd)
					 : uv_pipe_open(&l->handle.pipe, fd);
	if (failed == 0)
		failed = uv_listen(&l->handle.stream, HTTP_BACKLOG, on_connection);
	if (failed != 0) {
		uv_close((uv_handle_t *)&l->handle.stream, on_listener_closed);
		return error_set(err, "io_error", "cannot listen: %s", uv_strerror(failed));
	}
	l->next = server->listeners;
	server->listeners = l;
	return true;
}

static void on_server_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void http_server_destroy(struct http_server **server)
{
	struct http_server *s = *server;

	if (s == NULL)
		return;
	while (s->connections != NULL) {
		struct http_connection *c = s->connections;
		connection_close(c);
		/* It is freed in a later turn of the loop, when the server is gone. */
		c->server = NULL;
	}
	while (s->listeners != NULL) {
		struct listener *l = s->listeners;
		s->listeners = l->next;
		uv_close((uv_handle_t *)&l->handle.stream, on_listener_closed);
	}
	tls_server_destroy(&s->tls);
	holders_destroy(&s->holders);
	free(s->scratch);
	uv_close((uv_handle_t *)&s->turn, on_server_closed);
	*server = NULL;
}
