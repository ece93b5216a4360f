/* The protocol of passed sockets (LISTEN_FDS) and of the service manager's store of descriptors,
 * without its library. Both come the same way: as descriptors from 3 on, with their names in the
 * environment. What is looked at is never the name but the address, so that a configuration that
 * names another one gets another socket. */
#include "supervisor/passed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/slice.h"
#include "supervisor/notify.h"

#define FIRST_FD 3
/* More than the service has. */
#define PASSED_MAX 16
#define NAME_MAX_LEN 64

static struct {
	int fds[PASSED_MAX]; /* -1: taken */
	int taken[PASSED_MAX];
	char names[PASSED_MAX][NAME_MAX_LEN];
	size_t count;
} passed;

static uint64_t environment_number(const char *name)
{
	const char *text = getenv(name);
	uint64_t number;

	return text != NULL && slice_to_u64(slice_of(text), &number) ? number : 0;
}

static void read_names(void)
{
	const char *text = getenv("LISTEN_FDNAMES");
	struct slice rest = slice_of(text != NULL ? text : ""), name;

	for (size_t i = 0; i < passed.count && slice_split(&rest, ':', &name); i++)
		if (name.len < NAME_MAX_LEN)
			memcpy(passed.names[i], name.data, name.len);
}

void passed_begin(void)
{
	/* The numbers are of the process that was started, and its children inherit them. */
	uint64_t count = environment_number("LISTEN_PID") == (uint64_t)getpid()
			     ? environment_number("LISTEN_FDS")
			     : 0;

	passed.count = count < PASSED_MAX ? (size_t)count : PASSED_MAX;
	read_names();
	for (size_t i = 0; i < passed.count; i++) {
		passed.fds[i] = FIRST_FD + (int)i;
		passed.taken[i] = -1;
		fd_set_cloexec(passed.fds[i], true);
		fd_set_nonblocking(passed.fds[i], true);
	}
	close_range(FIRST_FD + (unsigned)passed.count, ~0U, 0);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static bool is_listening(int fd)
{
	int type = 0, listens = 0;
	socklen_t type_len = sizeof(type), listens_len = sizeof(listens);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 && type == SOCK_STREAM &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_len) == 0 &&
	       listens == 1;
}

static bool get_address(int fd, union any_address *address)
{
	socklen_t len = sizeof(*address);

	memset(address, 0, sizeof(*address));
	return getsockname(fd, &address->any, &len) == 0;
}

static bool is_same(const union any_address *a, const union any_address *b)
{
	struct stat st;

	if (a->any.sa_family != b->any.sa_family)
		return false;
	switch (a->any.sa_family) {
	case AF_INET:
		return a->v4.sin_port == b->v4.sin_port &&
		       a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	case AF_INET6:
		return a->v6.sin6_port == b->v6.sin6_port &&
		       memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0;
	case AF_UNIX:
		/* Whose path somebody has removed, nobody can connect to. */
		return strncmp(a->local.sun_path, b->local.sun_path, sizeof(a->local.sun_path)) ==
			   0 &&
		       lstat(b->local.sun_path, &st) == 0 && S_ISSOCK(st.st_mode);
	default:
		return false;
	}
}

int passed_take(const struct sockaddr *address, socklen_t len)
{
	union any_address wanted, own;

	memset(&wanted, 0, sizeof(wanted));
	memcpy(&wanted, address, len < sizeof(wanted) ? len : sizeof(wanted));
	for (size_t i = 0; i < passed.count; i++) {
		int fd = passed.fds[i];

		if (fd < 0 || !is_listening(fd) || !get_address(fd, &own) ||
		    !is_same(&own, &wanted))
			continue;
		passed.taken[i] = fd;
		passed.fds[i] = -1;
		return fd;
	}
	return -1;
}

static void describe(int fd, char *text, size_t size)
{
	union any_address own;
	char host[INET6_ADDRSTRLEN] = "";

	snprintf(text, size, "descriptor %d", fd);
	if (!get_address(fd, &own))
		return;
	if (own.any.sa_family == AF_UNIX)
		snprintf(text, size, "%.*s", (int)sizeof(own.local.sun_path), own.local.sun_path);
	else if (own.any.sa_family == AF_INET &&
		 inet_ntop(AF_INET, &own.v4.sin_addr, host, sizeof(host)) != NULL)
		snprintf(text, size, "%s:%u", host, ntohs(own.v4.sin_port));
	else if (own.any.sa_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &own.v6.sin6_addr, host, sizeof(host)) != NULL)
		snprintf(text, size, "[%s]:%u", host, ntohs(own.v6.sin6_port));
}

void passed_end(void)
{
	char text[160], state[NAME_MAX_LEN + 32];

	for (size_t i = 0; i < passed.count; i++) {
		if (passed.fds[i] < 0)
			continue;
		describe(passed.fds[i], text, sizeof(text));
		log_warning("the service manager passed %s, which the configuration does not name: "
			    "it is not served",
		    text);
		fd_close(&passed.fds[i]);
		snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%s", passed.names[i]);
		notify_manager(state);
	}
}

void passed_keep(const char *name, int fd)
{
	char state[NAME_MAX_LEN + 40];

	for (size_t i = 0; i < passed.count; i++)
		if (passed.taken[i] == fd)
			return; /* it is kept already, or belongs to a unit of its own */
	if (fd < 0)
		return;
	snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	notify_manager_fd(state, fd);
}
