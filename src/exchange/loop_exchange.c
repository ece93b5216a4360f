/* One channel on base/loop with an exchange over it: receives, a few frames a turn, and closes the
 * channel when its peer is gone or speaks another language. */
#include "exchange/loop_exchange.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/* Frames taken in one turn, so that a flood of them leaves the other channels their turn. */
#define FRAMES_AT_ONCE 16

struct loop_exchange {
	struct loop *loop;
	const char *peer;
	struct loop_watch *watch, *timer;
	struct channel *channel;
	struct exchange *questions;
	bool said; /* that the peer answered what nobody had asked */
};

static void on_timer(void *context, short revents)
{
	(void)context;
	(void)revents; /* loop_exchange_tick does what is due */
}

struct loop_exchange *loop_exchange_create(struct loop *loop, const char *peer)
{
	struct loop_exchange *x = memory_zero(1, sizeof(*x));

	x->loop = loop;
	x->peer = peer;
	x->timer = loop_add(loop, -1, 0, on_timer, x);
	x->questions = exchange_create();
	return x;
}

static void disconnect(struct loop_exchange *x)
{
	exchange_attach(x->questions, NULL);
	loop_remove(&x->watch);
	channel_destroy(&x->channel);
}

void loop_exchange_destroy(struct loop_exchange **pointer)
{
	struct loop_exchange *x = *pointer;

	if (x == NULL)
		return;
	disconnect(x);
	loop_remove(&x->timer);
	exchange_destroy(&x->questions);
	free(x);
	*pointer = NULL;
}

static void on_frame(struct loop_exchange *x, struct frame *frame)
{
	if (exchange_frame(x->questions, frame) == EXCHANGE_UNASKED && !x->said) {
		/* Once for each process, so that a peer cannot fill the log. */
		x->said = true;
		log_warning("the %s answered what it was not asked", x->peer);
	}
	frame_close(frame);
}

static void on_readable(void *context, short revents)
{
	struct loop_exchange *x = context;
	struct channel *channel = x->channel;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		channel_flush(channel);
	/* An answer may make its reader connect another channel; the old one is gone then. */
	for (unsigned i = 0; i < FRAMES_AT_ONCE && x->channel == channel; i++) {
		switch (channel_receive(channel, &frame)) {
		case CHANNEL_FRAME:
			on_frame(x, &frame);
			break;
		case CHANNEL_EMPTY:
			return;
		case CHANNEL_BAD:
			/* Frames keep their bounds, but a peer that sends such a thing cannot be
			 * understood any more. */
			log_error("the %s sent a frame that is none", x->peer);
			disconnect(x);
			return;
		case CHANNEL_CLOSED:
			disconnect(x);
			return;
		}
	}
}

void loop_exchange_tick(struct loop_exchange *x)
{
	exchange_tick(x->questions, clock_monotonic_ms());
}

void loop_exchange_connect(struct loop_exchange *x, int fd)
{
	disconnect(x);
	/* What was asked of the old peer fails before the new one can be asked. */
	loop_exchange_tick(x);
	x->channel = channel_create(fd);
	x->watch = loop_add(x->loop, fd, POLLIN, on_readable, x);
	exchange_attach(x->questions, x->channel);
}

struct exchange *loop_exchange_questions(struct loop_exchange *x)
{
	return x->questions;
}

void loop_exchange_update(struct loop_exchange *x)
{
	loop_deadline(x->timer, exchange_deadline_ms(x->questions));
	if (x->watch != NULL)
		loop_events(x->watch, channel_wants_write(x->channel) ? POLLIN | POLLOUT : POLLIN);
}
