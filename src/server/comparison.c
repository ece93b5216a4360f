/* Keeps the differences of this listing and of the one before. Only a message that is in both
 * lists is told of. */
#include "server/comparison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/listing_comparison.h"
#include "wire/reader_proto.h"

/* Messages that differ and are looked at anew; one example is enough. As many as one LOOK holds. */
#define DIFFERENCES_MAX READER_PROTO_READ_IDS_MAX

struct difference {
	struct index_unseen where;
	enum index_difference how;
};

/* Those of one listing, first come first kept. */
struct differences {
	struct difference *list;
	size_t count;
};

struct comparison {
	struct index *index;
	struct comparison_client client;
	struct differences before, now;
	bool again;	 /* `before` is what differed in the listing before this one */
	uint32_t lookup; /* the number of the one under way; 0: none */
};

struct comparison *comparison_create(struct index *index, const struct comparison_client *client)
{
	struct comparison *c = memory_zero(1, sizeof(*c));

	c->index = index;
	c->client = *client;
	return c;
}

static void forget(struct differences *d)
{
	free(d->list);
	*d = (struct differences){0};
}

void comparison_abort(struct comparison *c)
{
	forget(&c->before);
	forget(&c->now);
	c->again = false;
	c->lookup = 0;
}

void comparison_destroy(struct comparison **comparison)
{
	if (*comparison == NULL)
		return;
	comparison_abort(*comparison);
	free(*comparison);
	*comparison = NULL;
}

void comparison_begin(struct comparison *c)
{
	forget(&c->now);
	index_compare_begin(c->index);
}

static void note(struct comparison *c, struct slice id, enum queue queue, enum index_difference how)
{
	struct difference *d;

	/* Where more differ, the first ones are enough to show that something is wrong. */
	if (c->now.count == DIFFERENCES_MAX)
		return;
	if (c->now.list == NULL)
		c->now.list = memory_alloc(DIFFERENCES_MAX * sizeof(*c->now.list));
	d = &c->now.list[c->now.count++];
	*d = (struct difference){.where.queue = queue, .how = how};
	memcpy(d->where.id, id.data, id.len);
}

bool comparison_listed(struct comparison *c, const struct frame *frame)
{
	struct cursor cursor = frame_cursor(frame);
	struct reader_proto_listed listed;

	while (reader_proto_read_listed(&cursor, &listed)) {
		struct index_listed one = {
		    listed.id, (enum queue)listed.queue, listed.arrival, listed.size};
		enum index_difference how;

		if (listed.queue >= QUEUE_CORRUPT || !queue_id_valid(listed.id))
			return false;
		how = index_compare_listed(c->index, &one);
		if (how != INDEX_SAME)
			note(c, listed.id, one.queue, how);
	}
	return cursor_finished(&cursor);
}

static void note_missing(struct comparison *c)
{
	struct index_unseen missing[100];
	uint32_t from = 0;

	while (from != UINT32_MAX && c->now.count < DIFFERENCES_MAX) {
		size_t count = index_compare_missing(
		    c->index, &from, missing, sizeof(missing) / sizeof(missing[0]));

		for (size_t i = 0; i < count; i++)
			note(c, slice_of(missing[i].id), missing[i].queue, INDEX_NOT_LISTED);
	}
}

/* One that differed in both listings; NULL when there is none. */
static const struct difference *lasting(const struct comparison *c)
{
	for (size_t i = 0; c->again && i < c->now.count; i++)
		/* Few against few: both lists have DIFFERENCES_MAX entries at most. */
		for (size_t k = 0; k < c->before.count; k++)
			if (strcmp(c->now.list[i].where.id, c->before.list[k].where.id) == 0)
				return &c->now.list[i];
	return NULL;
}

static void tell(struct comparison *c, const struct difference *d)
{
	static const char *const hows[] = {
	    [INDEX_SAME] = "",
	    [INDEX_NOT_THERE] = "is listed, but was not found in the spool",
	    [INDEX_OTHER_MESSAGE] = "has another arrival time or size in the listing",
	    [INDEX_OTHER_QUEUE] = "is in another queue in the listing",
	    [INDEX_NOT_LISTED] = "is in the spool, but is not listed",
	};
	char text[256];

	snprintf(text, sizeof(text), "The spool and Postfix's own listing differ: %s %s.",
	    d->where.id, hows[d->how]);
	c->client.differs(c->client.context, slice_of(d->where.id), text);
}

static void look_anew(struct comparison *c)
{
	struct reader_proto_place *places = memory_alloc(DIFFERENCES_MAX * sizeof(*places));

	for (size_t i = 0; i < c->now.count; i++)
		places[i] = (struct reader_proto_place){
		    slice_of(c->now.list[i].where.id), (uint8_t)c->now.list[i].where.queue};
	c->lookup = c->client.lookup(c->client.context, places, c->now.count);
	free(places);
}

void comparison_end(struct comparison *c, bool complete)
{
	const struct difference *d;

	if (!complete) {
		comparison_abort(c);
		return;
	}
	note_missing(c);
	/* By ID alone: it may differ in another way now, and is still not as the listing has it. */
	d = lasting(c);
	if (d != NULL) {
		tell(c, d);
		comparison_abort(c);
		c->client.read_all(c->client.context);
	} else if (c->again || c->now.count == 0)
		comparison_abort(c);
	else
		look_anew(c);
}

bool comparison_looked(struct comparison *c, uint32_t number)
{
	/* The answer to a lookup of a comparison that was broken off. */
	if (number == 0 || number != c->lookup)
		return false;
	c->lookup = 0;
	forget(&c->before);
	/* Moved and not copied: the list of the second listing is made anew. */
	c->before = c->now;
	c->now = (struct differences){0};
	c->again = true;
	c->client.list(c->client.context);
	return true;
}
