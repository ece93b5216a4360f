/* A few lines of HTTP over the service's Unix socket: whether it lives, and a login link. */
#include "demo/login.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"

#define SILENCE_SECONDS 10
#define REPLY_MAX ((size_t)64 << 10)

/* A day: whoever looks at the demo later starts it again. */
static const char link_body[] = "{\"name\":\"demo\",\"role\":\"admin\",\"valid_seconds\":86400}";

static int connect_to(const char *socket_path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval silence = {.tv_sec = SILENCE_SECONDS};
	FD_AUTO int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	if (strlen(socket_path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	result = fd;
	fd = -1;
	return result;
}

static bool exchange(
    const char *socket_path, const char *request, struct buffer *reply, struct error *err)
{
	FD_AUTO int fd = connect_to(socket_path);

	if (fd < 0 || !fd_write_all(fd, request, strlen(request)))
		return error_set_errno(err, "io_error", errno, "%s", socket_path);
	return fd_read_all(fd, REPLY_MAX, reply, err);
}

bool login_alive(const char *socket_path)
{
	BUFFER_AUTO struct buffer reply = {0};

	return exchange(socket_path,
		   "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", &reply,
		   NULL) &&
	       slice_starts_with(buffer_slice(&reply), "HTTP/1.1 200");
}

/* The reply is our own service's: `"path":"/#login=..."`, the secret in URL-safe characters. */
static bool find_path(struct slice reply, char path[LOGIN_PATH_SIZE])
{
	ptrdiff_t at = slice_find(reply, SLICE("/#login="));
	struct slice rest = at < 0 ? SLICE("") : slice_from(reply, (size_t)at);
	ptrdiff_t end = slice_find_char(rest, '"');

	if (end < 0 || end >= LOGIN_PATH_SIZE)
		return false;
	memcpy(path, rest.data, (size_t)end);
	path[end] = '\0';
	return true;
}

/* By the socket, where root needs no token. */
bool login_link(const char *socket_path, char path[LOGIN_PATH_SIZE], struct error *err)
{
	BUFFER_AUTO struct buffer reply = {0};
	char request[512];

	snprintf(request, sizeof(request),
	    "POST /api/v1/login-links HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
	    "application/json\r\n"
	    "X-Postroom: 1\r\nKeep-Alive: postroom\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%s",
	    strlen(link_body), link_body);
	if (!exchange(socket_path, request, &reply, err))
		return false;
	if (!slice_starts_with(buffer_slice(&reply), "HTTP/1.1 201") ||
	    !find_path(buffer_slice(&reply), path)) {
		struct slice text = slice_first(buffer_slice(&reply), 200);
		return error_set(
		    err, "bad_reply", "the service gave no login link: %.*s", SLICE_ARGS(text));
	}
	return true;
}
