/* A channel to the starter, with the numbers that the server gave. */
#include "notifier/commands.h"

#include <poll.h>
#include <stdlib.h>

#include "base/memory.h"
#include "wire/channel.h"

struct commands {
	struct loop *loop;
	struct channel *channel;
	struct loop_watch *watch;
	struct commands_events events;
};

static void update(struct commands *c)
{
	loop_events(c->watch, channel_wants_write(c->channel) ? POLLIN | POLLOUT : POLLIN);
}

static void on_channel(void *context, short revents)
{
	struct commands *c = context;
	enum channel_result result;
	struct notifier_sent sent;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		(void)channel_flush(c->channel);
	while ((result = channel_receive(c->channel, &frame)) == CHANNEL_FRAME) {
		if (notifier_sent_decode(&frame, &sent))
			c->events.sent(c->events.context, frame.request, &sent);
		frame_close(&frame);
	}
	update(c);
	/* Closed, or no frame: whatever it was, this starter cannot be asked any more. */
	if (result != CHANNEL_EMPTY)
		c->events.gone(c->events.context);
}

struct commands *commands_create(struct loop *loop, int fd, const struct commands_events *events)
{
	struct commands *c = memory_zero(1, sizeof(*c));

	*c = (struct commands){loop, channel_create(fd), NULL, *events};
	c->watch = loop_add(loop, fd, POLLIN, on_channel, c);
	return c;
}

void commands_destroy(struct commands **pointer)
{
	struct commands *c = *pointer;

	if (c == NULL)
		return;
	loop_remove(&c->watch);
	channel_destroy(&c->channel);
	free(c);
	*pointer = NULL;
}

void commands_begin(struct commands *commands, uint32_t request, const struct notifier_send *send)
{
	BUFFER_AUTO struct buffer frame = {0};

	notifier_send_encode(&frame, request, send);
	(void)channel_send(commands->channel, &frame, NULL, 0);
	update(commands);
}

void commands_cancel(struct commands *commands, uint32_t request)
{
	BUFFER_AUTO struct buffer frame = {0};

	notifier_cancel_encode(&frame, request);
	(void)channel_send(commands->channel, &frame, NULL, 0);
	update(commands);
}
