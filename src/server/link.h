/* A channel to another process on a libuv loop. The process at the other end may die and be
 * replaced: the link stays, with a new descriptor. */
#ifndef SERVER_LINK_H
#define SERVER_LINK_H

#include <uv.h>

#include "wire/channel.h"

/* Frames taken in one go, so that a flood of them (a first scan) leaves room for requests. */
#define LINK_FRAMES_AT_ONCE 32

struct link_events {
	void *context;
	/* The frame is closed by the link afterwards. */
	void (*frame)(void *context, struct frame *frame);
	/* The peer is gone, or sent what is no frame; the link is down until link_attach. */
	void (*down)(void *context);
};

struct link;

struct link *link_create(uv_loop_t *loop, const struct link_events *events);
/* Accepts a pointer to NULL. May be called from within its own callbacks. */
void link_destroy(struct link **link);

/* Takes the descriptor over; a former channel is closed first (without `down`). */
void link_attach(struct link *link, int fd);
bool link_is_up(const struct link *link);
/* NULL when down. Whoever sends on it directly calls link_update afterwards. */
struct channel *link_channel(struct link *link);
/* False when down. */
bool link_send(struct link *link, const struct buffer *frame);
/* Polls for writing where something waits to be sent. */
void link_update(struct link *link);
/* Stops or goes on receiving. */
void link_pause(struct link *link, bool pause);

#endif
