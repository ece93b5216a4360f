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
#include "supervisor/errand.h"
#include "supervisor/passed.h"

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

int listen_tcp(const char *key, const char *wanted, struct buffer *address_text, struct error *err)
{
	char host[INET6_ADDRSTRLEN];
	union any_address address;
	socklen_t len = 0;
	uint16_t port;
	int one = 1, fd;

	if (config_split_address(wanted, host, sizeof(host), &port))
		len = make_address(host, port, &address);
	if (len == 0) {
		error_set(err, "listen_failed", "%s = %s is no address", key, wanted);
		return -1;
	}
	fd = passed_take(&address.any, len);
	if (fd >= 0) {
		describe(host, &address, address_text);
		return fd;
	}
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		/* Else a restart would have to wait until connections of the former run have timed
		 * out. */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* With port 0 the kernel chooses, and the log has to say which. */
	if (fd < 0 || bind(fd, &address.any, len) != 0 || listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, &address.any, &len) != 0) {
		error_set_errno(err, "listen_failed", errno, "%s = %s%s", key, wanted,
		    errno == EACCES && port < 1024
			? " (below 1024: let systemd open it, see docs/guide/service.md)"
			: "");
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

/* Whose the socket is to be: that group's, or its owner's alone. */
struct rights {
	bool has_group;
	gid_t gid;
};

static struct rights find_rights(const struct config *config, const struct role_config *facts)
{
	const char *group = geteuid() == 0 ? role_config_get(facts, "http.socket_gid") : "";

	if (geteuid() == 0 && group[0] == '\0')
		log_warning("http.socket_group = %s: no such group; only root can use %s",
		    config->http_socket_group, config->http_socket);
	return (struct rights){group[0] != '\0', (gid_t)strtoul(group, NULL, 10)};
}

static mode_t mode_for(const struct rights *rights)
{
	return rights->has_group ? 0660 : 0600;
}

/* ---- A socket that is made here ---- */

struct birth {
	int fd;
	const struct sockaddr_un *address;
	mode_t mode;
};

static int bind_with_mode(const void *context)
{
	const struct birth *birth = context;
	mode_t before = umask(0777 & ~birth->mode);
	int failed =
	    bind(birth->fd, (const struct sockaddr *)birth->address, sizeof(*birth->address)) == 0
		? 0
		: errno;

	umask(before);
	return failed;
}

/* Its group and mode are those of whoever makes it, from its first moment on: there is no time in
 * which another could put something else at the path, that would be given away in its place. The
 * process that is in the group needs no right to give files away. */
static int bind_for(int fd, const struct sockaddr_un *address, const struct rights *rights)
{
	struct birth birth = {fd, address, mode_for(rights)};

	return rights->has_group ? errand_run(0, rights->gid, bind_with_mode, &birth)
				 : bind_with_mode(&birth);
}

/* ---- A socket that was passed ---- */

struct gift {
	int fd; /* of the socket's file, opened as a path */
	gid_t gid;
};

static int change_group(const void *context)
{
	const struct gift *gift = context;

	return fchownat(gift->fd, "", (uid_t)-1, gift->gid, AT_EMPTY_PATH) == 0 ? 0 : errno;
}

/* The kernel has no fchmod for a descriptor of a path but by this name. */
static bool change_mode(int fd, mode_t mode)
{
	char name[40];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return chmod(name, mode) == 0;
}

/* The configuration may name another group than when the socket was made. What is looked at is what
 * is changed, and it is nobody's but ours and has no second name: whoever can write in its
 * directory could have put another socket of root's there. */
static bool correct_rights(const char *path, const struct rights *rights, struct error *err)
{
	FD_AUTO int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct gift gift = {fd, rights->gid};
	struct stat st;
	int failed = 0;

	if (fd < 0 || fstat(fd, &st) != 0)
		return error_set_errno(err, "listen_failed", errno, "http.socket = %s", path);
	if ((st.st_mode & 07777) == mode_for(rights) &&
	    (!rights->has_group || st.st_gid == rights->gid))
		return true;
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		return error_set(err, "listen_failed",
		    "http.socket = %s is not the socket that was made for this service: remove it, "
		    "or "
		    "say SocketGroup= and SocketMode= in its unit",
		    path);
	if (rights->has_group)
		failed = errand_run(0, rights->gid, change_group, &gift);
	if (failed == 0 && !change_mode(fd, mode_for(rights)))
		failed = errno;
	return failed == 0 || error_set_errno(err, "listen_failed", failed,
				  "giving http.socket = %s to its group", path);
}

int listen_unix(const struct config *config, const struct role_config *facts, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = config->http_socket;
	struct rights rights;
	int fd, failed;

	if (strlen(path) >= sizeof(address.sun_path)) {
		error_set(err, "listen_failed", "http.socket = %s is longer than %zu bytes", path,
		    sizeof(address.sun_path) - 1);
		return -1;
	}
	strcpy(address.sun_path, path);
	rights = find_rights(config, facts);
	fd = passed_take((const struct sockaddr *)&address, sizeof(address));
	if (fd >= 0) {
		if (!correct_rights(path, &rights, err))
			fd_close(&fd);
		return fd;
	}
	if (!make_parent(path, err) || !make_way(&address, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	failed = fd < 0 ? errno : bind_for(fd, &address, &rights);
	if (failed != 0)
		error_set_errno(err, "listen_failed", failed, "http.socket = %s", path);
	/* A directory may have a group of its own for what is made in it. Nobody connects before
	 * the socket listens. */
	else if (correct_rights(path, &rights, err) && listen(fd, BACKLOG) == 0)
		return fd;
	fd_close(&fd);
	return -1;
}
