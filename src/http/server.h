/* HTTP/1.1 on listening sockets that somebody else opened. One request at a time on a connection;
 * bytes pass gate.h before anything else looks at them. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <uv.h>

#include "http/router.h"

struct http_server;

/* Connections at once. When there are more, the oldest one that waits for a request makes room. */
#define HTTP_CONNECTIONS_MAX 1024
/* Of these, so many are for Unix sockets alone: whoever takes the whole port must not keep the
 * people of the host from the command line. */
#define HTTP_CONNECTIONS_UNIX 64
/* Of those from outside (TCP, and proxies at the Unix socket), so many for people who have not
 * shown who they are, and so many bytes of what they have sent. Beyond that one of them is closed
 * (listen.c), so strangers cannot take the room of anybody else, nor keep each other out. */
#define HTTP_CONNECTIONS_STRANGERS 512
#define HTTP_STRANGERS_BYTES ((size_t)6 << 20)
/* When there are so many, each gets one answer on a connection, so that those who wait to be heard
 * for the first time come before the next request of those who were. */
#define HTTP_STRANGERS_CROWD 128
/* Connections taken in one turn of the loop (a millisecond), so that those who have sent a request
 * are heard between two waves of a flood. */
#define HTTP_ACCEPTS_PER_TURN 128
/* That wait in the kernel to be taken. */
#define HTTP_BACKLOG 4096
/* From the first byte of a request to the end of its head, then between two pieces of its body. */
#define HTTP_HEAD_TIMEOUT_MS 15000
#define HTTP_BODY_TIMEOUT_MS 30000
/* Between two requests. */
#define HTTP_IDLE_TIMEOUT_MS 60000
/* A client that does not take its answer. */
#define HTTP_WRITE_TIMEOUT_MS 60000

struct http_server *http_server_create(uv_loop_t *loop, struct http_router *router);
/* Closes listeners and connections; the memory is freed when the loop has run their close
 * callbacks. */
void http_server_destroy(struct http_server **server);

/* Speaks TLS on TCP listeners, with these PEM files; called before any connection, and again when
 * the files may be others. False with tls_failed: then the certificate before it goes on, and
 * without one TCP connections are closed at once, rather than served without TLS. */
bool http_server_use_tls(
    struct http_server *server, const char *certificate, const char *key, struct error *err);
/* Whether there is a certificate that TCP is served with. */
bool http_server_has_tls(const struct http_server *server);

/* Ends what is under way for each caller of whom `ended` says that he may not be here any more:
 * streams and answers stop where they are, and who waits for one gets none. Not `but`, his own
 * request, which still gets its answer (NULL: none). */
typedef bool http_ended(void *context, const struct caller *caller);
void http_server_end(
    struct http_server *server, const struct http_request *but, http_ended *ended, void *context);
/* holders_each of those who have come by its listeners. */
void http_server_people(const struct http_server *server,
    void (*each)(void *context, const struct http_person *person), void *context);

enum http_listen_kind { HTTP_LISTEN_TCP, HTTP_LISTEN_UNIX };
/* Takes the listening descriptor over. */
bool http_server_listen(
    struct http_server *server, int fd, enum http_listen_kind kind, struct error *err);

#endif
