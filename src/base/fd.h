/* Descriptors. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

/* Closes *fd when it is not negative and makes it -1. For FD_AUTO on a local too. */
void fd_close(int *fd);
#define FD_AUTO __attribute__((cleanup(fd_close)))

/* The same for each of them. Runs of numbers, as the kernel gives them out, cost one call. */
void fd_close_all(int *fds, size_t count);

bool fd_set_nonblocking(int fd, bool on);
bool fd_set_cloexec(int fd, bool on);

/* Writes all of `len` bytes to a blocking descriptor, over interrupts; false with errno set. */
bool fd_write_all(int fd, const void *data, size_t len);

/* Appends what a blocking descriptor gives until end of file, at most `max` bytes. False with `err`
 * filled in on a read error (io_error) or when there is more than `max` (too_large). */
bool fd_read_all(int fd, size_t max, struct buffer *out, struct error *err);

/* Reads a regular file, like fd_read_all; not_found where there is none. */
bool fd_read_file(const char *path, size_t max, struct buffer *out, struct error *err);

#endif
