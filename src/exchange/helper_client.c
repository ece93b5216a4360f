#include "exchange/helper_client.h"

#include <poll.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"

struct question {
	struct question *next;
	uint32_t request;
	helper_client_fn fn;
	void *context;
};

struct helper_client {
	struct loop *loop;
	struct loop_watch *watch;
	struct channel *channel;
	uint32_t last_request;
	struct question *questions; /* few: a scan, some batches */
};

struct helper_client *helper_client_create(struct loop *loop)
{
	struct helper_client *client = memory_zero(1, sizeof(*client));

	client->loop = loop;
	return client;
}

static void disconnect(struct helper_client *client)
{
	struct question *open = client->questions;

	loop_remove(&client->watch);
	channel_destroy(&client->channel);
	client->questions = NULL;
	while (open != NULL) {
		struct question *q = open;

		open = q->next;
		q->fn(q->context, NULL);
		free(q);
	}
}

void helper_client_destroy(struct helper_client **pointer)
{
	if (*pointer == NULL)
		return;
	disconnect(*pointer);
	free(*pointer);
	*pointer = NULL;
}

static struct question **find(struct helper_client *client, uint32_t request)
{
	struct question **q = &client->questions;

	while (*q != NULL && (*q)->request != request)
		q = &(*q)->next;
	return q;
}

static void on_frame(struct helper_client *client, struct frame *frame)
{
	struct question *q = *find(client, frame->request);

	if (q != NULL && q->fn(q->context, frame)) {
		/* The function may have asked other questions, or have forgotten this one. */
		struct question **at = find(client, frame->request);

		if (*at == q) {
			*at = q->next;
			free(q);
		}
	}
	frame_close(frame);
}

static void on_readable(void *context, short revents)
{
	struct helper_client *client = context;
	struct channel *channel = client->channel;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		channel_flush(client->channel);
	/* A few frames, so that the other channels get their turn. */
	for (unsigned i = 0; i < 16 && client->channel == channel; i++) {
		switch (channel_receive(channel, &frame)) {
		case CHANNEL_FRAME:
			on_frame(client, &frame);
			break;
		case CHANNEL_EMPTY:
			return;
		case CHANNEL_BAD:
			log_error("the helper sent a frame that is none");
			disconnect(client);
			return;
		case CHANNEL_CLOSED:
			disconnect(client);
			return;
		}
	}
}

void helper_client_connect(struct helper_client *client, int fd)
{
	disconnect(client);
	client->channel = channel_create(fd);
	client->watch = loop_add(client->loop, fd, POLLIN, on_readable, client);
}

bool helper_client_connected(const struct helper_client *client)
{
	return client->channel != NULL;
}

uint32_t helper_client_next(struct helper_client *client)
{
	if (++client->last_request == 0)
		client->last_request = 1;
	return client->last_request;
}

bool helper_client_ask(struct helper_client *client, uint32_t request, const struct buffer *frame,
    helper_client_fn fn, void *context)
{
	struct question *q;

	if (client->channel == NULL || !channel_send(client->channel, frame, NULL, 0))
		return false;
	q = memory_zero(1, sizeof(*q));
	*q = (struct question){client->questions, request, fn, context};
	client->questions = q;
	return true;
}

void helper_client_forget(struct helper_client *client, const void *context)
{
	struct question **at = &client->questions;

	while (*at != NULL) {
		struct question *q = *at;

		if (q->context != context) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		free(q);
	}
}

void helper_client_update(struct helper_client *client)
{
	if (client->watch != NULL)
		loop_events(client->watch,
		    channel_wants_write(client->channel) ? POLLIN | POLLOUT : POLLIN);
}
