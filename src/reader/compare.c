/* Passes a listing of showq's on to the server, which compares it with the index
 * (server/comparison.c). Only ID, queue, arrival and size go over: that is what both must agree on.
 * The reader keeps nothing of it. */
#include "reader/compare.h"

#include <stdlib.h>

#include "base/memory.h"
#include "postfix/message.h"
#include "reader/listing_stream.h"

struct compare {
	struct loop *loop;
	struct exchange *helper;
	struct compare_client client;
	struct listing_stream *stream;
};

struct compare *compare_create(
    struct loop *loop, struct exchange *helper, const struct compare_client *client)
{
	struct compare *c = memory_zero(1, sizeof(*c));

	c->loop = loop;
	c->helper = helper;
	c->client = *client;
	return c;
}

void compare_abort(struct compare *c)
{
	listing_stream_stop(&c->stream);
}

void compare_destroy(struct compare **pointer)
{
	struct compare *c = *pointer;

	if (c == NULL)
		return;
	compare_abort(c);
	free(c);
	*pointer = NULL;
}

bool compare_running(const struct compare *c)
{
	return c->stream != NULL;
}

static void on_message(void *context, struct message *m)
{
	struct compare *c = context;
	struct reader_proto_listed listed = {
	    slice_of(m->id), (uint8_t)m->queue, m->arrival, m->size};

	c->client.listed(c->client.context, &listed);
	/* showq waits then, as its socket fills up; the listing is not gathered here. */
	if (c->client.congested(c->client.context))
		listing_stream_pause(c->stream, true);
}

static void on_done(void *context, const struct error *failure)
{
	struct compare *c = context;
	struct error copy;

	/* It may lie in the stream. */
	if (failure != NULL)
		copy = *failure;
	listing_stream_stop(&c->stream);
	c->client.done(c->client.context, failure != NULL ? &copy : NULL);
}

void compare_start(struct compare *c)
{
	struct listing_stream_client client = {c, on_message, on_done};

	c->stream = listing_stream_start(c->loop, c->helper, false, &client);
}

void compare_resume(struct compare *c)
{
	if (c->stream != NULL)
		listing_stream_pause(c->stream, false);
}
