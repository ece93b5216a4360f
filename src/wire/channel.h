/* One end of a SOCK_SEQPACKET socket pair to another process. Bound to no event loop: the owner
 * polls channel_fd() for reading, and for writing while channel_wants_write(). Sending never
 * blocks: what the socket does not take is queued and goes out by channel_flush(). */
#ifndef WIRE_CHANNEL_H
#define WIRE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "wire/frame.h"

struct channel;

enum channel_result {
	CHANNEL_FRAME,	/* a frame was received */
	CHANNEL_EMPTY,	/* nothing there now */
	CHANNEL_CLOSED, /* the peer is gone, or the socket failed */
	CHANNEL_BAD,	/* the packet was no frame (its descriptors are closed already) */
};

/* A connected pair, both ends close-on-exec and non-blocking. */
bool channel_pair(int fds[2], struct error *err);

/* Takes the descriptor over and makes it non-blocking and close-on-exec. */
struct channel *channel_create(int fd);
/* Closes the socket and all queued descriptors. Accepts a pointer to NULL. */
void channel_destroy(struct channel **channel);

int channel_fd(const struct channel *channel);

/* Sends or queues one frame, header and body, as frame_begin started it. The descriptors are
 * duplicated by the kernel or, when queued, by the channel: they stay the caller's. False when the
 * peer is gone or the frame is larger than WIRE_FRAME_MAX (the frame is dropped). */
bool channel_send(
    struct channel *channel, const struct buffer *frame, const int *fds, size_t fd_count);

/* Sends what is queued; false when the peer is gone. */
bool channel_flush(struct channel *channel);
bool channel_wants_write(const struct channel *channel);
/* Bytes that wait in the queue: a sender of many frames stops above CHANNEL_QUEUE_HIGH and goes on
 * when it is empty, so that a slow peer costs bounded memory. */
size_t channel_queued(const struct channel *channel);
#define CHANNEL_QUEUE_HIGH ((size_t)4 << 20)

/* Receives one frame, never waiting. The frame's body lives until the next call. */
enum channel_result channel_receive(struct channel *channel, struct frame *frame);

/* From now on (or no longer) the kernel says of each frame that is received whose it is. */
bool channel_know_sender(struct channel *channel, bool on);

struct ucred;
/* The process and user that sent the last frame, by the kernel's word. False where it was not asked
 * for. */
bool channel_sender(const struct channel *channel, struct ucred *sender);

/* Waits at most `timeout_ms` (-1: for ever) for the socket to become readable, flushing meanwhile;
 * for roles that do nothing but answer, and for tests. False on time-out or error. */
bool channel_wait(struct channel *channel, int timeout_ms);

#endif
