/* The life of a process that does nothing but answer the server: one loop with two channels, the
 * supervisor's and the server's. When the server dies, what is under way for it is dropped: the
 * next one asks again by what it has written down. */
#ifndef ROLE_ANSWERER_H
#define ROLE_ANSWERER_H

#include "base/loop.h"
#include "wire/control_proto.h"

/* What the process does itself. */
struct answerer_work {
	/* One frame of the server. */
	void (*take)(void *context, const struct frame *frame);
	/* Nobody waits for anything any more. Another server has other numbers: what is answered
	 * now would be the answer to another question. */
	void (*drop)(void *context);
	void *context;
	struct role_config *config; /* kept as it is after each reload; NULL: nobody needs it */
};

struct answerer;

/* Takes the descriptor. From here on SIGINT and SIGPIPE are ignored. */
struct answerer *answerer_create(int control_fd, const struct answerer_work *work);
/* Accepts a pointer to NULL. */
void answerer_destroy(struct answerer **answerer);
struct loop *answerer_loop(const struct answerer *answerer);

/* Serves until the supervisor says STOP or is gone; then drops what is under way. False when the
 * loop has failed. */
bool answerer_run(struct answerer *answerer);

/* Sends one frame to the server that asked. Nothing happens where that is gone. */
void answerer_send(struct answerer *answerer, const struct buffer *frame);

#endif
