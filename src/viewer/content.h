/* The bytes of a message: from the content records of a queue file (docs/POSTFIX.md, "Queue
 * files"), or as they come.
 */
#ifndef VIEWER_CONTENT_H
#define VIEWER_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "wire/viewer_proto.h"

struct content {
	int fd; /* the caller's */
	enum viewer_source source;
	uint64_t file_size, at, window_at;
	struct buffer window;
	struct buffer piece;
	unsigned pointers;
	bool begun, finished;
	const char *problem; /* what is wrong with the file; NULL when nothing */
};

/* `fd` is a regular file for VIEWER_SOURCE_QUEUE_FILE, anything readable otherwise. */
void content_open(struct content *content, int fd, enum viewer_source source);
void content_close(struct content *content);

/* The next piece, valid until the next call; false at the end, and at damage (then
 * content->problem). */
bool content_next(struct content *content, struct slice *piece);

#endif
