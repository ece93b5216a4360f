/* The bytes of one log file from any offset on, plain or compressed. A gzip file is entered at
 * saved points in its middle; the other formats are read from their beginning. Only pread(2) is
 * used on the descriptor, which stays the caller's. */
#ifndef LOGREADER_LOG_STREAM_H
#define LOGREADER_LOG_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum log_format {
	LOG_FORMAT_PLAIN,
	LOG_FORMAT_GZIP,
	LOG_FORMAT_XZ,
	LOG_FORMAT_ZSTD,
	LOG_FORMAT_BZIP2
};

/* By the first bytes of the file. */
enum log_format log_stream_format(int fd);

/* Uncompressed bytes between two saved points: at 300 MB/s some 15 ms to any place. */
#define LOG_POINT_SPAN ((uint64_t)4 << 20)

/* Saved points of one gzip file, made while it is read. Zero-initialise. */
struct log_points {
	struct log_point *items;
	size_t count;
	size_t memory;
	size_t memory_max; /* no further points are saved above it; 0: none at all */
};
void log_points_free(struct log_points *points);

struct log_stream;

/* Bytes from `offset` (uncompressed) on. `points` may be NULL. NULL with io_error or unsupported (a
 * format that this build has no library for). */
struct log_stream *log_stream_open(
    int fd, enum log_format format, struct log_points *points, uint64_t offset, struct error *err);
void log_stream_close(struct log_stream **stream);

/* Where the next byte stands in the uncompressed text. */
uint64_t log_stream_offset(const struct log_stream *stream);
/* Whether any place can be entered at once, or only what stands before it be decoded. */
bool log_stream_can_enter(enum log_format format);
/* Up to `len` bytes; 0 at the end (of a plain file: for now), -1 with `err` for damaged data or an
 * error. */
ssize_t log_stream_read(struct log_stream *stream, void *data, size_t len, struct error *err);

#endif
