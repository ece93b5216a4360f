/* The frame around every message between two processes of Postroom: one packet of an AF_UNIX
 * SOCK_SEQPACKET socket, so that its bytes and its descriptors stay together.
 *
 *     u8 version (WIRE_VERSION)  u8 type  u16 zero  u32 request  body
 *
 * `type` belongs to the protocol of that channel (control_proto.h, helper_proto.h, ...); an answer
 * carries the `request` number of its question, an event carries 0. Integers are little-endian. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cursor.h"

#define WIRE_VERSION 1
#define WIRE_HEADER_SIZE 8
/* A third of the default socket buffer (net.core.wmem_max 212,992), so that two can wait in it. */
#define WIRE_FRAME_MAX 65536
#define WIRE_BODY_MAX (WIRE_FRAME_MAX - WIRE_HEADER_SIZE)
/* The kernel's limit for one message (SCM_MAX_FD). */
#define WIRE_FDS_MAX 253

struct frame {
	uint8_t type;
	uint32_t request;
	struct slice body;     /* points into the channel's buffer; valid until the next receive */
	int fds[WIRE_FDS_MAX]; /* owned by whoever received the frame: frame_take_fd or frame_close
				*/
	size_t fd_count;
};

/* Begins a frame in an empty buffer; the body is appended behind it. */
void frame_begin(struct buffer *b, uint8_t type, uint32_t request);

/* Gives a frame that was begun another request number. */
void frame_set_request(struct buffer *b, uint32_t request);

/* Reads the header; false when the version or the reserved bytes are wrong, or it is too short. */
bool frame_parse(const void *data, size_t len, struct frame *frame);

struct cursor frame_cursor(const struct frame *frame);

/* The descriptor `index`, which stays the frame's; -1 when there is none. */
int frame_fd(const struct frame *frame, size_t index);
/* The descriptor `index`, which then belongs to the caller; -1 when there is none. */
int frame_take_fd(struct frame *frame, size_t index);

/* Closes the descriptors that nobody took. Call it for every frame received. */
void frame_close(struct frame *frame);

#endif
