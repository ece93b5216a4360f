/* Between the service manager and role_become. The supervisor knows nothing of a process that it
 * did not start; so this one hands over two descriptors before it drops anything: what the kernel
 * says of it, and what it was started from. Only then comes the configuration, by which it knows
 * what to drop. */
#include "role/connected.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "role/role.h"
#include "wire/channel.h"

/* The supervisor answers at once, or is gone. */
#define CONFIG_WAIT_MS 10000

/* Nobody but root may have a helper; the socket's directory says the same once more. */
static bool is_from_root(struct error *err)
{
	struct ucred peer;
	int type;
	socklen_t type_len = sizeof(type), peer_len = sizeof(peer);

	if (getsockopt(CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &type_len) != 0 ||
	    type != SOCK_SEQPACKET)
		return error_set(err, "no_channel", "descriptor 3 is no connection of packets");
	if (getsockopt(CONTROL_FD, SOL_SOCKET, SO_PEERCRED, &peer, &peer_len) != 0)
		return error_set_errno(err, "no_channel", errno, "who connected");
	return peer.uid == 0 || error_set(err, "unsafe", "user %u connected, not root", peer.uid);
}

/* A closed channel leaves CONTROL_FD as it is. */
static struct channel *open_channel(void)
{
	return channel_create(fcntl(CONTROL_FD, F_DUPFD_CLOEXEC, CONTROL_FD + 1));
}

static bool hand_over(int program, struct error *err)
{
	FD_AUTO int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	struct channel *channel = open_channel();
	BUFFER_AUTO struct buffer frame = {0};
	const int fds[] = {status, program};
	bool ok;

	control_plain_encode(&frame, CONTROL_CONNECTED);
	ok = status >= 0 && program >= 0 && channel_send(channel, &frame, fds, 2) &&
	     channel_flush(channel);
	channel_destroy(&channel);
	return ok || error_set_errno(err, "no_channel", errno, "the supervisor");
}

/* Looked at and left where it is: the role reads it as its own first frame (role_enter). */
static bool see_config(struct role_config *config, struct error *err)
{
	static char bytes[WIRE_FRAME_MAX];
	struct pollfd polled = {CONTROL_FD, POLLIN, 0};
	struct frame frame;
	ssize_t len;

	if (poll(&polled, 1, CONFIG_WAIT_MS) != 1)
		return error_set(err, "no_channel", "the supervisor sends no configuration");
	len = recv(CONTROL_FD, bytes, sizeof(bytes), MSG_PEEK);
	if (len == 0)
		return error_set(err, "no_channel", "the supervisor did not want this process");
	return (len > 0 && frame_parse(bytes, (size_t)len, &frame) &&
		   role_config_decode(&frame, config)) ||
	       error_set(err, "no_channel", "the supervisor sent no configuration");
}

int role_connected(enum control_role role)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct role_launch launch = {.control = CONTROL_FD, .gate = -1};
	struct error err;

	log_init(control_role_name(role), LOG_LEVEL_INFO);
	launch.program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (is_from_root(&err) && hand_over(launch.program, &err) && see_config(&config, &err)) {
		launch.plan = confine_plan(&config, role);
		launch.standard[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		launch.standard[1] = launch.standard[2] = STDERR_FILENO;
		role_become(&launch);
	}
	log_error("does not start: %s", err.text);
	return ROLE_REFUSED;
}
