/* The eight bytes before every message, and the descriptors that came with it. */
#include "wire/frame.h"

#include "base/fd.h"

void frame_begin(struct buffer *b, uint8_t type, uint32_t request)
{
	buffer_clear(b);
	buffer_put_u8(b, WIRE_VERSION);
	buffer_put_u8(b, type);
	/* Reserved; the receiver refuses anything else, so it can get a meaning later. */
	buffer_put_u16(b, 0);
	buffer_put_u32(b, request);
}

/* The exchange gives the number, and it alone knows which are in use. */
void frame_set_request(struct buffer *b, uint32_t request)
{
	size_t len = b->len;

	b->len = WIRE_HEADER_SIZE - sizeof(request);
	buffer_put_u32(b, request);
	b->len = len;
}

bool frame_parse(const void *data, size_t len, struct frame *frame)
{
	struct cursor c = cursor_init(data, len);
	uint8_t version = cursor_u8(&c);
	uint16_t zero;

	frame->type = cursor_u8(&c);
	zero = cursor_u16(&c);
	frame->request = cursor_u32(&c);
	frame->body = cursor_rest(&c);
	return !c.failed && version == WIRE_VERSION && zero == 0;
}

struct cursor frame_cursor(const struct frame *frame)
{
	return cursor_init(frame->body.data, frame->body.len);
}

int frame_fd(const struct frame *frame, size_t index)
{
	return index < frame->fd_count ? frame->fds[index] : -1;
}

int frame_take_fd(struct frame *frame, size_t index)
{
	int fd;

	if (index >= frame->fd_count)
		return -1;
	fd = frame->fds[index];
	/* So that frame_close leaves it to whoever took it. */
	frame->fds[index] = -1;
	return fd;
}

void frame_close(struct frame *frame)
{
	fd_close_all(frame->fds, frame->fd_count);
	frame->fd_count = 0;
}
