/* Encoders and decoders of what a viewer is told to show, and of what it shows, piece by piece. */
#include "wire/viewer_proto.h"

void viewer_start_encode(struct buffer *frame, const struct viewer_start *start)
{
	frame_begin(frame, VIEWER_START, 0);
	buffer_put_u8(frame, (uint8_t)start->mode);
	buffer_put_u8(frame, (uint8_t)start->source);
	buffer_put_u32(frame, start->part);
	buffer_put_u32(frame, start->limits.text_bytes);
	buffer_put_u64(frame, start->limits.total_bytes);
}

bool viewer_start_decode(const struct frame *frame, struct viewer_start *start)
{
	struct cursor c = frame_cursor(frame);
	uint8_t mode = cursor_u8(&c);
	uint8_t source = cursor_u8(&c);

	start->mode = (enum viewer_mode)mode;
	start->source = (enum viewer_source)source;
	start->part = cursor_u32(&c);
	/* A limit may be any number: the viewer takes it only where it is lower than its own. */
	start->limits.text_bytes = cursor_u32(&c);
	start->limits.total_bytes = cursor_u64(&c);
	/* A number becomes an enum only after it was checked. */
	return frame->type == VIEWER_START && frame->fd_count == 1 && cursor_finished(&c) &&
	       mode >= VIEWER_MODE_CONTENT && mode <= VIEWER_MODE_HTML &&
	       source >= VIEWER_SOURCE_QUEUE_FILE && source <= VIEWER_SOURCE_RFC822;
}

/* Every string of a frame fits into it; the frame is its bound. */
static struct slice text(struct cursor *c)
{
	return cursor_string(c, WIRE_BODY_MAX);
}

void viewer_header_encode(struct buffer *frame, const struct viewer_header *header)
{
	frame_begin(frame, VIEWER_HEADER, 0);
	buffer_put_string(frame, header->name);
	buffer_put_string(frame, header->value);
	buffer_put_string(frame, header->raw);
	buffer_put_u8(frame, header->cut);
}

bool viewer_header_decode(const struct frame *frame, struct viewer_header *header)
{
	struct cursor c = frame_cursor(frame);

	header->name = text(&c);
	header->value = text(&c);
	header->raw = text(&c);
	header->cut = cursor_flag(&c);
	return frame->type == VIEWER_HEADER && cursor_finished(&c);
}

/* A time that is not known is said by its flag; 0 is a time like any other. */
void viewer_hop_encode(struct buffer *frame, const struct viewer_hop *hop)
{
	frame_begin(frame, VIEWER_HOP, 0);
	buffer_put_string(frame, hop->from);
	buffer_put_string(frame, hop->by);
	buffer_put_string(frame, hop->with);
	buffer_put_string(frame, hop->id);
	buffer_put_string(frame, hop->for_);
	buffer_put_u8(frame, hop->has_time);
	buffer_put_u8(frame, hop->has_delay);
	buffer_put_i64(frame, hop->time);
	buffer_put_i64(frame, hop->delay);
}

bool viewer_hop_decode(const struct frame *frame, struct viewer_hop *hop)
{
	struct cursor c = frame_cursor(frame);

	hop->from = text(&c);
	hop->by = text(&c);
	hop->with = text(&c);
	hop->id = text(&c);
	hop->for_ = text(&c);
	hop->has_time = cursor_flag(&c);
	hop->has_delay = cursor_flag(&c);
	hop->time = cursor_i64(&c);
	hop->delay = cursor_i64(&c);
	return frame->type == VIEWER_HOP && cursor_finished(&c);
}

void viewer_part_encode(struct buffer *frame, const struct viewer_part *part)
{
	frame_begin(frame, VIEWER_PART, 0);
	buffer_put_u32(frame, part->number);
	buffer_put_u32(frame, part->parent);
	buffer_put_u32(frame, part->depth);
	buffer_put_string(frame, part->type);
	buffer_put_string(frame, part->name);
	buffer_put_string(frame, part->disposition);
	buffer_put_string(frame, part->charset);
	buffer_put_string(frame, part->encoding);
	buffer_put_string(frame, part->content_id);
	buffer_put_u64(frame, part->size);
	buffer_put_u8(frame, part->container);
}

bool viewer_part_decode(const struct frame *frame, struct viewer_part *part)
{
	struct cursor c = frame_cursor(frame);

	part->number = cursor_u32(&c);
	part->parent = cursor_u32(&c);
	part->depth = cursor_u32(&c);
	part->type = text(&c);
	part->name = text(&c);
	part->disposition = text(&c);
	part->charset = text(&c);
	part->encoding = text(&c);
	part->content_id = text(&c);
	part->size = cursor_u64(&c);
	part->container = cursor_flag(&c);
	return frame->type == VIEWER_PART && cursor_finished(&c);
}

void viewer_text_encode(struct buffer *frame, const struct viewer_text *piece)
{
	frame_begin(frame, VIEWER_TEXT, 0);
	buffer_put_u32(frame, piece->part);
	buffer_put_u8(frame, piece->last);
	buffer_put_u8(frame, piece->cut);
	buffer_put_u8(frame, piece->damaged);
	buffer_put_string(frame, piece->text);
}

bool viewer_text_decode(const struct frame *frame, struct viewer_text *piece)
{
	struct cursor c = frame_cursor(frame);

	piece->part = cursor_u32(&c);
	piece->last = cursor_flag(&c);
	piece->cut = cursor_flag(&c);
	piece->damaged = cursor_flag(&c);
	piece->text = text(&c);
	return frame->type == VIEWER_TEXT && cursor_finished(&c);
}

void viewer_bytes_encode(struct buffer *frame, const struct viewer_bytes *bytes)
{
	frame_begin(frame, VIEWER_BYTES, 0);
	buffer_put_string(frame, bytes->bytes);
}

bool viewer_bytes_decode(const struct frame *frame, struct viewer_bytes *bytes)
{
	struct cursor c = frame_cursor(frame);

	bytes->bytes = text(&c);
	return frame->type == VIEWER_BYTES && cursor_finished(&c);
}

void viewer_note_encode(struct buffer *frame, enum viewer_type type, const struct viewer_note *note)
{
	frame_begin(frame, (uint8_t)type, 0);
	buffer_put_string(frame, note->code);
	buffer_put_string(frame, note->text);
}

bool viewer_note_decode(const struct frame *frame, struct viewer_note *note)
{
	struct cursor c = frame_cursor(frame);

	note->code = text(&c);
	note->text = text(&c);
	return (frame->type == VIEWER_NOTE || frame->type == VIEWER_FAILED) && cursor_finished(&c);
}

void viewer_end_encode(struct buffer *frame, const struct viewer_end *end)
{
	frame_begin(frame, VIEWER_END, 0);
	buffer_put_u64(frame, end->message_bytes);
	buffer_put_u8(frame, end->cut);
}

bool viewer_end_decode(const struct frame *frame, struct viewer_end *end)
{
	struct cursor c = frame_cursor(frame);

	end->message_bytes = cursor_u64(&c);
	end->cut = cursor_flag(&c);
	return frame->type == VIEWER_END && cursor_finished(&c);
}
