/* Makes the listening sockets as root, before any role exists: a port below 1024, a socket that
 * belongs to a group. The server gets them as descriptors and needs no right of its own for it. */
#include "supervisor/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"

/* Connections that wait to be accepted; the kernel caps it by net.core.somaxconn. */
#define BACKLOG 512

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t make_address(const char *host, uint16_t port, union any_address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(port);
		return sizeof(address->v4);
	}
	if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) != 1)
		return 0;
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_port = htons(port);
	return sizeof(address->v6);
}

static void describe(const char *host, const union any_address *address, struct buffer *out)
{
	bool v6 = address->any.sa_family == AF_INET6;

	buffer_clear(out);
	buffer_printf(out, v6 ? "[%s]:%u" : "%s:%u", host,
	    ntohs(v6 ? address->v6.sin6_port : address->v4.sin_port));
}

int listen_tcp(const struct config *config, struct buffer *address_text, struct error *err)
{
	char host[INET6_ADDRSTRLEN];
	union any_address address;
	socklen_t len = 0;
	uint16_t port;
	int one = 1, fd;

	if (config_split_address(config->http_listen, host, sizeof(host), &port))
		len = make_address(host, port, &address);
	if (len == 0) {
		error_set(
		    err, "listen_failed", "http.listen = %s is no address", config->http_listen);
		return -1;
	}
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		/* Else a restart would have to wait until connections of the former run have timed
		 * out. */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* With port 0 the kernel chooses, and the log has to say which. */
	if (fd < 0 || bind(fd, &address.any, len) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, &address.any, &len) != 0) {
		error_set_errno(
		    err, "listen_failed", errno, "http.listen = %s", config->http_listen);
		fd_close(&fd);
		return -1;
	}
	describe(host, &address, address_text);
	return fd;
}

static bool make_parent(const char *path, struct error *err)
{
	MEMORY_AUTO char *copy = memory_strdup(path);
	const char *parent = dirname(copy);

	if (mkdir(parent, 0755) == 0 || errno == EEXIST)
		return true;
	return error_set_errno(err, "listen_failed", errno, "making %s for http.socket", parent);
}

/* True when the path is free, or holds a socket that nobody answers at (it is removed then). */
static bool make_way(const struct sockaddr_un *address, struct error *err)
{
	FD_AUTO int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (lstat(address->sun_path, &st) != 0)
		return true;
	/* Root removes nothing that it did not make: a wrong http.socket must not cost somebody a
	 * file. */
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, "listen_failed",
		    "http.socket = %s is there already and is no socket", address->sun_path);
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		return error_set(err, "already_running",
		    "another Postroom answers at %s; stop it first, or set http.socket",
		    address->sun_path);
	unlink(address->sun_path);
	return true;
}

/* Mode and group are set before anybody can connect: the socket listens only after it. */
static bool give_to_group(const struct config *config, const struct role_config *facts,
    const char *path, struct error *err)
{
	const char *group = geteuid() == 0 ? role_config_get(facts, "http.socket_gid") : "";

	if (geteuid() == 0 && group[0] == '\0')
		log_warning("http.socket_group = %s: no such group; only root can use %s",
		    config->http_socket_group, path);
	if (group[0] != '\0' && chown(path, 0, (gid_t)strtoul(group, NULL, 10)) != 0)
		return error_set_errno(err, "listen_failed", errno, "chown %s", path);
	if (chmod(path, group[0] != '\0' ? 0660 : 0600) != 0)
		return error_set_errno(err, "listen_failed", errno, "chmod %s", path);
	return true;
}

int listen_unix(const struct config *config, const struct role_config *facts, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = config->http_socket;
	mode_t mask;
	int fd, bound;

	if (strlen(path) >= sizeof(address.sun_path)) {
		error_set(err, "listen_failed", "http.socket = %s is longer than %zu bytes", path,
		    sizeof(address.sun_path) - 1);
		return -1;
	}
	strcpy(address.sun_path, path);
	if (!make_parent(path, err) || !make_way(&address, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* From its first moment on the socket is root's alone; the group comes by give_to_group. */
	mask = umask(0177);
	bound = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (bound != 0 || !give_to_group(config, facts, path, err) || listen(fd, BACKLOG) != 0) {
		if (bound != 0)
			error_set_errno(err, "listen_failed", errno, "http.socket = %s", path);
		fd_close(&fd);
	}
	return fd;
}
