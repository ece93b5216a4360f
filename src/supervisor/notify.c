/* Tells systemd how the service is (sd_notify), in the few lines that it takes without its library:
 * root's process maps as little as it can. Without NOTIFY_SOCKET it does nothing. */
#include "supervisor/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.h"

bool notify_has_manager(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path != NULL && (path[0] == '/' || path[0] == '@');
}

static void send_state(const char *state, int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec part = {(char *)state, strlen(state)};
	struct msghdr message = {.msg_name = &address, .msg_iov = &part, .msg_iovlen = 1};
	const char *path = getenv("NOTIFY_SOCKET");
	FD_AUTO int sender = -1;
	size_t len;

	if (!notify_has_manager() || (len = strlen(path)) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* the abstract name space */
	message.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		*CMSG_FIRSTHDR(&message) =
		    (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof(fd));
	}
	sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* Nothing can be done when the manager does not listen; and root's process, which watches
	 * all others, must not wait for one that reads nothing. */
	if (sender >= 0)
		(void)sendmsg(sender, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void notify_manager(const char *state)
{
	send_state(state, -1);
}

void notify_manager_fd(const char *state, int fd)
{
	send_state(state, fd);
}
