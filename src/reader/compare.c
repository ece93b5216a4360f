#include "reader/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "postfix/message.h"
#include "reader/listing_stream.h"
#include "reader/source_spool.h"

/* Differing messages that are remembered from one comparison to the next; one example is enough. */
#define DIFFERENCES_MAX 1000

struct compare {
	struct loop *loop;
	struct helper_client *helper;
	struct listing_stream *stream;
	struct seen *seen;
	struct seen *before, *now; /* IDs that differ */
	bool again;
	compare_fn fn;
	void *context;
	struct compare_result result;
	char example[QUEUE_ID_SIZE];
};

struct compare *compare_create(struct loop *loop, struct helper_client *helper)
{
	struct compare *c = memory_zero(1, sizeof(*c));

	c->loop = loop;
	c->helper = helper;
	c->before = seen_create();
	c->now = seen_create();
	return c;
}

void compare_abort(struct compare *c)
{
	listing_stream_stop(&c->stream);
	seen_clear(c->before);
	seen_clear(c->now);
}

void compare_destroy(struct compare **pointer)
{
	struct compare *c = *pointer;

	if (c == NULL)
		return;
	compare_abort(c);
	seen_destroy(&c->before);
	seen_destroy(&c->now);
	free(c);
	*pointer = NULL;
}

bool compare_running(const struct compare *c)
{
	return c->stream != NULL;
}

static void differs(struct compare *c, struct slice id, const char *how)
{
	c->result.differs = true;
	if (seen_count(c->now) < DIFFERENCES_MAX)
		seen_add(c->now, id);
	if (!c->again || seen_find(c->before, id) == NULL || c->result.lasting)
		return;
	c->result.lasting = true;
	c->result.how = how;
	memcpy(c->example, id.data, id.len);
	c->example[id.len] = '\0';
	c->result.example = slice_make(c->example, id.len);
}

/* Queues that a message stays in; the others it only passes through. */
static bool is_resting(enum queue queue)
{
	return queue == QUEUE_DEFERRED || queue == QUEUE_HOLD;
}

static void on_message(void *context, struct message *m)
{
	struct compare *c = context;
	struct slice id = slice_of(m->id);
	struct seen_entry *e = seen_find(c->seen, id);

	if (e == NULL) {
		differs(c, id, "is listed, but was not found in the spool");
		return;
	}
	e->flags |= SOURCE_SPOOL_LISTED;
	if ((e->flags & SOURCE_SPOOL_DAMAGED) != 0)
		return;
	if (e->listed != source_spool_listed(m->arrival, m->size))
		differs(c, id, "has another arrival time or size in the listing");
	else if (e->queue != m->queue && is_resting(m->queue) && is_resting((enum queue)e->queue))
		differs(c, id, "is in another queue in the listing");
}

static void on_done(void *context, const struct error *err)
{
	struct compare *c = context;

	c->result.listed = err == NULL;
	if (err != NULL)
		c->result.error = *err;
	for (size_t i = 0; err == NULL && i < seen_count(c->seen); i++) {
		const struct seen_entry *e = seen_at(c->seen, i);

		if ((e->flags & (SOURCE_SPOOL_LISTED | SOURCE_SPOOL_DAMAGED)) == 0)
			differs(c, seen_id(e), "is in the spool, but is not listed");
	}
	listing_stream_stop(&c->stream);
	c->fn(c->context, &c->result);
}

void compare_start(struct compare *c, struct seen *seen, bool again, compare_fn fn, void *context)
{
	struct listing_stream_client client = {c, on_message, on_done};
	struct seen *old = c->before;

	c->before = c->now;
	c->now = old;
	seen_clear(c->now);
	c->seen = seen;
	c->again = again;
	c->fn = fn;
	c->context = context;
	c->result = (struct compare_result){.example = {"", 0}, .how = ""};
	for (size_t i = 0; i < seen_count(seen); i++)
		seen_at(seen, i)->flags &= (uint8_t)~SOURCE_SPOOL_LISTED;
	c->stream = listing_stream_start(c->loop, c->helper, false, &client);
}
