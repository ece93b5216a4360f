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
		ssize_t n = write(fd, at, len);

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
