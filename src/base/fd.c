/* Closing, flags, and reading and writing to the end in spite of signals and short counts. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Before Linux 5.9 there is no close_range. */
static void close_run(int *fds, size_t count)
{
	if (count > 1 && fds[0] >= 0 &&
	    close_range((unsigned)fds[0], (unsigned)fds[count - 1], 0) == 0) {
		for (size_t i = 0; i < count; i++)
			fds[i] = -1;
		return;
	}
	for (size_t i = 0; i < count; i++)
		fd_close(&fds[i]);
}

void fd_close_all(int *fds, size_t count)
{
	for (size_t at = 0, run; at < count; at += run) {
		run = 1;
		/* A frame may bring many descriptors, and the kernel mostly gives them numbers in a
		 * row. */
		while (at + run < count && fds[at] >= 0 && fds[at + run] == fds[at] + (int)run)
			run++;
		close_run(fds + at, run);
	}
}

bool fd_set_nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return false;
	return fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) == 0;
}

bool fd_set_cloexec(int fd, bool on)
{
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) == 0;
}

bool fd_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		/* A pipe or a terminal may take a part only. */
		ssize_t n = write(fd, at, len);

		/* A signal came before anything was written. */
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool fd_read_all(int fd, size_t max, struct buffer *out, struct error *err)
{
	size_t total = 0;

	for (;;) {
		char *at = buffer_reserve(out, 16384);
		ssize_t n = read(fd, at, 16384);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "io_error", errno, "reading");
		if (n == 0)
			return true;
		/* The limit is met while reading: a file that never ends, such as a device, does
		 * not fill the memory. */
		if ((size_t)n > max - total)
			return error_set(err, "too_large", "more than %zu bytes", max);
		total += (size_t)n;
		out->len += (size_t)n;
	}
}

bool fd_read_file(const char *path, size_t max, struct buffer *out, struct error *err)
{
	FD_AUTO int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(
		    err, errno == ENOENT ? "not_found" : "io_error", errno, "%s", path);
	if (!fd_read_all(fd, max, out, err))
		return error_prefix(err, "%s", path);
	return true;
}
