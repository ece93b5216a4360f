/* Frames between reader and server: single ones, then the writer that fills a frame with messages
 * and sends it when it is full, then the inbox that takes them out again. A message larger than a
 * frame goes in parts. */
#include "wire/reader_proto.h"

#include "base/utf8.h"

/* A message that is larger than this goes in parts: the rest of a frame is left for its header. */
#define PART_MAX (WIRE_BODY_MAX - 16)

static void put_text(struct buffer *b, struct slice text)
{
	/* Cut between two characters, as it goes on to people as JSON. */
	buffer_put_string(b, utf8_first(text, READER_PROTO_TEXT_MAX));
}

void reader_proto_status_frame(struct buffer *frame, const struct reader_proto_status *status)
{
	frame_begin(frame, READER_PROTO_STATUS, 0);
	buffer_put_u8(frame, (uint8_t)status->source);
	buffer_put_u8(frame, status->healthy);
	put_text(frame, status->code);
	put_text(frame, status->why);
}

bool reader_proto_read_status(const struct frame *f, struct reader_proto_status *status)
{
	struct cursor c = frame_cursor(f);
	uint8_t source = cursor_u8(&c);

	status->source = (enum reader_proto_source)source;
	status->healthy = cursor_u8(&c) != 0;
	status->code = cursor_string(&c, READER_PROTO_TEXT_MAX);
	status->why = cursor_string(&c, READER_PROTO_TEXT_MAX);
	return source <= READER_PROTO_SOURCE_LISTING && cursor_finished(&c);
}

void reader_proto_scan_frame(
    struct buffer *frame, enum reader_proto_type type, const struct reader_proto_scan *scan)
{
	frame_begin(frame, (uint8_t)type, 0);
	buffer_put_u64(frame, scan->number);
	buffer_put_u8(frame, (uint8_t)scan->source);
	buffer_put_u8(frame, scan->reset);
	buffer_put_u8(frame, scan->complete);
	buffer_put_i64(frame, scan->started_us);
	buffer_put_u64(frame, scan->done);
	buffer_put_u64(frame, scan->expected);
	buffer_put_u64(frame, scan->read);
	buffer_put_u64(frame, scan->corrupt);
	put_text(frame, scan->error);
}

bool reader_proto_read_scan(const struct frame *f, struct reader_proto_scan *scan)
{
	struct cursor c = frame_cursor(f);
	uint8_t source;

	scan->number = cursor_u64(&c);
	source = cursor_u8(&c);
	scan->source = (enum reader_proto_source)source;
	scan->reset = cursor_u8(&c) != 0;
	scan->complete = cursor_u8(&c) != 0;
	scan->started_us = cursor_i64(&c);
	scan->done = cursor_u64(&c);
	scan->expected = cursor_u64(&c);
	scan->read = cursor_u64(&c);
	scan->corrupt = cursor_u64(&c);
	scan->error = cursor_string(&c, READER_PROTO_TEXT_MAX);
	return source <= READER_PROTO_SOURCE_LISTING && cursor_finished(&c);
}

void reader_proto_warning_frame(struct buffer *frame, const struct reader_proto_warning *warning)
{
	frame_begin(frame, READER_PROTO_WARNING, 0);
	put_text(frame, warning->code);
	put_text(frame, warning->id);
	put_text(frame, warning->text);
}

bool reader_proto_read_warning(const struct frame *f, struct reader_proto_warning *warning)
{
	struct cursor c = frame_cursor(f);

	warning->code = cursor_string(&c, READER_PROTO_TEXT_MAX);
	warning->id = cursor_string(&c, READER_PROTO_TEXT_MAX);
	warning->text = cursor_string(&c, READER_PROTO_TEXT_MAX);
	return cursor_finished(&c);
}

void reader_proto_refreshed_frame(struct buffer *frame, enum reader_proto_type type,
    uint32_t request, const struct reader_proto_refreshed *refreshed)
{
	frame_begin(frame, (uint8_t)type, request);
	buffer_put_u8(frame, refreshed->complete);
	put_text(frame, refreshed->error);
}

bool reader_proto_read_current(const struct frame *f, int64_t *now_us)
{
	struct cursor c = frame_cursor(f);

	*now_us = cursor_i64(&c);
	return f->type == READER_PROTO_CURRENT && cursor_finished(&c);
}

bool reader_proto_read_refreshed(const struct frame *f, struct reader_proto_refreshed *refreshed)
{
	struct cursor c = frame_cursor(f);

	refreshed->complete = cursor_u8(&c) != 0;
	refreshed->error = cursor_string(&c, READER_PROTO_TEXT_MAX);
	return cursor_finished(&c);
}

void reader_proto_current_frame(struct buffer *frame, int64_t now_us)
{
	frame_begin(frame, READER_PROTO_CURRENT, 0);
	buffer_put_i64(frame, now_us);
}

void reader_proto_refresh_frame(struct buffer *frame, uint32_t request)
{
	frame_begin(frame, READER_PROTO_REFRESH, request);
}

void reader_proto_read_frame(
    struct buffer *frame, uint32_t request, const struct slice *ids, size_t count)
{
	frame_begin(frame, READER_PROTO_READ, request);
	for (size_t i = 0; i < count && i < READER_PROTO_READ_IDS_MAX; i++)
		buffer_put_string(frame, slice_first(ids[i], READER_PROTO_ID_MAX));
}

bool reader_proto_read_ids(const struct frame *f, struct slice *ids, size_t *count)
{
	struct cursor c = frame_cursor(f);

	*count = 0;
	/* One too many leaves bytes behind, and the frame is refused. */
	while (c.left > 0 && !c.failed && *count < READER_PROTO_READ_IDS_MAX)
		ids[(*count)++] = cursor_string(&c, READER_PROTO_ID_MAX);
	return cursor_finished(&c);
}

/* --- Sightings --- */

void reader_proto_sightings_frame(struct buffer *frame, uint32_t request,
    const struct reader_proto_sighting *sightings, size_t count)
{
	frame_begin(frame, READER_PROTO_SIGHTINGS, request);
	for (size_t i = 0; i < count && i < READER_PROTO_SIGHTINGS_MAX; i++) {
		const struct reader_proto_sighting *s = &sightings[i];

		buffer_put_string(frame, slice_first(s->id, READER_PROTO_ID_MAX));
		buffer_put_u8(frame, s->queue);
		buffer_put_u32(frame, s->signature);
		buffer_put_u32(frame, s->log_stamp);
		buffer_put_i64(frame, s->mtime);
	}
}

bool reader_proto_read_sightings(
    const struct frame *f, struct reader_proto_sighting *sightings, size_t *count)
{
	struct cursor c = frame_cursor(f);

	*count = 0;
	while (c.left > 0 && !c.failed && *count < READER_PROTO_SIGHTINGS_MAX) {
		struct reader_proto_sighting *s = &sightings[(*count)++];

		s->id = cursor_string(&c, READER_PROTO_ID_MAX);
		s->queue = cursor_u8(&c);
		s->signature = cursor_u32(&c);
		s->log_stamp = cursor_u32(&c);
		s->mtime = cursor_i64(&c);
	}
	return cursor_finished(&c);
}

void reader_proto_wanted_frame(
    struct buffer *frame, uint32_t request, const uint8_t *bits, size_t count)
{
	frame_begin(frame, READER_PROTO_WANTED, request);
	buffer_append(frame, bits, (count + 7) / 8);
}

bool reader_proto_read_wanted(const struct frame *f, size_t count, const uint8_t **bits)
{
	*bits = (const uint8_t *)f->body.data;
	/* The receiver knows how many it asked about. Any other length belongs to another question.
	 */
	return f->body.len == (count + 7) / 8;
}

bool reader_proto_bit(const uint8_t *bits, size_t index)
{
	return (bits[index / 8] >> (index % 8) & 1) != 0;
}

void reader_proto_look_frame(
    struct buffer *frame, uint32_t request, const struct reader_proto_place *places, size_t count)
{
	frame_begin(frame, READER_PROTO_LOOK, request);
	for (size_t i = 0; i < count && i < READER_PROTO_READ_IDS_MAX; i++) {
		buffer_put_string(frame, slice_first(places[i].id, READER_PROTO_ID_MAX));
		buffer_put_u8(frame, places[i].queue);
	}
}

bool reader_proto_read_places(
    const struct frame *f, struct reader_proto_place *places, size_t *count)
{
	struct cursor c = frame_cursor(f);

	*count = 0;
	while (c.left > 0 && !c.failed && *count < READER_PROTO_READ_IDS_MAX) {
		struct reader_proto_place *place = &places[(*count)++];

		place->id = cursor_string(&c, READER_PROTO_ID_MAX);
		place->queue = cursor_u8(&c);
	}
	return cursor_finished(&c);
}

bool reader_proto_read_listed(struct cursor *c, struct reader_proto_listed *listed)
{
	if (c->left == 0 || c->failed)
		return false;
	listed->id = cursor_string(c, READER_PROTO_ID_MAX);
	listed->queue = cursor_u8(c);
	listed->arrival = cursor_i64(c);
	listed->size = cursor_u64(c);
	return !c->failed;
}

void reader_proto_plain_frame(struct buffer *frame, enum reader_proto_type type, uint32_t request)
{
	frame_begin(frame, (uint8_t)type, request);
}

/* --- The writer --- */

static void send(struct reader_proto_writer *w, const struct buffer *frame)
{
	/* One failure ends it for good: a reader that goes on would send pieces of a story. */
	if (!w->failed && (w->channel == NULL || !channel_send(w->channel, frame, NULL, 0)))
		w->failed = true;
}

bool reader_proto_writer_flush(struct reader_proto_writer *w)
{
	if (w->type != 0)
		send(w, &w->frame);
	w->type = 0;
	return !w->failed;
}

void reader_proto_writer_free(struct reader_proto_writer *w)
{
	buffer_free(&w->frame);
	*w = (struct reader_proto_writer){0};
}

/* A frame of that type with room for `size` more bytes. */
static struct buffer *frame_with_room(
    struct reader_proto_writer *w, enum reader_proto_type type, uint32_t request, size_t size)
{
	/* A frame has messages of one kind and one question, so what was gathered goes out first.
	 */
	if (w->type != type || w->request != request || size > WIRE_FRAME_MAX - w->frame.len)
		reader_proto_writer_flush(w);
	if (w->type == 0)
		frame_begin(&w->frame, (uint8_t)type, request);
	w->type = (uint8_t)type;
	w->request = request;
	return &w->frame;
}

static void send_parts(struct reader_proto_writer *w, uint32_t request, struct slice bytes)
{
	uint64_t total = bytes.len;

	while (bytes.len > 0) {
		struct slice part = slice_first(bytes, PART_MAX);
		/* 12: the total before the piece (8), and the piece's length (4). */
		struct buffer *frame =
		    frame_with_room(w, READER_PROTO_PART, request, part.len + 12);

		buffer_put_u64(frame, total);
		buffer_put_string(frame, part);
		reader_proto_writer_flush(w);
		bytes = slice_from(bytes, part.len);
	}
}

/* The length stands before the bytes, and is known behind them. */
#define LENGTH_SIZE sizeof(uint32_t)

/* The message is encoded straight into the frame. Of millions, few have to be moved or taken back.
 */
struct buffer *reader_proto_writer_begin(struct reader_proto_writer *w, uint32_t request)
{
	struct buffer *frame = frame_with_room(w, READER_PROTO_UPSERT, request, LENGTH_SIZE);

	w->message_at = frame->len;
	buffer_put_u32(frame, 0);
	return frame;
}

struct slice reader_proto_writer_begun(const struct reader_proto_writer *w)
{
	return slice_from(buffer_slice(&w->frame), w->message_at + LENGTH_SIZE);
}

/* As if nothing had been begun: a frame without a message is none. */
static void take_back(struct reader_proto_writer *w)
{
	w->frame.len = w->message_at;
	if (w->frame.len == WIRE_HEADER_SIZE)
		w->type = 0;
}

/* There is no room for it behind the others: it begins the next frame, or goes in parts. */
static void move_on(struct reader_proto_writer *w)
{
	BUFFER_AUTO struct buffer bytes = {0};

	buffer_append_slice(&bytes, reader_proto_writer_begun(w));
	take_back(w);
	if (bytes.len > WIRE_BODY_MAX - LENGTH_SIZE)
		send_parts(w, w->request, buffer_slice(&bytes));
	else
		buffer_put_string(
		    frame_with_room(w, READER_PROTO_UPSERT, w->request, bytes.len + LENGTH_SIZE),
		    buffer_slice(&bytes));
}

bool reader_proto_writer_end(struct reader_proto_writer *w, bool send)
{
	size_t end = w->frame.len, size = reader_proto_writer_begun(w).len;

	/* A message of that size is left out whole: half of one would be shown as if it were all.
	 */
	if (!send || size > READER_PROTO_MESSAGE_MAX) {
		take_back(w);
		return !send;
	}
	/* Only now is it known how long it has become; the buffer has grown to hold it. */
	if (end > WIRE_FRAME_MAX) {
		move_on(w);
		return true;
	}
	w->frame.len = w->message_at;
	buffer_put_u32(&w->frame, (uint32_t)size);
	w->frame.len = end;
	return true;
}

void reader_proto_writer_remove(struct reader_proto_writer *w, struct slice id, uint8_t queue)
{
	struct buffer *frame;

	id = slice_first(id, READER_PROTO_ID_MAX);
	/* 5: the ID's length (4) and the queue (1). */
	frame = frame_with_room(w, READER_PROTO_REMOVE, 0, id.len + 5);
	buffer_put_string(frame, id);
	buffer_put_u8(frame, queue);
}

void reader_proto_writer_absent(struct reader_proto_writer *w, uint32_t request, struct slice id)
{
	id = slice_first(id, READER_PROTO_ID_MAX);
	buffer_put_string(frame_with_room(w, READER_PROTO_ABSENT, request, id.len + 4), id);
}

void reader_proto_writer_listed(
    struct reader_proto_writer *w, const struct reader_proto_listed *listed)
{
	struct slice id = slice_first(listed->id, READER_PROTO_ID_MAX);
	/* 21: the ID's length (4), the queue (1), arrival and size (8 each). */
	struct buffer *frame = frame_with_room(w, READER_PROTO_LISTED, 0, id.len + 21);

	buffer_put_string(frame, id);
	buffer_put_u8(frame, listed->queue);
	buffer_put_i64(frame, listed->arrival);
	buffer_put_u64(frame, listed->size);
}

void reader_proto_writer_frame(struct reader_proto_writer *w, const struct buffer *frame)
{
	reader_proto_writer_flush(w);
	send(w, frame);
}

/* --- The inbox --- */

void reader_proto_inbox_free(struct reader_proto_inbox *inbox)
{
	buffer_free(&inbox->parts);
	*inbox = (struct reader_proto_inbox){0};
}

static bool take_part(struct reader_proto_inbox *inbox, const struct frame *f,
    reader_proto_message_fn fn, void *context)
{
	struct cursor c = frame_cursor(f);
	uint64_t total = cursor_u64(&c);
	struct slice part = cursor_string(&c, WIRE_BODY_MAX);
	/* The first part says how long the message is, and the others have to agree. */
	bool first = inbox->parts.len == 0;

	/* An empty part would go on for ever, and a longer one than is left would overflow what was
	 * announced. */
	if (!cursor_finished(&c) || total > READER_PROTO_MESSAGE_MAX || part.len == 0 ||
	    part.len > total - (first ? 0 : inbox->parts.len) ||
	    (!first && (total != inbox->expected || f->request != inbox->request))) {
		buffer_clear(&inbox->parts);
		return false;
	}
	inbox->expected = total;
	inbox->request = f->request;
	buffer_append_slice(&inbox->parts, part);
	if (inbox->parts.len < total)
		return true;
	fn(context, f->request, buffer_slice(&inbox->parts));
	/* A message of this size is rare: its memory is given back. */
	buffer_free(&inbox->parts);
	return true;
}

bool reader_proto_inbox_messages(struct reader_proto_inbox *inbox, const struct frame *f,
    reader_proto_message_fn fn, void *context)
{
	struct cursor c = frame_cursor(f);

	if (f->type == READER_PROTO_PART)
		return take_part(inbox, f, fn, context);
	/* The parts of one message follow each other. */
	if (inbox->parts.len > 0) {
		buffer_clear(&inbox->parts);
		return false;
	}
	while (c.left > 0 && !c.failed) {
		struct slice bytes = cursor_string(&c, WIRE_BODY_MAX);

		if (!c.failed)
			fn(context, f->request, bytes);
	}
	return cursor_finished(&c);
}

bool reader_proto_inbox_removals(const struct frame *f, reader_proto_removal_fn fn, void *context)
{
	struct cursor c = frame_cursor(f);

	while (c.left > 0 && !c.failed) {
		struct reader_proto_removal removal;

		removal.id = cursor_string(&c, READER_PROTO_ID_MAX);
		removal.queue = cursor_u8(&c);
		if (!c.failed)
			fn(context, &removal);
	}
	return cursor_finished(&c);
}
