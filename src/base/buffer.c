/* Capacity doubles, so that appending a byte at a time costs little. A NUL is put behind the
 * bytes only when buffer_string asks for one. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){0};
}

void buffer_clear(struct buffer *b)
{
	b->len = 0;
}

/* The room is the caller's until the next append: he writes and adds to `len` himself. */
char *buffer_reserve(struct buffer *b, size_t more)
{
	/* Also for nothing at all: a pointer to somewhere, that offsets may be added to. */
	if (b->data == NULL || more > b->cap - b->len) {
		size_t cap = b->cap < 64 ? 64 : b->cap;

		/* Doubling, so that appending byte by byte stays linear. A size that could overflow
		 * here would have failed as an allocation long before. */
		while (cap - b->len < more)
			cap *= 2;
		b->data = memory_resize(b->data, cap, 1);
		b->cap = cap;
	}
	return b->data + b->len;
}

void buffer_append(struct buffer *b, const void *data, size_t len)
{
	if (len == 0)
		return;
	memcpy(buffer_reserve(b, len), data, len);
	b->len += len;
}

void buffer_append_slice(struct buffer *b, struct slice s)
{
	buffer_append(b, s.data, s.len);
}

void buffer_append_string(struct buffer *b, const char *s)
{
	buffer_append(b, s, strlen(s));
}

void buffer_append_char(struct buffer *b, char c)
{
	buffer_append(b, &c, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	/* Measured first: a text is never cut, whatever is in it. */
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return;
	va_start(args, format);
	vsnprintf(buffer_reserve(b, (size_t)len + 1), (size_t)len + 1, format, args);
	va_end(args);
	b->len += (size_t)len;
}

/* What is left moves to the front; readers of lines do so once for each line, and lines are short.
 */
void buffer_append_percent(struct buffer *b, struct slice s)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] != '\0' && strchr(plain, s.data[i]) != NULL)
			buffer_append_char(b, s.data[i]);
		else
			buffer_printf(b, "%%%02X", (unsigned char)s.data[i]);
}

void buffer_consume(struct buffer *b, size_t len)
{
	if (len > b->len)
		len = b->len;
	if (len == 0)
		return;
	memmove(b->data, b->data + len, b->len - len);
	b->len -= len;
}

const char *buffer_string(struct buffer *b)
{
	/* Behind the end and not counted: the buffer can still be appended to. */
	*buffer_reserve(b, 1) = '\0';
	return b->data;
}

struct slice buffer_slice(const struct buffer *b)
{
	return (struct slice){b->data, b->len};
}

static void put_little_endian(struct buffer *b, uint64_t v, size_t bytes)
{
	char *at = buffer_reserve(b, bytes);

	for (size_t i = 0; i < bytes; i++)
		/* Byte by byte, so that the order is the same on every machine and nothing needs to
		 * be aligned. */
		at[i] = (char)(v >> (8 * i));
	b->len += bytes;
}

void buffer_put_u8(struct buffer *b, uint8_t v)
{
	put_little_endian(b, v, 1);
}

void buffer_put_u16(struct buffer *b, uint16_t v)
{
	put_little_endian(b, v, 2);
}

void buffer_put_u32(struct buffer *b, uint32_t v)
{
	put_little_endian(b, v, 4);
}

void buffer_put_u64(struct buffer *b, uint64_t v)
{
	put_little_endian(b, v, 8);
}

void buffer_put_i64(struct buffer *b, int64_t v)
{
	put_little_endian(b, (uint64_t)v, 8);
}

void buffer_put_string(struct buffer *b, struct slice s)
{
	buffer_put_u32(b, (uint32_t)s.len);
	buffer_append_slice(b, s);
}
