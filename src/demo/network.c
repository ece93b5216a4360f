/* Opens a listening socket for each host. Those that drop have their backlog filled, so that
 * connecting to them times out. */
#include "demo/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

/* 25 looks like the world; the others where something on this machine has it on every address. */
static const uint16_t ports[] = {25, 2525, 10025, 20025};
#define BLOCK_ATTEMPTS 8

static struct sockaddr_in address_of(
    const struct network *net, const struct world_host *host, uint16_t port)
{
	size_t count;
	uint32_t index = (uint32_t)(host - world_hosts(&count)) + 1;
	uint32_t address = (127u << 24) | ((uint32_t)net->block << 16) | index;

	return (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(address)}};
}

void network_address(
    const struct network *net, const struct world_host *host, char out[INET_ADDRSTRLEN])
{
	struct sockaddr_in address = address_of(net, host, 0);

	inet_ntop(AF_INET, &address.sin_addr, out, INET_ADDRSTRLEN);
}

static int listen_on(const struct sockaddr_in *address, int backlog)
{
	FD_AUTO int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;
	int result;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ||
	    listen(fd, backlog) < 0)
		return -1;
	result = fd;
	fd = -1;
	return result;
}

/* Linux drops the SYN of whoever comes when the backlog is full, so connecting times out. */
static void fill_backlog(struct network *net, const struct sockaddr_in *address)
{
	for (int i = 0; i < NETWORK_FILLERS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd < 0)
			return;
		if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		    errno != EINPROGRESS) {
			close(fd);
			return;
		}
		net->fillers[net->filler_count++] = fd;
	}
}

static bool open_at(struct network *net, uint16_t port)
{
	size_t count;
	const struct world_host *hosts = world_hosts(&count);

	net->mail_port = port;
	for (size_t i = 0; i < count; i++) {
		struct sockaddr_in address = address_of(net, &hosts[i], port);
		bool drops = hosts[i].kind == WORLD_DROPS;
		int fd;
		/* Without a listener the kernel refuses by itself. */
		if (hosts[i].kind == WORLD_REFUSES || hosts[i].kind == WORLD_NO_DNS)
			continue;
		/* A backlog of nothing is full at once (fill_backlog). */
		fd = listen_on(&address, drops ? 0 : SOMAXCONN);
		if (fd < 0)
			return false;
		fd_set_nonblocking(fd, true);
		net->listeners[net->listener_count++] = (struct sink_listener){fd, &hosts[i]};
		if (drops)
			fill_backlog(net, &address);
	}
	return true;
}

/* For smtpd: Postfix must be told a number. */
static uint16_t free_port(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	FD_AUTO int fd = listen_on(&address, 1);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return 0;
	return ntohs(address.sin_port);
}

bool network_open(struct network *net, struct error *err)
{
	int number = 0;

	memset(net, 0, sizeof(*net));
	for (int attempt = 0; attempt < BLOCK_ATTEMPTS; attempt++) {
		for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
			/* What the attempt before had opened. */
			network_close(net);
			if (getrandom(&net->block, sizeof(net->block), 0) !=
			    (ssize_t)sizeof(net->block))
				return error_set_errno(err, "io_error", errno, "random numbers");
			/* 127.0 is where everything else on the machine is. */
			net->block |= 1;
			/* Another block of addresses each time, as somebody may have just taken
			 * this one. */
			if (open_at(net, ports[i])) {
				net->smtpd_port = free_port();
				return net->smtpd_port != 0 ||
				       error_set_errno(err, "io_error", errno, "a free port");
			}
			number = errno;
		}
	}
	return error_set_errno(err, "io_error", number, "cannot listen on loopback addresses");
}

void network_close(struct network *net)
{
	for (size_t i = 0; i < net->listener_count; i++)
		fd_close(&net->listeners[i].fd);
	for (size_t i = 0; i < net->filler_count; i++)
		fd_close(&net->fillers[i]);
	net->listener_count = 0;
	net->filler_count = 0;
}
