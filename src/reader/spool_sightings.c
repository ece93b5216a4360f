/* Asks the server which of the messages that were seen it wants read. Sightings wait here, go out
 * many to a frame, and each frame is answered by a bit for each. Frames are answered in the order
 * in which they were sent, and only a few are on their way at a time. */
#include "reader/spool_sightings.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/reader_proto.h"

struct waiting {
	struct spool_item item;
	struct spool_sighting seen;
};

/* One frame that has no answer yet. */
struct sent {
	uint32_t number;
	size_t count;
	struct spool_item items[READER_PROTO_SIGHTINGS_MAX];
};

struct spool_sightings {
	struct spool_sightings_client client;
	struct waiting *waiting; /* first in, first out */
	size_t first, end, capacity;
	struct sent *sent[READER_PROTO_SIGHTINGS_AHEAD];
	size_t sent_count; /* in the order in which they were sent */
	uint32_t number;
};

struct spool_sightings *spool_sightings_create(const struct spool_sightings_client *client)
{
	struct spool_sightings *s = memory_zero(1, sizeof(*s));

	s->client = *client;
	return s;
}

void spool_sightings_forget(struct spool_sightings *s)
{
	free(s->waiting);
	s->waiting = NULL;
	s->first = s->end = s->capacity = 0;
}

void spool_sightings_destroy(struct spool_sightings **pointer)
{
	struct spool_sightings *s = *pointer;

	if (s == NULL)
		return;
	spool_sightings_forget(s);
	for (size_t i = 0; i < s->sent_count; i++)
		free(s->sent[i]);
	free(s);
	*pointer = NULL;
}

void spool_sightings_add(
    struct spool_sightings *s, const struct spool_item *item, const struct spool_sighting *seen)
{
	if (s->end == s->capacity) {
		s->capacity = s->capacity == 0 ? 256 : s->capacity * 2;
		s->waiting = memory_resize(s->waiting, s->capacity, sizeof(*s->waiting));
	}
	s->waiting[s->end++] = (struct waiting){*item, *seen};
}

/* Numbers stay below those of the job engine's questions, and are not 0. */
static uint32_t next_number(struct spool_sightings *s)
{
	s->number = s->number == INT32_MAX ? 1 : s->number + 1;
	return s->number;
}

static void send_some(struct spool_sightings *s, size_t count)
{
	struct reader_proto_sighting *list = memory_alloc(count * sizeof(*list));
	struct sent *sent = memory_alloc(sizeof(*sent));
	BUFFER_AUTO struct buffer frame = {0};

	sent->number = next_number(s);
	sent->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct waiting *w = &s->waiting[s->first + i];

		sent->items[i] = w->item;
		list[i] = (struct reader_proto_sighting){slice_of(w->item.id), w->item.queue,
		    w->seen.signature, w->seen.log_stamp, w->seen.mtime};
	}
	reader_proto_sightings_frame(&frame, sent->number, list, count);
	free(list);
	s->sent[s->sent_count++] = sent;
	s->first += count;
	if (s->first == s->end)
		spool_sightings_forget(s);
	s->client.send(s->client.context, &frame);
}

void spool_sightings_pump(struct spool_sightings *s)
{
	while (s->first < s->end && s->sent_count < READER_PROTO_SIGHTINGS_AHEAD &&
	       !s->client.congested(s->client.context)) {
		size_t count = s->end - s->first;

		send_some(
		    s, count < READER_PROTO_SIGHTINGS_MAX ? count : READER_PROTO_SIGHTINGS_MAX);
	}
}

bool spool_sightings_wanted(struct spool_sightings *s, const struct frame *frame)
{
	struct sent *sent = s->sent_count > 0 ? s->sent[0] : NULL;
	const uint8_t *bits;

	/* An answer to anything but the oldest frame is no answer: bits would go to the wrong
	 * messages. */
	if (sent == NULL || sent->number != frame->request ||
	    !reader_proto_read_wanted(frame, sent->count, &bits))
		return false;
	/* Taken out first: telling of an answer can send the next frame. */
	s->sent_count--;
	memmove(s->sent, s->sent + 1, s->sent_count * sizeof(s->sent[0]));
	for (size_t i = 0; i < sent->count; i++)
		s->client.answered(s->client.context, &sent->items[i], reader_proto_bit(bits, i));
	free(sent);
	return true;
}

size_t spool_sightings_pending(const struct spool_sightings *s)
{
	size_t count = s->end - s->first;

	for (size_t i = 0; i < s->sent_count; i++)
		count += s->sent[i]->count;
	return count;
}

bool spool_sightings_all_sent(const struct spool_sightings *s)
{
	return s->first == s->end;
}
